import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { GroupCommit } from '../../../src/platform/store/group-commit.js';
import { keep, readPragma } from '../../../src/platform/store/keep.js';
import { PipelinedCommit } from '../../../src/platform/store/pipelined-commit.js';
import { openStore, type Store } from '../../../src/platform/store/store.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';
import { ADD, ALL, notes } from './definition.js';

const kinds = {
  'group commit': (store: Store, maxQueued?: number) =>
    new GroupCommit(store, maxQueued === undefined ? {} : { maxQueued }),
  'pipelined commit': (store: Store, maxQueued?: number) =>
    new PipelinedCommit(store, maxQueued === undefined ? {} : { maxQueued }),
};

describe.each(Object.entries(kinds))('%s', (name, make) => {
  let store: Store;
  /** Another connection, which sees only what is committed. */
  let witness: Database.Database;

  beforeEach(() => {
    const folder = makeTemporaryFolder();
    store = openStore(notes, { path: join(folder.path, 'notes.db'), busyTimeoutMs: 20, maxPages: 30 });
    witness = keep(new Database(store.path));
    return () => {
      witness.close();
      store.close();
      folder.remove();
    };
  });

  const add = (text: string) => () => store.statement<[string]>(ADD).run(text).changes;
  const committed = () =>
    keep(witness.prepare<[], { text: string }>(ALL))
      .all()
      .map(({ text }) => text);
  /** Grows by one whenever another connection committed. */
  const version = () => readPragma(witness, 'data_version');

  test('puts the writes of one turn into one commit, in their order', async () => {
    const commits = make(store);
    const before = Number(version());
    const writes = ['a', 'b', 'c'].map((text) => commits.run(add(text)));
    expect(commits.pending).toBe(3);
    expect(committed()).toEqual([]);
    expect(await Promise.all(writes)).toEqual([1, 1, 1]);
    expect(committed()).toEqual(['a', 'b', 'c']);
    expect(Number(version()) - before).toBe(1);
    expect(commits.pending).toBe(0);
  });

  test('resolves only when the write is committed', async () => {
    const commits = make(store);
    await commits.run(add('a')).then(() => expect(committed()).toEqual(['a']));
  });

  test('undoes one that fails, all of it, and none of the others', async () => {
    const commits = make(store);
    const results = await Promise.allSettled([
      commits.run(add('a')),
      commits.run(() => {
        add('half')();
        return add('a')();
      }),
      commits.run(() => {
        add('other half')();
        throw new Error('stop');
      }),
      commits.run(add('b')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'storage.failed' } });
    expect(results[2]).toMatchObject({ reason: { message: 'stop' } });
    expect(committed()).toEqual(['a', 'b']);
  });

  test('rejects all when the transaction cannot begin, and goes on afterwards', async () => {
    const commits = make(store);
    witness.exec('BEGIN IMMEDIATE');
    const results = await Promise.allSettled([commits.run(add('a')), commits.run(add('b'))]);
    witness.exec('ROLLBACK');
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'storage.locked' } });
    await commits.run(add('c'));
    expect(committed()).toEqual(['c']);
  });

  test('rejects all when COMMIT fails, and nothing of them is there', async () => {
    // A deferred foreign key is checked by COMMIT itself.
    store.write(() =>
      store
        .statement('CREATE TABLE link (note INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED) STRICT')
        .run(),
    );
    const commits = make(store);
    const results = await Promise.allSettled([
      commits.run(add('a')),
      commits.run(() => store.statement('INSERT INTO link VALUES (99)').run()),
    ]);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'storage.failed' } });
    expect(committed()).toEqual([]);
    await commits.run(add('b'));
    expect(committed()).toEqual(['b']);
  });

  test('never acknowledges a write when the disk is full', async () => {
    const commits = make(store);
    const writes = Array.from({ length: 60 }, (_, i) => commits.run(add(`${i} ${'x'.repeat(3000)}`)));
    const results = await Promise.allSettled(writes);
    const acknowledged = results.filter(({ status }) => status === 'fulfilled').length;
    expect(results.at(-1)).toMatchObject({ reason: { code: 'storage.full' } });
    expect(committed()).toHaveLength(acknowledged);
  });

  test('refuses more than its queue holds', async () => {
    const commits = make(store, 2);
    const results = await Promise.allSettled([1, 2, 3].map((n) => commits.run(add(`${n}`))));
    expect(results[2]).toMatchObject({ reason: { code: 'storage.overloaded' } });
    expect(committed()).toEqual(['1', '2']);
  });

  test.runIf(name === 'group commit')('lets a read see the writes before it', async () => {
    const commits = new GroupCommit(store);
    const count = () => store.statement(ALL).all().length;
    const write = commits.run(add('a'));
    expect(await commits.read(count)).toBe(1);
    await write;
    expect(await commits.read(count)).toBe(1);
  });

  test('finishes what is queued when it is closed, and refuses the rest', async () => {
    const commits = make(store);
    const write = commits.run(add('a'));
    const closed = commits.close();
    await expect(commits.run(add('b'))).rejects.toMatchObject({ code: 'storage.closed' });
    await closed;
    expect(await write).toBe(1);
    expect(committed()).toEqual(['a']);
  });

  test.runIf(name === 'group commit')('flushes a group when one of its jobs needs it', async () => {
    const commits = new GroupCommit(store);
    const sync = () => Object.values(store.statement<[], object>('PRAGMA synchronous').get() ?? {})[0];
    await commits.run(add('a'), { sync: 'normal' });
    expect(sync()).toBe(1);
    await Promise.all([commits.run(add('b'), { sync: 'normal' }), commits.run(add('c'))]);
    expect(sync()).toBe(2);
  });

  test.runIf(name === 'pipelined commit')(
    'answers when the flush has ended, refuses what it failed for, and commits on meanwhile',
    async () => {
      const flushes: ((failure?: unknown) => void)[] = [];
      const commits = new PipelinedCommit(store, { flush: { flush: (done) => flushes.push(done), close: () => {} } });
      const ends: string[] = [];
      const first = commits.run(add('a')).then(() => ends.push('a'));
      await waitFor(() => flushes.length === 1);
      expect(committed()).toEqual(['a']);
      const second = commits.run(add('b'));
      await waitFor(() => flushes.length === 2);
      expect(committed()).toEqual(['a', 'b']);
      expect([ends, commits.pending]).toEqual([[], 2]);
      flushes[1]?.(new Error('the disk is gone'));
      await expect(second).rejects.toThrow('the disk is gone');
      expect(ends).toEqual([]);
      flushes[0]?.();
      await first;
      expect([ends, commits.pending]).toEqual([['a'], 0]);
    },
  );
});
