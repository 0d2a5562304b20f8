import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CollectionEntry } from '../../../../src/blocks/kv/entry.js';
import { Fold } from '../../../../src/blocks/kv/store/fold.js';
import { Keyspace, type KeyspaceOptions } from '../../../../src/blocks/kv/store/keyspace.js';
import { namePage } from '../../../../src/blocks/kv/store/names.js';
import { Sweep } from '../../../../src/blocks/kv/store/sweep.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

let folder: string;
let clock: ManualClock;
const opened: Keyspace[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kv-'));
  clock = new ManualClock();
});

afterEach(() => {
  for (const keyspace of opened.splice(0)) keyspace.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<KeyspaceOptions> = {}): Keyspace {
  const keyspace = new Keyspace({ path: join(folder, 'kv.db'), clock, ...options });
  opened.push(keyspace);
  return keyspace;
}

function put(keyspace: Keyspace, key: string, value: string, expires?: number): void {
  keyspace.turn('write', () => keyspace.database(0).setString(key, value, expires));
}

function get(keyspace: Keyspace, key: string): string | undefined {
  const entry = keyspace.turn('read', () => keyspace.database(0).find(key));
  return entry?.type === 'string' ? entry.value : undefined;
}

function keysOf(keyspace: Keyspace, limit = 3): string[] {
  return keyspace.turn('read', () => {
    const keys: string[] = [];
    for (let after: string | undefined, page = namePage(keyspace, keyspace.database(0), after, limit); ; ) {
      keys.push(...page.names.map(({ key }) => key));
      if (page.next === undefined) return keys;
      after = page.next;
      page = namePage(keyspace, keyspace.database(0), after, limit);
    }
  });
}

describe('turns', () => {
  test('are in the file when they end, of any bytes, and revisions increase', () => {
    const keyspace = open();
    put(keyspace, 'a\0\xff', '\x80\0value');
    const before = keyspace.revision;
    put(keyspace, '', '');
    expect(keyspace.revision).toBe(before + 1);
    keyspace.close();
    const again = open();
    expect(get(again, 'a\0\xff')).toBe('\x80\0value');
    expect(get(again, '')).toBe('');
    expect(get(again, 'b')).toBeUndefined();
    expect(again.revision).toBe(before + 1);
    expect(again.database(0).size).toBe(2);
  });

  test('leave nothing behind when they are undone: entries, sizes, revisions, what was to be folded, a flush', () => {
    const keyspace = open();
    put(keyspace, 'kept', '1');
    put(keyspace, 'folding', '1');
    const fold = new Fold(keyspace);
    fold.step(1);
    const { revision } = keyspace;
    const failing = () =>
      keyspace.turn('write', () => {
        keyspace.database(0).setString('kept', '2', undefined);
        keyspace.database(0).setString('new', '2', undefined);
        keyspace.database(0).flush();
        keyspace.database(0).setString('kept', '3', undefined);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(keyspace.revision).toBe(revision);
    expect(keysOf(keyspace)).toEqual(['folding', 'kept']);
    expect(get(keyspace, 'kept')).toBe('1');
    expect(keyspace.database(0).size).toBe(2);
    fold.all();
    keyspace.close();
    expect(keysOf(open())).toEqual(['folding', 'kept']);
  });

  test('see what other processes wrote, whatever is in memory', () => {
    const [one, two] = [open(), open()];
    put(one, 'a', '1');
    expect(get(two, 'a')).toBe('1');
    put(two, 'a', '2');
    put(two, 'b', '2');
    expect(get(one, 'a')).toBe('2');
    expect(one.database(0).size).toBe(2);
    new Fold(one).all();
    put(two, 'a', '3');
    new Fold(two).all();
    expect(get(one, 'a')).toBe('3');
    two.turn('write', () => two.database(0).flush());
    expect(get(one, 'a')).toBeUndefined();
    expect(one.database(0).size).toBe(0);
    put(one, 'c', '1');
    expect(keysOf(two)).toEqual(['c']);
  });

  test('a process that was away longer than the journal goes back reads everything anew', () => {
    const [one, two] = [open(), open()];
    put(one, 'a', '1');
    expect(get(two, 'a')).toBe('1');
    one.turn('write', () => one.standing.set('history', 0));
    for (let i = 0; i < 5; i++) put(one, 'a', `x${i}`);
    new Fold(one).all();
    expect(one.journal.since(0)).toBeUndefined();
    expect(get(two, 'a')).toBe('x4');
    expect(two.database(0).size).toBe(1);
    expect(two.revision).toBe(one.revision);
  });
});

test('time: exact on read, the same within a turn of one command, swept whether folded or not, given more time', () => {
  const keyspace = open();
  const sweep = new Sweep(keyspace);
  put(keyspace, 'folded', '1', clock.now() + 100);
  put(keyspace, 'longer', '1', clock.now() + 100);
  new Fold(keyspace).all();
  put(keyspace, 'fresh', '1', clock.now() + 100);
  put(keyspace, 'longer', '1', clock.now() + 1_000);
  clock.advance(99);
  expect(get(keyspace, 'fresh')).toBe('1');
  clock.advance(1);
  expect(get(keyspace, 'fresh')).toBeUndefined();
  expect(get(keyspace, 'folded')).toBeUndefined();
  expect(keyspace.database(0).size).toBe(3);
  while (sweep.expired(10, clock.now()) > 0);
  expect(keyspace.database(0).size).toBe(1);
  expect(keysOf(keyspace)).toEqual(['longer']);
  clock.advance(900);
  while (sweep.expired(10, clock.now()) > 0);
  expect(keyspace.database(0).size).toBe(0);
});

test('memory is bounded, and what was forgotten is read again', () => {
  const keyspace = open({ cacheBytes: 200_000 });
  const fold = new Fold(keyspace);
  for (let i = 0; i < 2_000; i++) put(keyspace, `key:${i}`, 'x'.repeat(100));
  fold.all();
  for (let i = 0; i < 2_000; i++) expect(get(keyspace, `key:${i}`)).toBe('x'.repeat(100));
  expect(keyspace.memory.bytes).toBeLessThan(210_000);
  expect(keyspace.database(0).size).toBe(2_000);
});

test('one turn may look at more large values than memory holds', () => {
  const keyspace = open({ cacheBytes: 1_000_000 });
  const megabyte = 'x'.repeat(1_000_000);
  for (let i = 0; i < 40; i++) put(keyspace, `key:${i}`, megabyte);
  new Fold(keyspace).all();
  keyspace.turn('read', () => {
    for (let i = 0; i < 40; i++) expect(keyspace.database(0).find(`key:${i}`)).toBeDefined();
    expect(keyspace.memory.bytes).toBeLessThan(20_000_000);
  });
});

test('a flush is swept later, collections and all', () => {
  const keyspace = open();
  keyspace.turn('write', () => {
    const head = keyspace.newCollection('set');
    keyspace.store
      .statement<[number, Buffer]>('INSERT INTO member (owner, member) VALUES (?, ?)')
      .run(head.owner, Buffer.from('m'));
    keyspace.database(0).setCollection('set', new CollectionEntry('set', head.owner, 1, false, 0, undefined, 0));
  });
  put(keyspace, 'text', '1');
  new Fold(keyspace).all();
  keyspace.turn('write', () => keyspace.database(0).flush());
  const sweep = new Sweep(keyspace);
  while (sweep.garbage(1));
  const left = keyspace.store.read(() =>
    keyspace.store
      .statement<[], { n: number }>('SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM member) AS n')
      .get(),
  );
  expect(left?.n).toBe(0);
});

describe('collections of a flushed database', () => {
  const sweepAll = (keyspace: Keyspace) => {
    const sweep = new Sweep(keyspace);
    while (sweep.garbage(10));
  };
  const addSet = (keyspace: Keyspace, database: number, key: string, expires?: number) =>
    keyspace.turn('write', () => {
      const { owner } = keyspace.newCollection('set');
      keyspace.store
        .statement<[number, Buffer]>('INSERT INTO member (owner, member) VALUES (?, ?)')
        .run(owner, Buffer.from('m'));
      keyspace.database(database).setCollection(key, new CollectionEntry('set', owner, 1, false, 0, expires, 0));
      return owner;
    });
  const rowsOf = (keyspace: Keyspace, owner: number) =>
    keyspace.store.read(
      () =>
        keyspace.store.statement<[number], { n: number }>('SELECT count(*) AS n FROM member WHERE owner = ?').get(owner)
          ?.n,
    );

  test('that were moved elsewhere before are kept', () => {
    const keyspace = open();
    const owner = addSet(keyspace, 0, 'set');
    new Fold(keyspace).all();
    keyspace.turn('write', () => {
      const entry = keyspace.database(0).detach('set');
      if (entry !== undefined) keyspace.database(1).put('set', entry, undefined);
    });
    keyspace.turn('write', () => keyspace.database(0).flush());
    sweepAll(keyspace);
    expect(rowsOf(keyspace, owner)).toBe(1);
    expect(keyspace.turn('read', () => keyspace.database(1).find('set'))).toMatchObject({ owner });
  });

  test('that were never folded are swept', () => {
    const keyspace = open();
    const owner = addSet(keyspace, 0, 'set');
    keyspace.turn('write', () => keyspace.database(0).flush());
    sweepAll(keyspace);
    expect(rowsOf(keyspace, owner)).toBe(0);
  });

  test('whose time comes before they are swept are swept, too', () => {
    const keyspace = open();
    const owner = addSet(keyspace, 0, 'set', clock.now() + 10);
    new Fold(keyspace).all();
    keyspace.turn('write', () => keyspace.database(0).flush());
    clock.advance(10);
    while (new Sweep(keyspace).expired(10, clock.now()) > 0);
    sweepAll(keyspace);
    expect(rowsOf(keyspace, owner)).toBe(0);
  });
});

test('the journal is cut to the history while keys change all the time, and after a flush', () => {
  const keyspace = open();
  keyspace.turn('write', () => keyspace.standing.set('history', 10));
  const fold = new Fold(keyspace);
  for (let i = 0; i < 100; i++) put(keyspace, 'k', `${i}`);
  while (fold.step(10) && keyspace.standing.folded < 100);
  put(keyspace, 'k', 'fresh');
  while (fold.forget());
  expect(keyspace.journal.first()).toBe(92);
  keyspace.turn('write', () => keyspace.database(0).flush());
  fold.all();
  expect(keyspace.standing.folded).toBe(keyspace.revision);
  expect(get(open(), 'k')).toBeUndefined();
});

test('folding within a turn, which may be undone, is refused', () => {
  const keyspace = open();
  put(keyspace, 'a', '1');
  expect(() => keyspace.turn('write', () => new Fold(keyspace).step(1))).toThrow('a turn is under way');
});

test('a turn that begins with an error leaves what was acknowledged as it is', () => {
  const [one, two] = [open(), open()];
  put(one, 'a', '1');
  put(two, 'b', '2');
  put(one, 'c', '3');
  put(two, 'd', '4');
  const since = one.journal.since.bind(one.journal);
  one.journal.since = () => {
    throw new Error('a bad sector');
  };
  expect(() => put(one, 'e', '5')).toThrow('a bad sector');
  one.journal.since = since;
  put(one, 'e', '5');
  new Fold(one).all();
  expect(keysOf(open())).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a damaged file is told as such when it is opened', () => {
  const keyspace = open();
  for (let i = 0; i < 100; i++) put(keyspace, `key:${i}`, 'value');
  keyspace.close();
  const path = join(folder, 'kv.db');
  // All but the first two pages, where SQLite's own things are.
  const from = 2 * 4_096;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(statSync(path).size - from, 'A'), 0, undefined, from);
  closeSync(file);
  expect(() => open()).toThrow(expect.objectContaining({ code: 'storage.corrupt' }));
});

test('what is looked at in one database is forgotten though another changes all the time', () => {
  const keyspace = open({ cacheBytes: 100_000 });
  for (let i = 0; i < 3_000; i++) {
    put(keyspace, 'busy', `${i}`);
    keyspace.turn('read', () => keyspace.database(5).find(`absent:${i}`) ?? keyspace.database(0).find('busy'));
    keyspace.turn('write', () => keyspace.database(5).setString(`key:${i % 50}`, 'x', undefined));
  }
  new Fold(keyspace).all();
  for (let i = 0; i < 50; i++) get(keyspace, 'busy');
  expect(keyspace.memory.bytes).toBeLessThan(110_000);
});

test('as a Map, whatever is folded, swept, forgotten, undone or opened again in between', () => {
  const key = fc.integer({ min: 0, max: 30 }).map((n) => `k${n}`);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key, value: fc.string({ maxLength: 5, unit: 'grapheme-ascii' }) }),
    fc.record({ kind: fc.constant('remove' as const), key }),
    fc.record({ kind: fc.constantFrom('fold', 'foldAll', 'reopen', 'undone', 'flush', 'second') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const path = join(folder, `${Math.random()}.db`);
      let keyspace = open({ path, cacheBytes: 4_000 });
      let fold = new Fold(keyspace);
      const second = open({ path });
      const model = new Map<string, string>();
      for (const one of steps) {
        const database = () => keyspace.database(0);
        if (one.kind === 'set' && 'value' in one) {
          put(keyspace, one.key, one.value);
          model.set(one.key, one.value);
        } else if (one.kind === 'remove' && 'key' in one) {
          const removed = keyspace.turn('write', () => database().remove(one.key));
          expect(removed).toBe(model.delete(one.key));
        } else if (one.kind === 'fold') fold.step(2);
        else if (one.kind === 'foldAll') fold.all();
        else if (one.kind === 'second') {
          put(second, 'k3', 'second');
          model.set('k3', 'second');
        } else if (one.kind === 'flush') {
          keyspace.turn('write', () => database().flush());
          model.clear();
        } else if (one.kind === 'undone') {
          keyspace.enter('write');
          for (const known of ['k1', 'k2', 'k99']) database().setString(known, 'undone', undefined);
          database().remove('k3');
          keyspace.abandonTurn();
        } else {
          keyspace.close();
          opened.splice(opened.indexOf(keyspace), 1);
          keyspace = open({ path });
          fold = new Fold(keyspace);
        }
        expect(keyspace.turn('read', () => database().size)).toBe(model.size);
      }
      expect(keysOf(keyspace)).toEqual([...model.keys()].sort());
      expect(keysOf(second)).toEqual([...model.keys()].sort());
      for (const [known, value] of model) expect(get(keyspace, known)).toBe(value);
    }),
    { numRuns: 60 },
  );
});
