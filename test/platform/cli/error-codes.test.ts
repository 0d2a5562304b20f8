import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadErrors } from '../../../src/platform/cli/reference/error-catalogues.js';
import { writeReference } from '../../../src/platform/cli/reference/write.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** As a string literal, not as the key of a definition: `'storage.locked'`. */
const CODE = /'([a-z]+\.[a-z][a-z0-9_]*)'(?!\s*:)/g;

function sources(): { readonly path: string; readonly text: string }[] {
  return ['src', 'commands'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({ path: join(folder, file), text: readFileSync(join(ROOT, folder, file), 'utf8') })),
  );
}

test('every code of a catalogue is used, and every code used is in a catalogue', async () => {
  const known = new Set((await loadErrors(ROOT)).map(({ code }) => code));
  const users = sources();
  const used = new Set(users.flatMap(({ text }) => [...text.matchAll(CODE)].map(([, code]) => code ?? '')));
  expect([...known].filter((code) => !used.has(code))).toEqual([]);

  const areas = new Set([...known].map((code) => code.split('.')[0]));
  const likeCodes = [...used].filter((text) => areas.has(text.split('.')[0]));
  expect(likeCodes.filter((text) => !known.has(text) && isThrown(text, users))).toEqual([]);
});

/** A string that only looks like a code (a file name) is not passed to an error. */
function isThrown(code: string, users: readonly { readonly text: string }[]): boolean {
  return users.some(({ text }) => new RegExp(`(?:error|DsError)\\(\\s*'${code.replace('.', '\\.')}'`).test(text));
}

test('no code stands in two catalogues', async () => {
  const codes = (await loadErrors(ROOT)).map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)]);
});

test('manifest, command reference and commands/ERRORS.md are what the commands and catalogues say', async () => {
  expect(await writeReference(ROOT, true), 'stale; run: npm run reference').toEqual([]);
});
