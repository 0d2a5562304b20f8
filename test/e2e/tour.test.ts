import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('the tour shows every block answering, and leaves nothing behind', async () => {
  const temporary = temporaryFolder();
  const home = temporaryFolder();
  const { code, stdout, stderr } = await runDs(['tour'], { home, env: { TMPDIR: temporary } });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(rows.map(([block, did]) => [block, did])).toContainEqual(['seq', 'three snowflake IDs']);
  for (const row of rows) expect(row.at(-1)).toBe('ok');
  expect(stderr).toMatch(/1 of 1 block answered in \d+\.\d s\. {2}Next: ds up, then ds <block> --help/);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(home)).toEqual([]);
});

test('the tour as a document', async () => {
  expect(await runDsJson(['tour'])).toMatchObject({
    blocks: 1,
    answered: 1,
    stops: expect.arrayContaining([
      {
        block: 'seq',
        did: 'three snowflake IDs',
        through: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+$/),
        answer: expect.stringContaining('rising'),
        ok: true,
        duration_ms: expect.any(Number),
      },
    ]),
  });
});
