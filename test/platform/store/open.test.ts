import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { backupStore } from '../../../src/platform/store/backup.js';
import { openStore, type Store } from '../../../src/platform/store/store.js';
import { buildChildScript } from '../../helpers/child-script.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, ALL, notes } from './definition.js';

const texts = (store: Store) =>
  store.read(() =>
    store
      .statement<[], { text: string }>(ALL)
      .all()
      .map((row) => row.text),
  );
const add = (store: Store, text: string) => store.write(() => store.statement<[string]>(ADD).run(text));
const pragma = (store: Store, name: string) =>
  Object.values(store.statement<[], Record<string, unknown>>(`PRAGMA ${name}`).get() ?? {})[0];

describe('opening', () => {
  test('makes the folder for its owner alone, and the file too', () => {
    const folder = join(temporaryFolder(), 'new', 'deeper');
    const store = openStore(notes, { path: join(folder, 'notes.db') });
    add(store, 'a');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(store.path + suffix).mode & 0o777).toBe(0o600);
    store.close();
  });

  test('asks for durability, foreign keys and a write-ahead log', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    expect(pragma(store, 'synchronous')).toBe(2);
    expect(pragma(store, 'journal_mode')).toBe('wal');
    expect(pragma(store, 'foreign_keys')).toBe(1);
    expect(pragma(store, 'trusted_schema')).toBe(0);
    store.close();
  });

  test('asks for it at every opening, not only the first', () => {
    const path = join(temporaryFolder(), 'notes.db');
    openStore(notes, { path }).close();
    const store = openStore(notes, { path });
    expect(pragma(store, 'synchronous')).toBe(2);
    store.close();
  });

  test('keeps as many pages in memory as is asked for', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const [plain, large] = [openStore(notes, { path }), openStore(notes, { path, pageCacheBytes: 64 * 1024 * 1024 })];
    expect([pragma(plain, 'cache_size'), pragma(large, 'cache_size')]).toEqual([-16_000, -65_536]);
    for (const open of [plain, large]) open.close();
  });

  test('relaxes durability only by request', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db'), sync: 'normal' });
    expect(pragma(store, 'synchronous')).toBe(1);
    store.close();
  });

  test('runs the rows of a new file once', () => {
    const path = join(temporaryFolder(), 'notes.db');
    for (let i = 0; i < 2; i += 1)
      openStore(notes, { path, initialise: (store) => store.statement(ADD).run('first') }).close();
    const store = openStore(notes, { path });
    expect(texts(store)).toEqual(['first']);
    store.close();
  });

  test('runs only the migrations that a file has not seen', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const old = openStore(notes, { path });
    add(old, 'kept');
    old.close();
    const grown = {
      ...notes,
      migrations: [...notes.migrations, "ALTER TABLE note ADD COLUMN tag TEXT DEFAULT 'none'"],
    };
    const store = openStore(grown, { path });
    expect(store.read(() => store.statement('SELECT text, tag FROM note').all())).toEqual([
      { text: 'kept', tag: 'none' },
    ]);
    store.close();
  });

  test('leaves an older file as it was when a migration fails', () => {
    const path = join(temporaryFolder(), 'notes.db');
    openStore(notes, { path }).close();
    const broken = {
      ...notes,
      migrations: [...notes.migrations, 'CREATE TABLE half (id INTEGER); CREATE TABLE half (id)'],
    };
    expect(() => openStore(broken, { path })).toThrow(/half/);
    const store = openStore(notes, { path });
    expect(store.read(() => store.statement("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get())).toBeUndefined();
    store.close();
  });

  test('of a new file works from several processes at once', async () => {
    const path = join(temporaryFolder(), 'deep', 'notes.db');
    const script = await buildChildScript(new URL('open-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [script.path, path], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    const store = openStore(notes, { path });
    expect(texts(store).filter((text) => text === 'born')).toHaveLength(1);
    expect(texts(store)).toHaveLength(5);
    store.close();
  });
});

describe('closing', () => {
  test('leaves the collector nothing that ends the process (Node 24.19 and later)', async () => {
    const script = await buildChildScript(new URL('collect-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = join(temporaryFolder(), 'notes.db');
    const { stdout, status } = spawnSync(process.execPath, ['--expose-gc', script.path, path], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: 'alive', status: 0 });
  });

  test('leaves one file behind', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    add(store, 'a');
    store.close();
    store.close();
    expect(existsSync(`${store.path}-wal`)).toBe(false);
  });

  test('can leave the log behind, and nothing is lost', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const store = openStore(notes, { path, closing: 'leave' });
    add(store, 'a');
    store.close();
    expect(existsSync(`${path}-wal`)).toBe(true);
    const next = openStore(notes, { path });
    expect(texts(next)).toEqual(['a']);
    next.close();
  });

  test('refuses what comes later', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    store.close();
    expect(() => add(store, 'a')).toThrow(expect.objectContaining({ code: 'storage.closed' }));
  });
});

describe('writing', () => {
  test('undoes everything when the work throws', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    expect(() =>
      store.write(() => {
        store.statement<[string]>(ADD).run('half');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(texts(store)).toEqual([]);
    add(store, 'whole');
    expect(texts(store)).toEqual(['whole']);
    store.close();
  });

  test('can leave out the flush of one commit, and flushes the next again', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    store.write(() => {}, { sync: 'normal' });
    expect(pragma(store, 'synchronous')).toBe(1);
    store.write(() => {});
    expect(pragma(store, 'synchronous')).toBe(2);
    store.close();
  });
});

describe('reading', () => {
  test('sees one state within a view, and goes on to the present after it', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const [store, other] = [openStore(notes, { path }), openStore(notes, { path })];
    add(other, 'before');
    store.view(() => {
      expect(texts(store)).toEqual(['before']);
      add(other, 'meanwhile');
      expect(store.view(() => texts(store))).toEqual(['before']);
    });
    expect(texts(store)).toEqual(['before', 'meanwhile']);
    for (const open of [store, other]) open.close();
  });

  test('may fill temporary tables in a view, while another connection writes', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const [store, other] = [openStore(notes, { path }), openStore(notes, { path, busyTimeoutMs: 0 })];
    store.statement('CREATE TEMP TABLE draft (text TEXT)').run();
    store.view(() => {
      store.statement<[string]>('INSERT INTO draft VALUES (?)').run('mine');
      add(other, 'theirs');
    });
    store.write(() => store.statement('INSERT INTO note (text) SELECT text FROM draft').run());
    expect(texts(store)).toEqual(['theirs', 'mine']);
    for (const open of [store, other]) open.close();
  });

  test('ends a view whose work throws', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    expect(() => store.view(() => expect.unreachable('stop'))).toThrow('stop');
    add(store, 'a');
    expect(texts(store)).toEqual(['a']);
    store.close();
  });

  test('tells by its data version that others have written', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const [store, other] = [openStore(notes, { path }), openStore(notes, { path })];
    const first = store.dataVersion();
    add(store, 'own');
    expect(store.dataVersion()).toBe(first);
    add(other, 'theirs');
    expect(store.dataVersion()).not.toBe(first);
    for (const open of [store, other]) open.close();
  });
});

