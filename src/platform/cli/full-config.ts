/** oclif's whole Config, with every command's description from the manifest: for help and completion only. */
import { Config } from '@oclif/core/config';

export async function loadConfig(root: string): Promise<Config> {
  return Config.load({ root, name: 'ds' });
}
