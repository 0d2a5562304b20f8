/** Which blocks `ds up` runs, and with what options. */
import { loadConfig, type SchemaSource } from '../config/file.js';
import type { RawOptions } from './block.js';
import { type BlockCatalogue, findBlock } from './thread.js';

export interface ChosenBlock {
  readonly name: string;
  readonly options: RawOptions;
}

/**
 * The blocks named, with the options that ds.yaml has for them; without names those of ds.yaml; without that, all.
 * Errors: `daemon.unknown_block`, `config.invalid`, `config.not_found`.
 */
export async function chooseBlocks(
  catalogue: BlockCatalogue,
  names: readonly string[],
  configPath: string | undefined,
  folder: string,
): Promise<ChosenBlock[]> {
  for (const name of names) await findBlock(catalogue, name);
  const schemas: SchemaSource = Object.fromEntries(
    Object.entries(catalogue).map(([name, load]) => [name, async () => (await load()).options]),
  );
  const configured = await loadConfig(configPath, folder, schemas);
  const optionsOf = (name: string) => configured?.find((block) => block.name === name)?.options ?? {};
  if (names.length > 0) return [...new Set(names)].map((name) => ({ name, options: optionsOf(name) }));
  if (configured !== undefined && configured.length > 0) return configured;
  return Object.keys(catalogue).map((name) => ({ name, options: {} }));
}