describe('integrity', () => {
  test('is sound for a sound file', () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    expect(store.quickCheck()).toEqual([]);
    store.close();
  });
});

describe('backup', () => {
  test('is whole, consistent and a store like any other, while another process writes', async () => {
    const folder = temporaryFolder();
    const store = openStore(notes, { path: join(folder, 'notes.db'), sync: 'normal' });
    store.write(() => {
      for (let i = 0; i < 20_000; i += 1) store.statement<[string]>(ADD).run(`${i} ${'x'.repeat(300)}`);
    });
    const script = await buildChildScript(new URL('steady-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const writer = spawn(process.execPath, [script.path, store.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(writer, 'exit');
    await once(writer.stdout, 'data');
    const report = backupStore(store, join(folder, "it's a copy.db"));
    writer.kill('SIGKILL');
    await ended;
    expect(report.bytes).toBeGreaterThan(4_000_000);
    const copy = openStore(notes, { path: report.path });
    expect(copy.quickCheck()).toEqual([]);
    expect(pragma(copy, 'journal_mode')).toBe('wal');
    expect(texts(copy).length).toBeGreaterThanOrEqual(20_000);
    for (const open of [copy, store]) open.close();
  });

  test('replaces an earlier one, and leaves no temporary file', async () => {
    const folder = temporaryFolder();
    const store = openStore(notes, { path: join(folder, 'notes.db') });
    backupStore(store, join(folder, 'copy.db'));
    add(store, 'later');
    backupStore(store, join(folder, 'copy.db'));
    const copy = openStore(notes, { path: join(folder, 'copy.db') });
    expect(texts(copy)).toEqual(['later']);
    copy.close();
    store.close();
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'notes.db']);
  });

  test('is refused onto its own file', async () => {
    const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
    expect(() => backupStore(store, store.path)).toThrow(
      expect.objectContaining({
        code: 'storage.backup_target',
        kind: 'usage',
      }),
    );
    store.close();
  });

  test('leaves an earlier one alone when it fails', async () => {
    const folder = temporaryFolder();
    const store = openStore(notes, { path: join(folder, 'notes.db') });
    backupStore(store, join(folder, 'copy.db'));
    const before = readFileSync(join(folder, 'copy.db'));
    store.close();
    expect(() => backupStore(store, join(folder, 'copy.db'))).toThrow(
      expect.objectContaining({ code: 'storage.closed' }),
    );
    expect(readFileSync(join(folder, 'copy.db'))).toEqual(before);
  });
});
