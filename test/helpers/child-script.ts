import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

export interface ChildScript {
  /** A file that plain `node` runs. */
  readonly path: string;
  remove(): void;
}

/** Makes a TypeScript file of the tests runnable in a process of its own. It lies where its packages can be found. */
export async function buildChildScript(source: URL): Promise<ChildScript> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'ds-test-'));
  const path = join(folder, 'child.mjs');
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: path,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
