import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { claimRecord } from '../../../../src/blocks/blob/transfer/record.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const WEEK_SECONDS = 7 * 86_400;

test('a record outlives its process; a week after its last change another one removes it', async () => {
  const home = temporaryFolder();
  const folder = join(home, 'blob-transfers');
  const context = { home, random: systemRandom, clock: systemClock };
  const read = (value: unknown) => (typeof value === 'number' ? value : undefined);
  await (await claimRecord(context, ['mine'], read))?.save(5);
  const [mine = ''] = readdirSync(folder);
  const changedAgo = (name: string, seconds: number) => {
    const at = Date.now() / 1000 - seconds;
    utimesSync(join(folder, name), at, at);
  };
  for (const name of ['old.json', 'old.json.0123456789ab', 'young.json']) {
    writeFileSync(join(folder, name), '{}');
    changedAgo(name, name === 'young.json' ? WEEK_SECONDS - 60 : WEEK_SECONDS + 60);
  }
  const received = (name: string) => join(home, name);
  const part = (digit: string) => `.ds-${digit.repeat(18)}.ds-part`;
  for (const [record, name, seconds] of [
    ['old-a.json', part('a'), WEEK_SECONDS + 60],
    ['old-b.json', part('b'), 60],
    ['old-c.json', 'notes.txt', WEEK_SECONDS + 60],
  ] as const) {
    writeFileSync(received(name), 'received');
    changedAgo(join('..', name), seconds);
    writeFileSync(join(folder, record), JSON.stringify({ owner: { pid: 1 }, state: { temporary: received(name) } }));
    changedAgo(record, WEEK_SECONDS + 60);
  }
  mkdirSync(join(folder, 'no-record'));
  changedAgo('no-record', WEEK_SECONDS + 60);
  changedAgo(mine, WEEK_SECONDS + 60);
  const again = await claimRecord(context, ['mine'], read);
  expect(again?.found).toBe(5);
  expect(readdirSync(folder).sort()).toEqual([mine, 'no-record', 'young.json'].sort());
  expect([part('a'), part('b'), 'notes.txt'].map((name) => existsSync(received(name)))).toEqual([false, true, true]);
  await again?.release();
  expect(readdirSync(folder)).not.toContain(mine);
});
