/** oclif's whole Config, with every command's description from the manifest: for help and completion only. */
import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';

export async function loadConfig(root: string): Promise<Config> {
  // Else oclif, seeing a tsconfig.json, looks for the sources and loads the TypeScript compiler for that.
  settings.enableAutoTranspile = false;
  return Config.load({ root });
}

/** Runs a command of an oclif plugin: `autocomplete`. */
export async function runPluginCommand(root: string, words: readonly string[], argv: readonly string[]): Promise<void> {
  const config = await loadConfig(root);
  const id = words.slice(0, 2).join(':');
  const depth = config.findCommand(id) === undefined ? 1 : Math.min(words.length, 2);
  await config.runCommand(words.slice(0, depth).join(':'), argv.slice(depth));
}
