import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DsError } from '../../../src/platform/errors.js';
import { storageErrors, translateStorageError } from '../../../src/platform/store/errors.js';
import { keep } from '../../../src/platform/store/keep.js';
import { openStore } from '../../../src/platform/store/store.js';
import { buildChildScript } from '../../helpers/child-script.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, ALL, notes } from './definition.js';

/** What `attempt` throws; it must be of the catalogue, name the path, and carry cause and hint where it has one. */
function failure(attempt: () => unknown): DsError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof DsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A file with some hundred pages, closed. */
function filledFile(): string {
  const path = join(temporaryFolder(), 'notes.db');
  const store = openStore(notes, { path });
  store.write(() => {
    for (let i = 0; i < 2000; i += 1) store.statement<[string]>(ADD).run(`${i} ${'x'.repeat(300)}`);
  });
  store.close();
  return path;
}

async function outputOf(script: string, path: string): Promise<string> {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  return Buffer.concat(await child.stdout.toArray()).toString();
}

describe('a file that cannot be used is refused with its own code:', () => {
  test('garbage', () => {
    const path = join(temporaryFolder(), 'notes.db');
    writeFileSync(path, 'no database at all, but long enough for a header of one hundred bytes '.repeat(4));
    const error = failure(() => openStore(notes, { path }));
    expect(error).toMatchObject({ code: 'storage.not_a_database', kind: 'storage', details: { path } });
    expect(error.message).toContain(path);
    expect(error.hint).toBeDefined();
    expect(error.cause).toBeInstanceOf(Database.SqliteError);
  });

  test('a truncated file', () => {
    const path = filledFile();
    truncateSync(path, 64 * 4096);
    const store = () => {
      const opened = openStore(notes, { path });
      try {
        return opened.read(() => opened.statement(ALL).all());
      } finally {
        opened.close();
      }
    };
    expect(failure(store)).toMatchObject({ code: 'storage.corrupt', details: { path } });
  });

  test('a page overwritten: the integrity check finds it', () => {
    const path = filledFile();
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, Buffer.alloc(4096, 0xff), 0, 4096, 10 * 4096);
    closeSync(descriptor);
    const store = openStore(notes, { path });
    expect(store.quickCheck().length).toBeGreaterThan(0);
    store.close();
  });

  test("another program's database, which stays as it was", () => {
    const path = join(temporaryFolder(), 'other.db');
    const other = keep(new Database(path));
    other.exec('CREATE TABLE theirs (id INTEGER)');
    other.close();
    const before = readFileSync(path);
    expect(failure(() => openStore(notes, { path }))).toMatchObject({ code: 'storage.foreign_file' });
    expect(readFileSync(path)).toEqual(before);
  });

  test("another block's file", () => {
    const path = filledFile();
    const block = { ...notes, block: 'kv', applicationId: 0x44734b76 };
    expect(failure(() => openStore(block, { path }))).toMatchObject({ code: 'storage.foreign_file' });
  });

  test('a newer schema, which stays as it was', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const newer = { ...notes, migrations: [...notes.migrations, 'CREATE TABLE later (id INTEGER)'] };
    openStore(newer, { path }).close();
    const before = readFileSync(path);
    const error = failure(() => openStore(notes, { path }));
    expect(error).toMatchObject({ code: 'storage.newer_schema', details: { path, version: 2, latest: 1 } });
    expect(readFileSync(path)).toEqual(before);
  });

  test('a folder in its place', () => {
    const path = join(temporaryFolder(), 'notes.db');
    mkdirSync(path);
    expect(failure(() => openStore(notes, { path }))).toMatchObject({ code: 'storage.cannot_open' });
  });

  test('a file where its folder should be', () => {
    const folder = join(temporaryFolder(), 'file');
    writeFileSync(folder, '');
    expect(failure(() => openStore(notes, { path: join(folder, 'notes.db') }))).toMatchObject({
      code: 'storage.cannot_open',
    });
  });

  test('a folder in which nothing can be made', () => {
    expect(failure(() => openStore(notes, { path: '/proc/ds/notes.db' }))).toMatchObject({
      code: 'storage.cannot_open',
    });
  });
});

