import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EncodingLimits } from '../../../../src/blocks/kv/redis/encodings.js';
import { createKeyCommands } from '../../../../src/blocks/kv/redis/keys/index.js';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { createServerCommands } from '../../../../src/blocks/kv/redis/server/index.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { Fold } from '../../../../src/blocks/kv/store/fold.js';
import { CommandHost, type Plain } from '../command-host.js';
import { addHash, addSet, addSortedSet, rowsOf } from './collections.js';

let host: CommandHost;

beforeEach(() => {
  const limits = new EncodingLimits();
  const server = createServerCommands({ parameters: [], limits, resetStatistics: () => {} });
  host = new CommandHost([...createKeyCommands(limits), ...stringCommands, ...listCommands, ...server]);
});

afterEach(() => host.close());

const run = (...words: readonly (string | number)[]): Plain => host.run(String(words[0]), ...words.slice(1));
const fold = () => new Fold(host.keyspace).all();
const ownerOf = (key: string): number => {
  const entry = host.keyspace.turn('read', () => host.keyspace.database(host.selected).find(key));
  return entry === undefined || entry.type === 'string' ? 0 : entry.owner;
};

/** All keys that a scan finds, each as often as it comes. `between` is called after each step. */
function scanAll(options: readonly string[], between?: () => void): string[] {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = run('scan', cursor, ...options) as [string, string[]];
    found.push(...keys);
    cursor = next;
    between?.();
  } while (cursor !== '0');
  return found;
}

