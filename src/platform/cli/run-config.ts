/**
 * What running a command takes of oclif's Config. Config.load() reads package.json, the manifest and a theme, scans for
 * plugins and took 60 ms here (`hyperfine -N 'node bin/run.js seq next'`, Node 20), half of a whole `node -e 0`; help and
 * completion still use it (full-config.ts), running a command needs none of that.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@oclif/core/config';

const NO_HOOKS = { failures: [], successes: [] };

export function makeRunConfig(root: string): Config {
  const config = {
    bin: 'ds',
    root,
    topicSeparator: ' ',
    get version() {
      return readVersion(root);
    },
    runHook: async () => NO_HOOKS,
  };
  // oclif's Command asks for a whole Config, yet constructor, parse() and run() read nothing but the above.
  return config as unknown as Config;
}

export function readVersion(root: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return version;
}
