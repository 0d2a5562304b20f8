import { describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { freePort, startRedisServer } from '../helpers/redis-server.js';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { describeStoredSequences } from './seq-stored.js';

const withRedis = hasPackages('redis-server');

describeStoredSequences('file');
describeStoredSequences('daemon');

test.each([
  [['commit', 'x', '0', '1'], 'NUMBER'],
  [['commit', 'x', '9223372036854775808', '1'], 'NUMBER'],
  [['abort', 'x', '1', 'secret'], 'TOKEN'],
  [['ticket', ''], ''],
  [['ticket', 'x'.repeat(513)], '512'],
  [['ticket', 'x', '-n', '-1'], '--count'],
  [['worker', 'lease', '--layout', 'discord', '--worker', '1024'], '1024'],
  [['worker', 'renew', '5000', '1'], '5000'],
  [['hlc', '--merge', 'yesterday'], 'yesterday'],
])('refuses %j', async (args, value) => {
  const { code, stderr } = await runDs(['seq', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(value);
});

describe('hybrid logical clock', () => {
  test('stamps rise, and above what was merged', async () => {
    const home = temporaryFolder();
    const stamp = async (...args: string[]) => (await runDs(['seq', 'hlc', ...args], { home })).stdout.trim();
    const first = await stamp();
    const second = await stamp();
    expect(first).toMatch(/^\d{13}\.\d{5}$/);
    expect(second > first).toBe(true);
    const ahead = `${Date.now() + 60_000}.00041`;
    expect((await stamp('--merge', ahead, '--max-drift', '5m')) > ahead).toBe(true);
    expect((await stamp()) > ahead).toBe(true);
  });

  test('a stamp too far ahead is refused with 1', async () => {
    const { code, stderr } = await runDs(['seq', 'hlc', '--merge', `${Date.now() + 60_000}.00000`]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('ahead')]);
  });

  test('--json tells the parts', async () => {
    expect(await runDsJson(['seq', 'hlc'])).toEqual({
      stamp: expect.stringMatching(/^\d{13}\.\d{5}$/),
      time: expect.stringMatching(/Z$/),
      logical: 0,
      packed: expect.stringMatching(/^\d+$/),
    });
  });

  test.runIf(withRedis)('a Redis has none, and says so', async () => {
    const redis = await startRedisServer();
    try {
      const { code, stderr } = await runDs(['seq', 'hlc', '--url', redis.url]);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toContain('hybrid logical clock');
    } finally {
      await redis.stop();
    }
  });
});

test('a server that is not there is a clear error', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await runDs(['seq', 'ticket', 'x', '--url', `redis://${address}`]);
  expect(code).toBe(3);
  expect(stderr).toContain(address);
});

test.runIf(withRedis)('a Redis that can lose numbers is used with a warning', async () => {
  const forgetful = await startRedisServer();
  try {
    const { code, stdout, stderr } = await runDs(['seq', 'ticket', 'x', '--url', forgetful.url]);
    expect([code, stdout]).toEqual([0, '1\n']);
    expect(stderr).toContain('appendonly');
    expect((await runDs(['seq', 'ticket', 'x', '--url', forgetful.url, '--quiet'])).stderr).toBe('');
  } finally {
    await forgetful.stop();
  }
});
