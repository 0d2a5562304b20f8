/** A connection that does nothing but checkpoint, for a thread beside the one that writes. */
import Database from 'better-sqlite3';
import { addonPath } from './addon.js';
import { translateStorageError } from './errors.js';
import { keep } from './keep.js';

/** The write-ahead log, as PRAGMA wal_checkpoint tells of it (https://sqlite.org/pragma.html#pragma_wal_checkpoint). */
export interface LogPages {
  /** Pages in the log; -1: there is none yet. */
  readonly log: number;
  /** Those of them that are in the database file, too. Once all are, the next write begins the log anew. */
  readonly checkpointed: number;
}

/** Copies what the log has into the database file, as far as nobody reads what was before, and flushes both; waits for nobody. */
export const CHECKPOINT = 'PRAGMA wal_checkpoint(PASSIVE)';
/** Only looks: 2 µs. */
export const LOG_PAGES = 'PRAGMA wal_checkpoint(NOOP)';

export class Checkpointer {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #checkpoint: Database.Statement<[], LogPages>;

  /** The file must be there, with a log. Error: `storage.cannot_open`. */
  constructor(path: string) {
    const nativeBinding = addonPath();
    this.#path = path;
    try {
      this.#db = keep(
        new Database(path, {
          fileMustExist: true,
          timeout: 0,
          ...(nativeBinding === undefined ? {} : { nativeBinding }),
        }),
      );
      this.#checkpoint = keep(this.#db.prepare(CHECKPOINT));
    } catch (error) {
      throw translateStorageError(error, path);
    }
  }

  /** Errors: `storage.full`, `storage.io`. */
  run(): void {
    try {
      this.#checkpoint.get();
    } catch (error) {
      throw translateStorageError(error, this.#path);
    }
  }

  /** Without a last checkpoint: other connections have the file open. */
  close(): void {
    this.#db.close();
  }
}