describe('a key', () => {
  test('keeps its time and its value when the file is opened again', () => {
    run('mset', 'a', '1', 'b', '2');
    run('pexpire', 'a', 5_000);
    host.reopen();
    expect([run('pttl', 'a'), run('pttl', 'b')]).toEqual([5_000, -1]);
    host.clock.advance(4_999);
    expect(run('exists', 'a')).toBe(1);
    host.clock.advance(1);
    expect([run('exists', 'a'), run('ttl', 'a'), run('del', 'a')]).toEqual([0, -2, 0]);
  });

  test('whose time has come is no destination, no source and no key', () => {
    run('set', 'old', 'x', 'px', 10);
    run('set', 'a', '1');
    host.clock.advance(10);
    expect(run('renamenx', 'a', 'old')).toBe(1);
    expect(run('set', 'a', '2', 'px', 10)).toBe('OK');
    host.clock.advance(10);
    expect(run('rename', 'a', 'b')).toBe('-ERR no such key');
    expect(run('copy', 'a', 'b')).toBe(0);
    expect(run('persist', 'a')).toBe(0);
    expect(run('keys', '*')).toEqual(['old']);
  });

  test('of any bytes is renamed, with any bytes as what it holds', () => {
    host.runBytes('set', '\xff\0', '\x80\r\n');
    host.runBytes('rename', '\xff\0', '\0');
    expect(host.runBytes('get', '\0')).toBe('\x80\r\n');
    expect(host.runBytes('keys', '*')).toEqual(['\0']);
  });

  test('that nothing happens to spends no revision', () => {
    run('set', 'a', '1');
    const { revision } = host.keyspace;
    for (const words of [
      ['del', 'b'],
      ['expire', 'b', 1],
      ['expire', 'a', 1, 'xx'],
      ['persist', 'a'],
      ['rename', 'a', 'a'],
    ])
      run(...words);
    expect(host.keyspace.revision).toBe(revision);
  });

  test('may be gone at a time no number tells exactly', () => {
    run('set', 'a', '1');
    expect(run('pexpireat', 'a', '9223372036854775807')).toBe(1);
    host.reopen();
    expect(run('pexpiretime', 'a')).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('a collection', () => {
  test('that is renamed or moved goes on with its rows', () => {
    run('rpush', 'l', '1', '2');
    const owner = ownerOf('l');
    run('rename', 'l', 'm');
    run('move', 'm', 7);
    host.selected = 7;
    host.reopen();
    expect(ownerOf('m')).toBe(owner);
    expect(run('lrange', 'm', 0, -1)).toEqual(['1', '2']);
  });

  test('that is copied has rows of its own', () => {
    addHash(host, 'h', { field: 'value' });
    addSet(host, 's', ['a', 'b']);
    addSortedSet(host, 'z', { a: 1, b: 2 });
    run('rpush', 'l', '1', '2', '3');
    const counts = { h: 1, s: 2, z: 4, l: 3 };
    for (const key of Object.keys(counts)) expect(run('copy', key, `${key}2`)).toBe(1);
    run('del', ...Object.keys(counts));
    host.reopen();
    for (const [key, count] of Object.entries(counts)) {
      expect([key, rowsOf(host, ownerOf(`${key}2`))]).toEqual([key, count]);
    }
    expect(run('sort', 'z2', 'by', 'nosort', 'desc')).toEqual(['b', 'a']);
  });

  test.each([
    ['set of integers', 'intset', () => addSet(host, 'k', ['1', '-20'])],
    ['set of others', 'hashtable', () => addSet(host, 'k', ['1', '1.5'])],
    [
      'set of 513',
      'hashtable',
      () =>
        addSet(
          host,
          'k',
          Array.from({ length: 513 }, (_, i) => `${i}`),
        ),
    ],
    ['small hash', 'listpack', () => addHash(host, 'k', { a: 'x'.repeat(64) })],
    ['hash with a long value', 'hashtable', () => addHash(host, 'k', { a: 'x'.repeat(65), b: '' })],
    ['small sorted set', 'listpack', () => addSortedSet(host, 'k', { a: 1 })],
    ['sorted set with a long member', 'skiplist', () => addSortedSet(host, 'k', { ['a'.repeat(65)]: 1 })],
  ])('is told to be held as Redis would: %s', (_title, encoding, add) => {
    add();
    expect(run('object', 'encoding', 'k')).toBe(encoding);
  });

  test('is told to be held otherwise when the limits are set so', () => {
    addHash(host, 'h', { a: '1', b: '2' });
    expect(run('config', 'set', 'hash-max-ziplist-entries', 1)).toBe('OK');
    expect(run('object', 'encoding', 'h')).toBe('hashtable');
    expect(run('config', 'get', 'hash-max-listpack-entries')).toEqual(['hash-max-listpack-entries', '1']);
  });
});

describe('SCAN', () => {
  const many = Array.from({ length: 300 }, (_, i) => `key:${i}`);

  beforeEach(() => {
    for (const key of many) run('set', key, 'x');
  });

  test.each([0, 100, 300])('finds each key once, with %i of them in the table', (folded) => {
    host.keyspace.close();
    host.reopen();
    run('flushall');
    for (const key of many.slice(0, folded)) run('set', key, 'x');
    fold();
    for (const key of many.slice(folded)) run('set', key, 'x');
    expect(scanAll(['count', '7']).sort()).toEqual([...many].sort());
    expect(scanAll(['match', 'key:1?', 'count', '3'])).toHaveLength(10);
    expect(scanAll(['match', 'key:299'])).toEqual(['key:299']);
    expect(scanAll(['match', '*9', 'type', 'string'])).toHaveLength(30);
    expect(scanAll(['type', 'hash'])).toEqual([]);
  });

  test('finds what is there throughout, whatever comes, goes, is changed or folded meanwhile', () => {
    const going = new Fold(host.keyspace);
    let step = 0;
    const found = scanAll(['count', '9'], () => {
      step++;
      run('set', `added:${step}`, 'x');
      run('set', `key:${step % 10}`, 'changed');
      run('del', `added:${step - 2}`);
      going.step(20);
    });
    expect(new Set(found.filter((key) => key.startsWith('key:')))).toEqual(new Set(many));
  });

  test('leaves out keys whose time has come, and goes on from one that is gone', () => {
    const [cursor] = run('scan', 0, 'count', 5) as [string, string[]];
    run('flushall');
    run('set', 'key:99999', 'x');
    run('set', 'old', 'x', 'px', 1);
    host.clock.advance(1);
    expect(run('scan', cursor)).toEqual(['0', ['key:99999']]);
  });

  test('refuses a cursor that was never given', () => {
    expect(run('scan', 12_345)).toBe('-ERR invalid cursor');
  });

  test('reads a range only where the pattern has a fixed beginning', () => {
    run('set', 'zzz', 'x');
    expect(run('scan', 0, 'match', 'zz*', 'count', 1)).toEqual(['0', ['zzz']]);
  });
});

describe('RANDOMKEY', () => {
  const draw = (times: number) => {
    const counts = new Map<Plain, number>();
    for (let i = 0; i < times; i++) {
      const key = run('randomkey');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };

  test('finds each of two keys, and none whose time has come', () => {
    run('mset', 'a', 1, 'b', 1);
    run('set', 'old', 1, 'px', 1);
    host.clock.advance(1);
    expect(new Set(draw(100).keys())).toEqual(new Set(['a', 'b']));
    fold();
    run('set', 'c', 1);
    expect(new Set(draw(100).keys())).toEqual(new Set(['a', 'b', 'c']));
    run('del', 'a', 'b', 'c');
    expect(run('randomkey')).toBeNull();
  });

  test('finds keys of a large table about as often as each other, few others beside them', () => {
    for (let i = 0; i < 2_000; i++) run('set', `user:${i}`, 1);
    for (let i = 0; i < 20; i++) run('set', `z${i}`, 1);
    fold();
    for (let i = 0; i < 2_000; i++) run('set', `fresh:${i}`, 1);
    const counts = draw(1_000);
    const with_ = (prefix: string) =>
      [...counts].filter(([key]) => String(key).startsWith(prefix)).reduce((sum, [, count]) => sum + count, 0);
    expect(with_('user:')).toBeGreaterThan(380);
    expect(with_('fresh:')).toBeGreaterThan(380);
    expect(with_('z')).toBeLessThan(100);
    // 1,000 draws out of 4,020 are about 880 different keys.
    expect(counts.size).toBeGreaterThan(700);
  });
});

describe('SORT', () => {
  test.each([
    ['list', []],
    ['list desc STORE a store b', ['b']],
    ['store get store', []],
  ])('%s: other keys are %j', (args, keys) => {
    const sort = createKeyCommands(new EncodingLimits()).find(({ name }) => name === 'sort');
    const found = sort?.moreKeys?.(args.split(' ').map((arg) => Buffer.from(arg)));
    expect(found?.map(String)).toEqual(keys);
  });

  test('of a set, a sorted set, by fields of hashes', () => {
    addSet(host, 's', ['10', '9', '1']);
    addSortedSet(host, 'z', { '10': 1, '9': 2, '1': 3 });
    addHash(host, 'o10', { w: '1', '': 'e' });
    addHash(host, 'o9', { w: '2' });
    for (const key of ['s', 'z']) {
      expect(run('sort', key)).toEqual(['1', '9', '10']);
      expect(run('sort', key, 'by', 'o*->w', 'get', '#', 'get', 'o*->w')).toEqual(['1', null, '10', '1', '9', '2']);
      expect(run('sort', key, 'alpha', 'desc', 'limit', 0, 2)).toEqual(['9', '10']);
    }
    expect(run('sort', 'z', 'by', 'nosort', 'desc', 'limit', 1, 5)).toEqual(['9', '10']);
    expect(run('sort', 's', 'by', 'nosort', 'store', 'l')).toBe(3);
    host.reopen();
    expect(run('lrange', 'l', 0, -1)).toEqual(['1', '10', '9']);
    expect(run('sort', 'o9')).toMatch(/^-WRONGTYPE/);
  });
});
