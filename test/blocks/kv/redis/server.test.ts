import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EncodingLimits } from '../../../../src/blocks/kv/redis/encodings.js';
import { createKeyCommands } from '../../../../src/blocks/kv/redis/keys/index.js';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { createServerCommands } from '../../../../src/blocks/kv/redis/server/index.js';
import { givenParameter } from '../../../../src/blocks/kv/redis/server/parameters.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { Fold } from '../../../../src/blocks/kv/store/fold.js';
import { Keyspace } from '../../../../src/blocks/kv/store/keyspace.js';
import { swapDatabases } from '../../../../src/blocks/kv/store/swap.js';
import { CommandHost, type Plain } from '../command-host.js';
import { addHash, addSortedSet } from './collections.js';

let host: CommandHost;
let resets: number;

beforeEach(() => {
  resets = 0;
  const limits = new EncodingLimits();
  const server = createServerCommands({
    parameters: [givenParameter('appendfsync', 'always'), givenParameter('save', 'own')],
    limits,
    resetStatistics: () => {
      resets++;
    },
  });
  host = new CommandHost([...createKeyCommands(limits), ...stringCommands, ...listCommands, ...server]);
});

afterEach(() => host.close());

const run = (...words: readonly (string | number)[]): Plain => host.run(String(words[0]), ...words.slice(1));

function in_(database: number, ...words: readonly (string | number)[]): Plain {
  host.selected = database;
  try {
    return run(...words);
  } finally {
    host.selected = 0;
  }
}

describe('databases', () => {
  test('are emptied, one or all, and stay so', () => {
    run('set', 'a', 1);
    in_(3, 'set', 'a', 3);
    expect(run('flushdb')).toBe('OK');
    expect([run('dbsize'), in_(3, 'dbsize')]).toEqual([0, 1]);
    expect(in_(2, 'flushall')).toBe('OK');
    host.reopen();
    expect([run('dbsize'), in_(3, 'dbsize'), in_(3, 'get', 'a')]).toEqual([0, 0, null]);
  });

  test('that are empty spend no revision when they are emptied', () => {
    const { revision } = host.keyspace;
    run('flushall');
    expect(host.keyspace.revision).toBe(revision);
  });

  test.each(['nothing folded', 'half of it folded', 'a folding in progress'])('change places, with %s', (how) => {
    run('mset', 'a', 0, 'b', 0);
    run('rpush', 'l', 1, 2);
    run('expire', 'b', 100);
    if (how === 'half of it folded') new Fold(host.keyspace).all();
    run('del', 'a');
    in_(1, 'mset', 'a', 1, 'c', 1);
    const fold = new Fold(host.keyspace);
    if (how === 'a folding in progress') for (let i = 0; i < 3; i++) fold.step(1);
    expect(run('swapdb', 0, 1)).toBe('OK');
    const check = () => {
      expect([run('dbsize'), run('get', 'a'), run('get', 'c'), run('exists', 'b', 'l')]).toEqual([2, '1', '1', 0]);
      expect([in_(1, 'dbsize'), in_(1, 'ttl', 'b'), in_(1, 'lrange', 'l', 0, -1)]).toEqual([2, 100, ['1', '2']]);
    };
    check();
    fold.all();
    check();
    host.reopen();
    check();
    new Fold(host.keyspace).all();
    check();
    host.reopen();
    check();
  });

  test('that changed places in a turn that failed are as before', () => {
    run('set', 'a', 0);
    in_(1, 'set', 'a', 1);
    const { keyspace } = host;
    expect(() =>
      keyspace.turn('write', () => {
        keyspace.database(0).setString('b', 'x', undefined);
        swapDatabases(keyspace, keyspace.database(0), keyspace.database(1));
        keyspace.database(0).setString('c', 'x', undefined);
        throw new TypeError('undone');
      }),
    ).toThrow('undone');
    const check = () => {
      expect([run('get', 'a'), run('exists', 'b', 'c'), run('dbsize'), in_(1, 'get', 'a')]).toEqual(['0', 0, 1, '1']);
    };
    check();
    host.reopen();
    check();
  });

  test('that another process has let change places are seen so', () => {
    run('set', 'a', 0);
    const other = new Keyspace({ path: host.path, clock: host.clock });
    try {
      const get = (number: number) => {
        const entry = other.turn('read', () => other.database(number).find('a'));
        return entry?.type === 'string' ? entry.value : undefined;
      };
      expect([get(0), get(1)]).toEqual(['0', undefined]);
      run('swapdb', 0, 1);
      expect([get(0), get(1)]).toEqual([undefined, '0']);
      other.turn('write', () => other.database(0).setString('a', 'new', undefined));
      expect([run('get', 'a'), in_(1, 'get', 'a')]).toEqual(['new', '0']);
    } finally {
      other.close();
    }
  });
});

describe('the server', () => {
  test('tells its time, and when it wrote last', () => {
    host.clock.step(1_750_000_000_123 - host.clock.now());
    expect(run('time')).toEqual(['1750000000', '123000']);
    expect(run('lastsave')).toBe(1_750_000_000);
    run('set', 'a', 1);
    host.clock.advance(5_000);
    expect(run('lastsave')).toBe(1_750_000_000);
  });

  test('takes parameters of the daemon before those of every store, and counts anew', () => {
    expect(run('config', 'get', 'SAVE', 'append*')).toEqual([
      'appendfsync',
      'always',
      'save',
      'own',
      'appendonly',
      'yes',
    ]);
    expect(run('config', 'set', 'appendfsync', 'always')).toBe('OK');
    expect(run('config', 'set', 'appendfsync', 'no')).toMatch(/^-ERR CONFIG SET failed .*immutable/);
    run('config', 'resetstat');
    expect(resets).toBe(1);
  });

  test('sets all parameters or none', () => {
    expect(run('config', 'set', 'set-max-intset-entries', 5, 'list-compress-depth', 'x')).toMatch(/^-ERR CONFIG SET/);
    expect(run('config', 'get', 'set-max-intset-entries')).toEqual(['set-max-intset-entries', '512']);
  });
});

describe('MEMORY USAGE', () => {
  test('grows with what a key holds', () => {
    run('set', 'a', 'x'.repeat(10));
    run('set', 'b', 'x'.repeat(1_010));
    expect(Number(run('memory', 'usage', 'b')) - Number(run('memory', 'usage', 'a'))).toBe(1_000);
  });

  test('of a collection is that of its rows, or as if all were like some of them', () => {
    addHash(host, 'h', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'.repeat(1_000)])));
    addSortedSet(host, 'z', { member: 1 });
    const all = Number(run('memory', 'usage', 'h', 'samples', 0));
    expect(all).toBeGreaterThan(100_000);
    expect(all).toBeLessThan(110_000);
    expect(Math.abs(Number(run('memory', 'usage', 'h')) / all - 1)).toBeLessThan(0.01);
    expect(run('memory', 'usage', 'z')).toBeGreaterThan(232);
    expect(run('memory', 'doctor')).toBe("-ERR unknown subcommand 'doctor'. Try MEMORY HELP.");
  });
});
