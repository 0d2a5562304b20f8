/** Hashes, sets and sorted sets of more elements than are walked through. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRedisCommands } from '../../../../src/blocks/kv/redis/index.js';
import { CommandHost, type Plain } from '../command-host.js';
import { rowsOf } from './collections.js';

let host: CommandHost;

beforeEach(() => {
  host = new CommandHost(createRedisCommands({ parameters: [], resetStatistics: () => {} }), { sync: 'normal' });
});

afterEach(() => host.close());

const names = (count: number, prefix = 'm'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const list = (reply: Plain): readonly Plain[] => {
  if (Array.isArray(reply)) return reply;
  throw new TypeError(`no array: ${String(reply)}`);
};

const addSet = (count: number, prefix = 'm'): Plain => host.run('sadd', 's', ...names(count, prefix));

describe('random members of a large set', () => {
  test('each is as likely as any other, though names came and went on one side of the others', () => {
    addSet(2_000, 'm');
    // Landmarks are made, and then all members are replaced by ones before the first of them, though the set keeps its size.
    host.run('srandmember', 's');
    for (let i = 0; i < 2_000; i += 100) {
      const part = Array.from({ length: 100 }, (_, j) => i + j);
      host.run('sadd', 's', ...part.map((n) => `a${n}`));
      host.run('srem', 's', ...part.map((n) => `m${n}`));
    }
    const picked = new Map<Plain, number>();
    for (let i = 0; i < 20_000; i++) {
      const member = host.run('srandmember', 's');
      picked.set(member, (picked.get(member) ?? 0) + 1);
    }
    expect([...picked.keys()].every((member) => String(member).startsWith('a'))).toBe(true);
    // 10 times on average: to be missed has a chance of 1 in 22,000 for each.
    expect(picked.size).toBeGreaterThan(1_980);
    expect(Math.max(...picked.values())).toBeLessThan(40);
  });

  test('a set that grows beyond its landmarks', () => {
    addSet(1_000, 'm');
    host.run('srandmember', 's');
    for (let i = 0; i < 90; i++) host.run('sadd', 's', `z${i}`);
    const found = new Set(Array.from({ length: 12_000 }, () => host.run('srandmember', 's')));
    expect(found.size).toBeGreaterThan(1_080);
  });

  test('popped one by one, each comes once', () => {
    addSet(3_000);
    const popped = new Set(Array.from({ length: 3_000 }, () => host.run('spop', 's')));
    expect([...popped].sort()).toEqual(names(3_000).sort());
    expect(host.run('exists', 's')).toBe(0);
  });

  test.each([[1], [50], [700], [1_999], [2_000], [5_000]])('%i different ones', (count) => {
    addSet(2_000);
    host.run('hset', 'h', ...names(2_000).flatMap((name) => [name, `v${name}`]));
    host.run('zadd', 'z', ...names(2_000).flatMap((name, i) => [i, name]));
    const least = Math.min(count, 2_000);
    for (const reply of [host.run('srandmember', 's', count), host.run('zrandmember', 'z', count)]) {
      expect(new Set(list(reply)).size).toBe(least);
    }
    const fields = list(host.run('hrandfield', 'h', count, 'withvalues'));
    expect(fields.length).toBe(2 * least);
    fields.forEach((value, i) => {
      if (i % 2 === 1) expect(value).toBe(`v${String(fields[i - 1])}`);
    });
    expect(list(host.run('srandmember', 's', -count)).length).toBe(count);
    expect(list(host.run('zrandmember', 'z', -count, 'withscores')).length).toBe(2 * count);
    const popped = new Set(list(host.run('spop', 's', count)));
    expect(popped.size).toBe(least);
    expect(host.run('scard', 's')).toBe(2_000 - least);
    expect(host.run('smismember', 's', ...[...popped].map(String))).toEqual([...popped].map(() => 0));
  });
});

describe('scans', () => {
  test.each([
    ['hscan', 'hset', (name: string) => [name, '1']],
    ['sscan', 'sadd', (name: string) => [name]],
    ['zscan', 'zadd', (name: string) => ['1', name]],
  ] as const)('%s finds what is there throughout, though others come and go', (scan, add, element) => {
    host.run(add, 'k', ...names(1_500).flatMap((name) => [...element(name)]));
    const remove = { hscan: 'hdel', sscan: 'srem', zscan: 'zrem' }[scan];
    const found = new Set<Plain>();
    let cursor: Plain = '0';
    for (let round = 0; ; round++) {
      const [next = '0', elements = []]: readonly Plain[] = list(host.run(scan, 'k', String(cursor), 'COUNT', 100));
      list(elements).forEach((value, i) => {
        if (scan === 'sscan' || i % 2 === 0) found.add(value);
      });
      cursor = next;
      if (cursor === '0') break;
      host.run(remove, 'k', `x${round - 1}`);
      host.run(add, 'k', ...element(`x${round}`));
    }
    expect(names(1_500).filter((name) => !found.has(name))).toEqual([]);
  });
});

describe('a large sorted set', () => {
  const COUNT = 5_000;

  beforeEach(() => {
    host.run('zadd', 'z', ...names(COUNT).flatMap((name, i) => [(i * 7) % COUNT, name]));
  });

  const rankOf = (i: number): number => (i * 7) % COUNT;

  test('ranks, from both ends, after reopening, copying and renaming, too', () => {
    const check = (key: string) => {
      for (const i of [0, 1, 777, 4_999]) {
        expect(host.run('zrank', key, `m${i}`)).toBe(rankOf(i));
        expect(host.run('zrevrank', key, `m${i}`)).toBe(COUNT - 1 - rankOf(i));
        expect(host.run('zrange', key, rankOf(i), rankOf(i))).toEqual([`m${i}`]);
      }
      expect(host.run('zcount', key, '(100', 4_000)).toBe(3_900);
    };
    check('z');
    host.reopen();
    check('z');
    host.run('copy', 'z', 'copy');
    host.run('zpopmin', 'z', 10);
    check('copy');
    host.run('rename', 'copy', 'other');
    check('other');
  });

  test('whole parts are removed at once', () => {
    expect(host.run('zremrangebyrank', 'z', 1_000, 1_009)).toBe(10);
    expect(host.run('zrange', 'z', 999, 1_000, 'withscores')).toEqual(['m857', 999, 'm4430', 1_010]);
    expect(host.run('zremrangebyscore', 'z', 2_000, '(4000')).toBe(2_000);
    expect(host.run('zcard', 'z')).toBe(2_990);
    const [below, above] = [1_999, 4_000].map((score) => host.run('zrangebyscore', 'z', score, score));
    expect(host.run('zrange', 'z', 1_989, 1_990)).toEqual([below, above].flat());
    expect(host.run('zpopmax', 'z', 2_990)).toHaveLength(5_980);
    expect(host.run('exists', 'z')).toBe(0);
  });

  test('a change that is refused leaves ranks as they were', () => {
    host.run('zadd', 'z', '-inf', 'low');
    expect(host.run('zadd', 'z', 'incr', 'inf', 'low')).toBe('-ERR resulting score is not a number (NaN)');
    expect(host.run('zrank', 'z', 'm0')).toBe(1);
    expect(host.run('zrem', 'z', 'none')).toBe(0);
    const { revision } = host.keyspace;
    host.run('zadd', 'z', '-inf', 'low');
    host.run('zadd', 'z', 'nx', 5, 'low');
    host.run('zrem', 'z', 'none');
    host.run('hdel', 'none', 'a');
    host.run('srem', 'none', 'a');
    expect(host.keyspace.revision).toBe(revision);
  });
});

test('members are any bytes', () => {
  const bytes = ['', '\0', '\0\0', '\xff', 'a\0b', '\xc3\xa9'];
  expect(host.runBytes('sadd', 's', ...bytes)).toBe(6);
  expect(host.runBytes('hset', 'h', ...bytes.flatMap((name) => [name, name]))).toBe(6);
  expect(host.runBytes('zadd', 'z', ...bytes.flatMap((name) => ['0', name]))).toBe(6);
  host.reopen();
  const inOrder = ['', '\0', '\0\0', 'a\0b', '\xc3\xa9', '\xff'];
  expect(host.run('smembers', 's')).toEqual(inOrder);
  expect(host.run('hvals', 'h')).toEqual(inOrder);
  expect(host.run('zrange', 'z', 0, -1)).toEqual(inOrder);
  expect(host.runBytes('zrangebylex', 'z', '(', '[\0\0')).toEqual(['\0', '\0\0']);
  expect(host.runBytes('zrank', 'z', '\xff')).toBe(5);
  expect(host.runBytes('srem', 's', '\0')).toBe(1);
});

test('a collection that is removed leaves its rows to the sweep, and none where elements went one by one', () => {
  host.run('sadd', 's', 'a', 'b');
  host.run('zadd', 'z', 1, 'a', 2, 'b');
  const ownerOf = (key: string) => {
    const entry = host.keyspace.turn('read', () => host.keyspace.database(0).find(key));
    return entry !== undefined && 'owner' in entry ? entry.owner : 0;
  };
  const owners = [ownerOf('s'), ownerOf('z')];
  host.run('srem', 's', 'a', 'b');
  host.run('zrem', 'z', 'a', 'b');
  expect(host.run('dbsize')).toBe(0);
  expect(owners.map((owner) => rowsOf(host, owner))).toEqual([0, 0]);
});
