import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { allCommands } from '../../../../src/blocks/kv/file/all-commands.js';
import { FileChannel } from '../../../../src/blocks/kv/file/channel.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { ErrorReply } from '../../../../src/platform/protocol/resp-client/connection.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';

let path: string;
const clock = new ManualClock();
const open = () => new FileChannel({ path, clock, random: systemRandom, commands: allCommands() });

beforeEach(() => {
  const folder = makeTemporaryFolder();
  onTestFinished(() => folder.remove());
  path = join(folder.path, 'kv.db');
});

test('replies are those of RESP2, with numbers as texts', async () => {
  const channel = open();
  expect(await channel.send(['set', 'k', '\xff'])).toBe('OK');
  expect(await channel.send(['GET', 'k'])).toBe('\xff');
  expect(await channel.send(['HSET', 'h', 'f', 'v'])).toBe('1');
  expect(await channel.send(['HGETALL', 'h'])).toEqual(['f', 'v']);
  await channel.send(['ZADD', 'z', '1.5', 'a', 'inf', 'b']);
  expect(await channel.send(['ZRANGE', 'z', '0', '-1', 'WITHSCORES'])).toEqual(['a', '1.5', 'b', 'inf']);
  expect(await channel.send(['GET', 'none'])).toBeNull();
  await expect(channel.send(['GET', 'h'])).rejects.toBeInstanceOf(ErrorReply);
  await channel.close();
});

test('who wrote much folds, who wrote little or only read does not', async () => {
  const unfolded = async () => {
    const channel = open();
    const { fresh } = channel.keyspace.memory;
    await channel.close();
    return fresh.length;
  };
  const write = async (count: number) => {
    const channel = open();
    await channel.transaction(Array.from({ length: count }, (_, i) => ['SET', `k${i}`, 'x']));
    await channel.close();
  };
  await write(1_000);
  expect(await unfolded()).toBe(1_000);
  await write(2_500);
  expect(await unfolded()).toBe(0);
  const channel = open();
  expect(await channel.send(['DBSIZE'])).toBe('2500');
  await channel.close();
});

test('a transaction that is refused leaves nothing', async () => {
  const channel = open();
  await expect(
    channel.transaction([
      ['SET', 'a', 'x'],
      ['INCR', 'a'],
    ]),
  ).rejects.toThrow('not an integer');
  expect(await channel.send(['EXISTS', 'a'])).toBe('0');
  await channel.close();
});

test('scans go on where they were', async () => {
  const channel = open();
  await channel.transaction(Array.from({ length: 300 }, (_, i) => ['SET', `k${i}`, 'x']));
  const found = new Set<unknown>();
  let cursor = '0';
  do {
    const reply = await channel.send(['SCAN', cursor, 'COUNT', '50']);
    const [next, keys] = Array.isArray(reply) ? reply : [];
    for (const key of Array.isArray(keys) ? keys : []) found.add(key);
    cursor = String(next);
  } while (cursor !== '0');
  expect(found.size).toBe(300);
  await channel.close();
});