describe('a write that fails has its own code:', () => {
  test('no room is left, and what was there stays', () => {
    const path = join(temporaryFolder(), 'notes.db');
    const store = openStore(notes, { path, maxPages: 20 });
    store.write(() => store.statement<[string]>(ADD).run('kept'));
    const error = failure(() =>
      store.write(() => {
        for (let i = 0; i < 100; i += 1) store.statement<[string]>(ADD).run(`${i} ${'x'.repeat(4000)}`);
      }),
    );
    expect(error).toMatchObject({ code: 'storage.full', details: { path, reason: 'SQLITE_FULL' } });
    expect(store.read(() => store.statement(ALL).all())).toEqual([{ text: 'kept' }]);
    store.write(() => store.statement<[string]>(ADD).run('goes on'));
    store.close();
  });

  test('another connection holds the lock', () => {
    const path = filledFile();
    const store = openStore(notes, { path, busyTimeoutMs: 20 });
    const other = keep(new Database(path));
    other.exec('BEGIN IMMEDIATE');
    expect(failure(() => store.write(() => undefined))).toMatchObject({ code: 'storage.locked', details: { path } });
    other.exec('ROLLBACK');
    store.write(() => undefined);
    other.close();
    store.close();
  });

  test('another connection holds the lock, and one write is not to wait for it', () => {
    const path = filledFile();
    const store = openStore(notes, { path, busyTimeoutMs: 60_000 });
    const other = keep(new Database(path));
    other.exec('BEGIN IMMEDIATE');
    const begun = performance.now();
    expect(failure(() => store.write(() => undefined, { busyTimeoutMs: 0 }))).toMatchObject({ code: 'storage.locked' });
    expect(performance.now() - begun).toBeLessThan(30_000);
    other.exec('ROLLBACK');
    store.write(() => undefined, { busyTimeoutMs: 0 });
    expect(store.read(() => store.statement('PRAGMA busy_timeout').get())).toEqual({ timeout: 60_000 });
    other.close();
    store.close();
  });

  test.each([
    ['a file without write permission', 0o444, 0o755],
    ['a folder without write permission, where the log cannot be made', 0o666, 0o555],
  ])('%s', async (_, fileMode, folderMode) => {
    const script = await buildChildScript(new URL('write-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = filledFile();
    const folder = dirname(path);
    chmodSync(path, fileMode);
    chmodSync(folder, folderMode);
    onTestFinished(() => chmodSync(folder, 0o755));
    expect(JSON.parse(await outputOf(script.path, path))).toMatchObject({
      code: 'storage.read_only',
      kind: 'storage',
      details: { path },
    });
  });
});

describe('translation', () => {
  test.each([
    ['SQLITE_CORRUPT_INDEX', 'storage.corrupt'],
    ['SQLITE_FULL', 'storage.full'],
    ['ENOSPC', 'storage.full'],
    ['SQLITE_IOERR_SHMSIZE', 'storage.full'],
    ['SQLITE_READONLY_DBMOVED', 'storage.read_only'],
    ['EROFS', 'storage.read_only'],
    ['SQLITE_BUSY_SNAPSHOT', 'storage.locked'],
    ['SQLITE_CANTOPEN_ISDIR', 'storage.cannot_open'],
    ['SQLITE_IOERR_FSYNC', 'storage.io'],
    ['SQLITE_TOOBIG', 'storage.failed'],
  ])('of %s is %s', (code, expected) => {
    const thrown = Object.assign(new Error('disk says no'), { code });
    expect(translateStorageError(thrown, '/a.db')).toMatchObject({ code: expected, cause: thrown });
  });

  test('leaves bugs and errors of a catalogue as they are', () => {
    const bug = new TypeError('undefined is not a function');
    const known = storageErrors.error('storage.full', 'full');
    expect(translateStorageError(bug, '/a.db')).toBe(bug);
    expect(translateStorageError(known, '/a.db')).toBe(known);
  });
});
