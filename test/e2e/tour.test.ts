import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { catalogue } from '../../src/blocks/catalogue.js';
import { NO_COMPILE_CACHE, runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const BLOCKS = Object.keys(catalogue);
const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

test('the tour shows every block answering, and leaves nothing behind', async () => {
  const temporary = temporaryFolder();
  const home = temporaryFolder();
  const { code, stdout, stderr } = await runDs(['tour'], { home, env: { TMPDIR: temporary, ...NO_COMPILE_CACHE } });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(rows.map(([block, did]) => [block, did])).toContainEqual(['seq', 'three snowflake IDs']);
  expect(new Set(rows.map(([block]) => block))).toEqual(new Set(BLOCKS));
  for (const row of rows) expect(row.at(-1)).toBe('ok');
  const all = BLOCKS.length;
  expect(stderr).toMatch(
    new RegExp(`^${all} of ${all} blocks answered in \\d+\\.\\d s\\.  Next: ds up, then ds <block> --help`, 'm'),
  );
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(home)).toEqual([]);
});

test('an interrupted tour leaves nothing behind, either', async () => {
  const temporary = temporaryFolder();
  const child = execFile(process.execPath, [RUN, 'tour'], {
    env: { ...process.env, TMPDIR: temporary, ...NO_COMPILE_CACHE },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  await waitFor(() => readdirSync(temporary).some((name) => existsSync(join(temporary, name, 'seq.db'))));
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(readdirSync(temporary)).toEqual([]);
});
