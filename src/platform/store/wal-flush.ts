/**
 * The flush of a commit, off the event loop. SQLite with `synchronous=FULL` flushes the write-ahead log within COMMIT and
 * holds the thread up meanwhile: most of a commit's time. With `synchronous=NORMAL` a commit only writes the log (SQLite
 * still flushes log and database around checkpoints, https://sqlite.org/pragma.html#pragma_synchronous), and this makes
 * it durable in a thread of the pool, while the event loop reads the next requests:
 *
 *     event loop   COMMIT 1 │ read, judge … │ COMMIT 2 │ answers of 1, read, judge … │ COMMIT 3 │ answers of 2
 *     pool                  └── fdatasync 1 ──┘        └──── fdatasync 2 ─────┘
 *
 * The promise is that of FULL as long as nobody is answered before the flush has ended. Other processes see a commit a
 * moment before it is durable; so they do with NORMAL, and what they answer upon it waits for a later flush of the log.
 *
 * Opening and closing the log's file here is safe: SQLite's locks are on the database and the `-shm` file.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { codeOf } from '../errors.js';
import { closedError, translateStorageError } from './errors.js';

export class WalFlush {
  readonly #path: string;
  #descriptor: number | undefined;
  #running = 0;
  #closed = false;
  /** After a failed flush the kernel may have dropped what it could not write, and the next one would succeed. */
  #failure: unknown;

  /** `path`: of the database. */
  constructor(path: string) {
    this.#path = path;
  }

  /** `done` is called, later, once everything committed before the call is on disk; with what went wrong if it is not. */
  flush(done: (failure?: unknown) => void): void {
    const descriptor = this.#opened();
    if (typeof descriptor !== 'number') {
      setImmediate(done, descriptor.failure);
      return;
    }
    this.#running++;
    fdatasync(descriptor, (error) => {
      this.#running--;
      if (error !== null) this.#fail(error);
      if (this.#closed) this.#release();
      done(this.#failure);
    });
  }

  /** As {@link flush}, waiting for the disk in this thread. Returns what went wrong, or undefined. */
  flushNow(): unknown {
    const descriptor = this.#opened();
    if (typeof descriptor !== 'number') return descriptor.failure;
    try {
      fdatasyncSync(descriptor);
    } catch (error) {
      this.#fail(error);
    }
    return this.#failure;
  }

  /** Opens the log's file now, while there are descriptors; where that cannot be done the first flush does so, or fails. */
  open(): void {
    try {
      this.#descriptor ??= openSync(`${this.#path}-wal`, 'r+');
    } catch {}
  }

  #opened(): number | { readonly failure: unknown } {
    if (this.#failure !== undefined || this.#closed) return { failure: this.#failure ?? closedError(this.#path) };
    try {
      // The log exists from the first commit to the last connection's end.
      this.#descriptor ??= openSync(`${this.#path}-wal`, 'r+');
      return this.#descriptor;
    } catch (error) {
      // Nothing is lost where no file could be opened just now: the next flush is of this commit, too.
      if (!isShortOfFiles(error)) this.#fail(error);
      return { failure: translateStorageError(error, this.#path) };
    }
  }

  /** Of a flush that failed: after it nothing can be made durable any more, so nothing should be written. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Lets go of the file, after the flushes under way. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #fail(error: unknown): void {
    this.#failure ??= translateStorageError(error, this.#path);
  }

  #release(): void {
    if (this.#running > 0 || this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function isShortOfFiles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
}
