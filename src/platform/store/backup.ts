/** Online backup: a whole, consistent copy of a database that is being written to. */
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { storageErrors, translateStorageError } from './errors.js';
import type { Store } from './store.js';

/** Pages copied between two turns of the event loop: 4 MB, a few milliseconds. */
const PAGES_PER_STEP = 1000;

const ALL_PAGES = 2 ** 31 - 1;

export interface BackupReport {
  /** Absolute. */
  readonly path: string;
  readonly pages: number;
}

/**
 * Writes the copy under a temporary name beside `target`, flushes it, and renames it: `target` is at every moment
 * either what it was before or the whole copy. An earlier backup there is replaced.
 */
export async function backupStore(store: Store, target: string): Promise<BackupReport> {
  const path = resolve(target);
  refuseOwnFile(store, path);
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(dirname(path), '.ds-backup-'));
    const copy = join(folder, 'copy.db');
    const pages = await copyPages(store, copy);
    // The copy is nobody's yet, so closing a descriptor of it drops no locks (see store.ts).
    flush(copy);
    renameSync(copy, path);
    flush(dirname(path));
    return { path, pages };
  } catch (error) {
    throw translateStorageError(error, path);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A write by another process between two steps makes SQLite start over. Under steady writes that would never end, so
 * after the first restart everything is copied in one step, during which writers wait for nothing but the thread.
 */
async function copyPages(store: Store, copy: string): Promise<number> {
  let previous = ALL_PAGES;
  const { totalPages } = await store.copyTo(copy, (remaining) => {
    const restarted = remaining >= previous;
    previous = remaining;
    return restarted ? ALL_PAGES : PAGES_PER_STEP;
  });
  return totalPages;
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
