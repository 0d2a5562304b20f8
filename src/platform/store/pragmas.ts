/** How every connection is set up, each setting with its reason. */

/**
 * - `full`: every commit is flushed to the disk before it is acknowledged; survives power loss.
 * - `normal`: survives `kill -9`, but a power loss may take the last acknowledged commits back. Only by request.
 */
export type Sync = 'full' | 'normal';

/**
 * Milliseconds a writer waits for another process's transaction before `storage.locked`. Blocks the thread meanwhile.
 * Transactions last for a flush, so seconds mean trouble. Default 5000; 0 fails at once.
 */
export const DEFAULT_BUSY_TIMEOUT_MS = 5000;

/**
 * Bytes of a page in the WAL. A WAL file that a burst of writes has grown is cut after a checkpoint to what it has between two of them: where
 * it need not grow again a flush writes no metadata, and takes 95 µs in place of 200 (ext4).
 */
const WAL_PAGE_BYTES = 4096 + 24;

/** WAL pages after which a commit copies them into the database file: SQLite's default, about 4 MB. */
export const CHECKPOINT_PAGES = 1000;

/**
 * The same for a connection that leaves its WAL behind (see `closing` in store.ts). The next process reads what was left
 * before its first statement: 0.44 ms in all with 3 pages, 0.72 ms with 100, 2.6 ms with 1000 (Node 20, warm cache). So
 * a short log, at the price of a checkpoint in about every thirtieth one-shot.
 */
export const CHECKPOINT_PAGES_WHEN_LEFT = 100;

export function connectionPragmas(sync: Sync, checkpointPages: number): string {
  return [
    // better-sqlite3 builds SQLite so that WAL files open as NORMAL: durability has to be asked for.
    `PRAGMA synchronous = ${sync}`,
    // Off by default in SQLite for the sake of files older than 2009.
    'PRAGMA foreign_keys = ON',
    // A file that came from elsewhere may not run functions through its views and triggers.
    'PRAGMA trusted_schema = OFF',
    // Without a limit the WAL keeps the size of the largest burst for ever.
    `PRAGMA journal_size_limit = ${checkpointPages * WAL_PAGE_BYTES + 32}`,
    `PRAGMA wal_autocheckpoint = ${checkpointPages}`,
  ].join(';');
}
