/** Writes what is generated from the built commands: the manifest, the reference, the list of errors. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { describe, type Manifest } from '../help/descriptions.js';
import { loadErrors } from './error-catalogues.js';
import { blockPage, errorsPage, indexPage } from './markdown.js';

/** Resolves to the paths whose content was not as it should be; with `check` they are left so. */
export async function writeReference(root: string, check: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of await referenceFiles(root)) {
    const file = join(root, path);
    if (readIfThere(file) === content) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return stale;
}

async function referenceFiles(root: string): Promise<[path: string, content: string][]> {
  const manifest = await readCommands(root);
  const descriptions = describe(root, manifest);
  return [
    ['oclif.manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ['commands/README.md', indexPage(descriptions)],
    ['commands/ERRORS.md', errorsPage(await loadErrors(root))],
    ...Object.keys(descriptions.topics).map((block): [string, string] => [
      `commands/${block}/README.md`,
      blockPage(descriptions, block),
    ]),
  ];
}

/** oclif's manifest, from the classes, in an order that does not depend on the file system. */
async function readCommands(root: string): Promise<Manifest & { readonly version: string }> {
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
  await plugin.load();
  const { commands, version } = plugin.manifest;
  return JSON.parse(JSON.stringify({ commands: Object.fromEntries(Object.entries(commands).sort()), version }));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
