/**
 * Online backup: a whole, consistent copy of a database that other processes are writing to. By VACUUM INTO, which reads
 * one snapshot and holds the thread meanwhile; SQLite's stepwise backup would not hold it, but
 * better-sqlite3's object for it cannot be kept from the collector (see keep.ts).
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { storageErrors, translateStorageError } from './errors.js';
import type { Store } from './store.js';

export interface BackupReport {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes the copy under a temporary name beside `target`, flushes it, and renames it: `target` is at every moment
 * either what it was before or the whole copy. An earlier backup there is replaced.
 */
export function backupStore(store: Store, target: string): BackupReport {
  const path = resolve(target);
  refuseOwnFile(store, path);
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(dirname(path), '.ds-backup-'));
    const copy = join(folder, 'copy.db');
    store.copyTo(copy);
    // The copy is nobody's yet, so closing a descriptor of it drops no locks (see store.ts).
    flush(copy);
    renameSync(copy, path);
    flush(dirname(path));
    return { path, bytes: statSync(path).size };
  } catch (error) {
    throw translateStorageError(error, path);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function refuseOwnFile(store: Store, path: string): void {
  if (!['', '-wal', '-shm', '-journal'].some((suffix) => path === store.path + suffix)) return;
  throw storageErrors.error('storage.backup_target', `${path} cannot be backed up onto itself`, {
    hint: `name another file: ${store.path}.backup`,
    details: { path },
  });
}

/** Makes a file's contents, or a folder's entries, survive a power loss. */
function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
