import { expect, test } from 'vitest';
import { freePort } from '../helpers/redis-server.js';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { describeStoredLimits } from './limit-stored.js';

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describeStoredLimits('file');
describeStoredLimits('daemon');

const bad: readonly [readonly string[], string][] = [
  [['check', 'k'], '--rate'],
  [['check', '', '--rate', '5/s'], 'empty key'],
  [['check', 'k', '--rate', '0/s'], '0/s'],
  [['check', 'k', '--rate', '5/min/day'], '5/min/day'],
  [['check', 'k', '--rate', '5/1000000000000s'], '1000000000000s'],
  [['check', 'k', '--rate', '5'], '"5"'],
  [['check', 'k', '--rate', '5/s', '--cost', '-1'], '--cost'],
  [['check', 'k', '--rate', '5/s', '--cost', '99999999999'], '--cost'],
  [['check', 'k', '--rate', '5/s', '--burst', '0'], '--burst'],
  [['check', 'k', '--rate', '5/s', '--burst', '9', '-a', 'sliding-log'], 'sliding-log'],
  [['check', 'k', '--rate', '20000/s', '-a', 'sliding-log'], '20000'],
  [['check', 'k', '--rate', '5/s', '--algorithm', 'gcar'], 'gcra'],
  [['check', 'k', '--rate', '5/s', '--timeout', '1s'], '--wait'],
  [['check', 'k', '--rate', '5/s', '--url', 'x'], 'redis://127.0.0.1:6391'],
  [['block'], '--list'],
  [['block', 'k'], '--for'],
  [['block', "it's", '--list'], String.raw`ds limit why 'it'\''s'`],
  [['block', 'k', '--for', '5 parsecs'], '5 parsecs'],
  [['reset'], 'KEY'],
  [['pipe', '--rate', '5/s', '--json'], '--json'],
  [['pipe', '--rate', '5/s', '--db', 'x.db'], '--key'],
  [['policy', 'check', 'nowhere.yaml'], 'nowhere.yaml'],
];

test.each(bad)('refuses %j, with the value and a hint', async (args, value) => {
  const { code, stdout, stderr } = await runDs(['limit', ...args]);
  expect([code, args.includes('--json') ? '' : stdout]).toEqual([2, '']);
  const said = args.includes('--json') ? stdout : stderr;
  expect(said).toMatch(/^error: .*\nhint: |"hint"/);
  expect(said).toContain(value);
});

test('a server that is not there is a clear error', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await runDs(['limit', 'check', 'k', '--rate', '5/s', '--url', `redis://${address}`]);
  expect([code, stderr]).toEqual([3, expect.stringContaining(address)]);
});

test('a key with line ends is one record in a pipe', async () => {
  const home = temporaryFolder();
  await runDs(['limit', 'check', 'a\nb\tc', '--rate', '5/s'], { home });
  expect(lines((await runDs(['limit', 'reset', 'a\nb\tc'], { home })).stdout)).toEqual(['a\\nb\\tc\treset']);
});
