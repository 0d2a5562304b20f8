/** The commands that only `ds kv` speaks, at their edges; what they are for is in contract.ts. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { extensionCommands } from '../../../../src/blocks/kv/redis/extension/index.js';
import { expireCommands } from '../../../../src/blocks/kv/redis/keys/expire.js';
import { databaseCommands } from '../../../../src/blocks/kv/redis/server/databases.js';
import { setCommands } from '../../../../src/blocks/kv/redis/strings/set.js';
import { Fold } from '../../../../src/blocks/kv/store/fold.js';
import { CommandHost, type Plain } from '../command-host.js';

let host: CommandHost;
const run = (...args: [string, ...(string | number)[]]) => host.run(...args);

beforeEach(() => {
  host = new CommandHost([...extensionCommands, ...setCommands, ...expireCommands, ...databaseCommands]);
  onTestFinished(() => host.close());
});

describe('KV.PUT', () => {
  test.each<[string[], Plain]>([
    [['KV.PUT', 'k'], '-ERR wrong number of arguments'],
    [['KV.PUT', 'k', 'v', 'XX'], '-ERR syntax error'],
    [['KV.PUT', 'k', 'v', 'PX'], '-ERR syntax error'],
    [['KV.PUT', 'k', 'v', 'PX', '0'], "-ERR invalid expire time in 'kv.put' command"],
    [['KV.PUT', 'k', 'v', 'PX', 'x'], '-ERR value is not an integer or out of range'],
    [['KV.PUT', 'k', 'v', 'IFREV', 'x'], '-ERR value is not an integer or out of range'],
    [
      ['KV.PUT', 'k', 'v', 'IFREV', '1'],
      [0, 0],
    ],
    [
      ['KV.PUT', 'k', 'v', 'IFEQ', ''],
      [0, 0],
    ],
    [
      ['KV.PUT', 'k', 'v', 'nx', 'px', '5'],
      [1, 1],
    ],
  ])('%j', ([name = '', ...args], answer) => {
    expect(host.run(name, ...args)).toEqual(answer);
  });

  test('all conditions must hold', () => {
    run('KV.PUT', 'k', 'v');
    expect(run('KV.PUT', 'k', 'w', 'IFEQ', 'v', 'IFREV', 2)).toEqual([0, 1]);
    expect(run('KV.PUT', 'k', 'w', 'IFEQ', 'v', 'IFREV', 1)).toEqual([1, 2]);
    expect(run('KV.GET', 'k')).toEqual(['w', 2, -1]);
  });

  test('a key whose time has come is none', () => {
    run('KV.PUT', 'k', 'v', 'PX', 1_000);
    host.clock.advance(1_000);
    expect(run('KV.PUT', 'k', 'w', 'IFEQ', 'v')).toEqual([0, 0]);
    expect(run('KV.PUT', 'k', 'w', 'NX')).toEqual([1, 3]);
  });
});

describe('KV.KEYS', () => {
  const names = (...args: (string | number)[]): Plain => {
    const reply = run('KV.KEYS', ...args);
    if (!Array.isArray(reply)) return reply;
    const [next, keys] = reply as unknown as readonly [Plain, readonly (readonly Plain[])[]];
    return [next, keys.map(([key]) => key ?? null)];
  };

  test.each([false, true])('goes on behind a key, folded: %s', (folded) => {
    for (const key of ['a', 'ab', 'abc', 'b', '']) run('SET', key, 'x');
    if (folded) new Fold(host.keyspace).all();
    run('KV.DELETE', 'b');
    expect(names(10)).toEqual([null, ['', 'a', 'ab', 'abc']]);
    expect(names(2)).toEqual(['a', ['', 'a']]);
    expect(names(2, 'AFTER', 'a')).toEqual([expect.anything(), ['ab', 'abc']]);
    expect(names(10, 'PREFIX', 'ab')).toEqual([null, ['ab', 'abc']]);
    expect(names(10, 'PREFIX', 'ab', 'MATCH', '*c')).toEqual([null, ['abc']]);
    expect(names(10, 'PREFIX', 'b', 'MATCH', 'a*')).toEqual([null, []]);
    expect(names(10, 'TYPE', 'hash')).toEqual([null, []]);
    expect(names(10, 'LIMIT', 1)).toBe('-ERR syntax error');
  });
});

describe('KV.CHANGES', () => {
  const at = expect.any(Number);

  test('tells puts, deletes, expiry and emptying, of its database only', () => {
    run('SET', 'a', '1');
    run('KV.PUT', 'b', '2', 'PX', 1_000);
    host.clock.advance(1_000);
    run('KV.DELETE', 'b');
    host.selected = 1;
    run('SET', 'elsewhere', '1');
    host.selected = 0;
    run('FLUSHDB');
    const time = host.clock.now();
    expect(run('KV.CHANGES', 0, 100)).toEqual([
      5,
      [
        [1, at, 'put', 'a', 'string', '1', -1],
        [2, at, 'put', 'b', 'string', '2', time],
        [3, at, 'expire', 'b'],
        [5, at, 'flush', ''],
      ],
    ]);
    expect(run('KV.CHANGES', 2, 100, 'PREFIX', 'none')).toEqual([5, [[5, at, 'flush', '']]]);
    expect(run('KV.CHANGES', 5, 100)).toEqual([5, []]);
    expect(run('KV.CHANGES', 99, 100)).toEqual([99, []]);
  });

  test('a turn of many changes is told in pieces', () => {
    host.keyspace.turn('write', () => {
      for (let i = 0; i < 25; i++) host.keyspace.database(0).setString(`k${i}`, 'x', undefined);
    });
    run('SET', 'last', 'x');
    const told: Plain[] = [];
    for (let after: Plain = 0; ; ) {
      const [revision, changes] = run('KV.CHANGES', Number(after), 10) as readonly [number, readonly Plain[]];
      told.push(...changes.map((change) => (change as readonly Plain[])[0] ?? null));
      if (revision === after) break;
      after = revision;
    }
    expect(told).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
  });

  test('what is older than the history is refused, with where it begins', () => {
    host.keyspace.turn('write', () => host.keyspace.standing.set('history', 3));
    for (let i = 0; i < 10; i++) run('SET', 'k', i);
    new Fold(host.keyspace).all();
    expect(run('KV.CHANGES', 2, 10)).toBe('-KV.HISTORY_GONE changes before revision 8 are not kept any more');
    expect(run('KV.CHANGES', 7, 10)).toMatchObject([10, [[8], [9], [10]].map((one) => expect.arrayContaining(one))]);
    host.reopen();
    expect(run('KV.CHANGES', 6, 10)).toContain('HISTORY_GONE');
  });

  test('KV.STATE tells where it begins', () => {
    run('SET', 'k', 'v', 'EX', 10);
    expect(run('KV.STATE')).toEqual([
      ...['revision', 1, 'first_revision', 1, 'unfolded_keys', 1, 'bytes', at],
      ...['keys', [1, ...Array(15).fill(0)], 'expiring', [1, ...Array(15).fill(0)]],
    ]);
  });
});
