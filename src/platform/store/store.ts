/**
 * A block's SQLite file. The only way to SQLite: everything thrown here is an error of the storage catalogue.
 *
 * Never open the file by other means in the same process: closing any descriptor of it would drop SQLite's locks
 * (POSIX advisory locks belong to the process, https://sqlite.org/howtocorrupt.html section 2.2).
 */
import { chmodSync, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { makeFolder } from '../make-folder.js';
import { addonPath } from './addon.js';
import { CHECKPOINT, LOG_PAGES, type LogPages } from './checkpointer.js';
import { closedError, missingFileError, storageErrors, translateStorageError } from './errors.js';
import { FilePlace } from './file-place.js';
import { keep, readPragma } from './keep.js';
import { isCurrent, migrate, type StoreDefinition } from './migrate.js';
import {
  CHECKPOINT_PAGES,
  CHECKPOINT_PAGES_WHEN_LEFT,
  connectionPragmas,
  DEFAULT_BUSY_TIMEOUT_MS,
  type Sync,
} from './pragmas.js';

export interface StoreOptions {
  readonly path: string;
  /** Where there is no file it is an error, `storage.cannot_open`, and none is made. Default false. */
  readonly mustExist?: boolean;
  /** Default `full`. */
  readonly sync?: Sync;
  /** Milliseconds; default {@link DEFAULT_BUSY_TIMEOUT_MS}. */
  readonly busyTimeoutMs?: number;
  /**
   * What close does with the WAL, default `checkpoint`:
   * - `checkpoint`: the last connection moves it into the file and removes it. One whole file is left.
   * - `leave`: nothing at all, as if the process had been killed: for a command that is about to end by
   *   `process.exit`. (Where Node ends by itself it closes the file, and that is a checkpoint.) The next process
   *   picks the WAL up.
   *
   * Flushes of a process that leases and releases a worker number (`strace -f -c -e fsync`): 6 with `checkpoint`, 2
   * with `leave` and the release unflushed. On a disk that takes 5 ms for one, half of what Node takes to start.
   */
  readonly closing?: 'checkpoint' | 'leave';
  /** Upper bound of the file in pages of 4096 bytes; beyond it `storage.full`. Default: none. */
  readonly maxPages?: number;
  /**
   * WAL pages after which a commit copies them into the database file, which takes two flushes; default {@link CHECKPOINT_PAGES}. More
   * for who commits all the time, or checkpoints by himself: 8,192 pages are 32 MB of log, and 50 ms when it is opened after a kill.
   */
  readonly checkpointPages?: number;
  /**
   * Memory for pages that were read, in bytes; default 16 MiB (as better-sqlite3 builds SQLite). Taken as it is needed. All
   * is read again after another process has written.
   */
  readonly pageCacheBytes?: number;
  /** Runs within the transaction that creates the schema. */
  readonly initialise?: (store: Store) => void;
}

export type Statement<Parameters extends unknown[], Row = unknown> = Database.Statement<Parameters, Row>;

export class Store {
  readonly path: string;
  readonly #db: Database.Database;
  readonly #closing: 'checkpoint' | 'leave';
  readonly #sync: Sync;
  readonly #busyTimeoutMs: number;
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>();
  readonly #place: FilePlace;
  #presentSync: Sync;
  #closed = false;

  constructor(db: Database.Database, path: string, options: StoreOptions) {
    this.#db = db;
    this.path = path;
    this.#place = new FilePlace(path);
    this.#closing = options.closing ?? 'checkpoint';
    this.#sync = options.sync ?? 'full';
    this.#presentSync = this.#sync;
    this.#busyTimeoutMs = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  /** Prepared at its first use and kept, so that a one-shot command pays only for the statements that it runs. */
  statement<Parameters extends unknown[], Row = unknown>(sql: string): Statement<Parameters, Row> {
    return this.#prepared<Parameters, Row>(sql, sql, false);
  }

  /** As {@link statement}; every integer of a row comes back as a bigint: for columns that use all 64 bits. */
  bigStatement<Parameters extends unknown[], Row = unknown>(sql: string): Statement<Parameters, Row> {
    return this.#prepared<Parameters, Row>(`big:${sql}`, sql, true);
  }

  /** Runs `work` and translates what it throws. For reads of one statement, which need no transaction. */
  read<T>(work: () => T): T {
    if (this.#closed) throw closedError(this.path);
    try {
      return work();
    } catch (error) {
      throw translateStorageError(error, this.path);
    }
  }

  /**
   * Runs reads that all see one state of the file, whoever writes meanwhile (`BEGIN … COMMIT`); also cheaper than as many
   * by themselves, each of which takes locks of its own. `work` may write to temporary tables, to nothing else. Within
   * another transaction it is part of that.
   */
  view<T>(work: () => T): T {
    if (this.#db.inTransaction) return this.read(work);
    return this.read(() => {
      this.statement<[]>('BEGIN').run();
      try {
        return work();
      } finally {
        // Also when it threw: there is nothing in the file to be undone.
        if (this.#db.inTransaction) this.statement<[]>('COMMIT').run();
      }
    });
  }

  /**
   * Another number than before when another connection, of this process or another, has committed to the file since; own
   * commits do not change it (https://sqlite.org/pragma.html#pragma_data_version). 9 µs: a look into shared memory, under
   * locks.
   */
  dataVersion(): number {
    const row = this.read(() => this.statement<[], { data_version: number }>('PRAGMA data_version').get());
    return row?.data_version ?? 0;
  }

  /**
   * Runs `work` inside `BEGIN IMMEDIATE … COMMIT`, and rolls back when it throws. IMMEDIATE, because a transaction
   * that reads first and writes later would fail at once, without waiting, when another process wrote in between.
   *
   * `sync: 'normal'` leaves out the flush of this one commit, for changes that nobody is told about. `busyTimeoutMs` is how
   * long this one waits for another process's write: waiting holds up the whole thread, and with it whoever it serves.
   */
  write<T>(work: () => T, options: { readonly sync?: Sync; readonly busyTimeoutMs?: number } = {}): T {
    return this.read(() => {
      this.#setSync(options.sync ?? this.#sync);
      this.#begin(options.busyTimeoutMs);
      try {
        // Within the transaction, when SQLite has its three files open.
        this.#place.check();
        const result = work();
        this.statement<[]>('COMMIT').run();
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (disk full, I/O).
        if (this.#db.inTransaction) this.statement<[]>('ROLLBACK').run();
        throw error;
      }
    });
  }

  /**
   * As {@link write}, for work that is written with `await` since it also runs on a database that answers later. It may await
   * nothing but what has its answer at once: the transaction is to end before the event loop goes on, and whoever calls this
   * sees to it that nothing else uses the store meanwhile.
   */
  async writeSteps<T>(work: () => Promise<T>, options: { readonly sync?: Sync } = {}): Promise<T> {
    return this.#steps(() => {
      this.#setSync(options.sync ?? this.#sync);
      this.#begin(undefined);
      this.#place.check();
    }, work);
  }

  /** As {@link view}, under the rules of {@link writeSteps}. */
  async viewSteps<T>(work: () => Promise<T>): Promise<T> {
    return this.#steps(() => this.statement<[]>('BEGIN').run(), work);
  }

  /**
   * Begins a transaction that {@link commit} or {@link rollback} ends, for work that is not one function: a turn of the event loop.
   * `write` takes the lock at once (`BEGIN IMMEDIATE`), `read` sees one state of the file from its first look on. `checkPlace: false` takes
   * on trust that the file is still where its path leads: three looks take 40 µs where system calls are slow.
   */
  begin(
    mode: 'read' | 'write',
    options: { readonly busyTimeoutMs?: number; readonly checkPlace?: boolean } = {},
  ): void {
    this.read(() => {
      if (mode === 'read') {
        this.statement<[]>('BEGIN').run();
        return;
      }
      this.#setSync(this.#sync);
      this.#begin(options.busyTimeoutMs);
      try {
        if (options.checkPlace !== false) this.#place.check();
      } catch (error) {
        this.statement<[]>('ROLLBACK').run();
        throw error;
      }
    });
  }

  /** Ends what {@link begin} began. When it throws, nothing of it was written. */
  commit(): void {
    this.read(() => {
      try {
        this.statement<[]>('COMMIT').run();
      } catch (error) {
        if (this.#db.inTransaction) this.statement<[]>('ROLLBACK').run();
        throw error;
      }
    });
  }

  /** Undoes what was written since {@link begin}; nothing to do where SQLite has done so by itself (full disk, I/O). */
  rollback(): void {
    if (this.#db.inTransaction) this.read(() => this.statement<[]>('ROLLBACK').run());
  }

  /** Throws `storage.replaced` when the path leads to another file by now. For reads, which do not look by themselves. */
  checkInPlace(): void {
    this.#place.check();
  }

  /** Problems that SQLite finds in the structure of the file, at most `limit`; an empty list means sound. Reads it all. */
  quickCheck(limit = 10): string[] {
    const rows = this.read(() =>
      keep(this.#db.prepare<[], { quick_check: string }>(`PRAGMA quick_check(${limit})`)).all(),
    );
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok');
  }

  /** What is in the write-ahead log, and how much of it is in the database file already. */
  logPages(): LogPages {
    return this.#tellLog(LOG_PAGES);
  }

  /** Copies what the log has into the database file, as far as nobody reads what was before; flushes both. Not within a transaction. */
  checkpoint(): LogPages {
    return this.#tellLog(CHECKPOINT);
  }

  /** For backup.ts: writes a copy of the present state to a new file, in this thread; other processes may go on writing. */
  copyTo(path: string): void {
    this.read(() => this.#db.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`));
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    if (this.#closing === 'checkpoint') this.read(() => this.#db.close());
    this.#closed = true;
    this.#statements.clear();
  }

  async #steps<T>(begin: () => void, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError(this.path);
    try {
      begin();
      const result = await work();
      this.statement<[]>('COMMIT').run();
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.statement<[]>('ROLLBACK').run();
      throw translateStorageError(error, this.path);
    }
  }

  #tellLog(pragma: string): LogPages {
    const pages = this.read(() => this.statement<[], LogPages>(pragma).get());
    return pages ?? { log: -1, checkpointed: -1 };
  }

  #prepared<Parameters extends unknown[], Row>(key: string, sql: string, big: boolean): Statement<Parameters, Row> {
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      statement = keep(this.#db.prepare<unknown[], unknown>(sql));
      if (big) statement.safeIntegers(true);
      this.#statements.set(key, statement);
    }
    // The row type is the caller's promise about its SQL; nothing at run time could check it.
    return statement as Statement<Parameters, Row>;
  }

  #begin(busyTimeoutMs: number | undefined): void {
    if (busyTimeoutMs === undefined) {
      this.statement<[]>('BEGIN IMMEDIATE').run();
      return;
    }
    this.#db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    try {
      this.statement<[]>('BEGIN IMMEDIATE').run();
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`);
    }
  }

  #setSync(sync: Sync): void {
    if (sync === this.#presentSync) return;
    this.#db.exec(`PRAGMA synchronous = ${sync}`);
    this.#presentSync = sync;
  }
}

/** Opens the file of a block, creating folder (0700) and file (0600) where needed, and migrates it. */
export function openStore(definition: StoreDefinition, options: StoreOptions): Store {
  const path = resolve(options.path);
  let db: Database.Database | undefined;
  try {
    db = connect(path, options);
    const store = new Store(db, path, options);
    const isNew = !isCurrent(db, path, definition);
    // A copy that was made by a tool may have left the write-ahead log behind.
    if (isNew || readPragma(db, 'journal_mode') !== 'wal')
      switchToWal(db, options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS);
    const usualPages = options.closing === 'leave' ? CHECKPOINT_PAGES_WHEN_LEFT : CHECKPOINT_PAGES;
    const checkpointPages = options.checkpointPages ?? usualPages;
    db.exec(connectionPragmas(options.sync ?? 'full', checkpointPages));
    if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    if (options.pageCacheBytes !== undefined)
      db.exec(`PRAGMA cache_size = -${Math.ceil(options.pageCacheBytes / 1024)}`);
    if (isNew) migrate(db, path, definition, () => options.initialise?.(store));
    return store;
  } catch (error) {
    db?.close();
    throw translateStorageError(error, path);
  }
}

function connect(path: string, options: StoreOptions): Database.Database {
  const isNew = !existsSync(path);
  if (isNew && options.mustExist === true) throw missingFileError(path);
  if (isNew) makeFolder(dirname(path));
  const nativeBinding = addonPath();
  const db = keep(
    new Database(path, {
      timeout: options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
    }),
  );
  // Before anything is in it; SQLite gives the -wal and -shm files the same mode.
  if (isNew) chmodSync(path, 0o600);
  return db;
}

/**
 * WAL is a property of the file, so it is set once. The switch needs the file for itself for a moment, and SQLite does
 * not wait for that by the busy timeout; hence the loop, which waits in the thread as SQLite would.
 */
function switchToWal(db: Database.Database, timeoutMs: number): void {
  const pauseMs = 5;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      const mode = readPragma(db, 'journal_mode = WAL');
      if (mode === 'wal') return;
      throw storageErrors.error(
        'storage.cannot_open',
        `${db.name} cannot use a write-ahead log (journal mode ${mode})`,
        {
          hint: 'put the file on a local disk: network file systems lack the shared memory that it needs',
          details: { path: db.name },
        },
      );
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || waitedMs >= timeoutMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
