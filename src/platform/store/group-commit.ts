/**
 * Group commit: the writes that arrive within one turn of the event loop share one flush to the disk.
 *
 *     turn n:   run(a) run(b) run(c)      turn n+1:  run(d) …
 *                     │                                │
 *     setImmediate:   BEGIN IMMEDIATE                  BEGIN IMMEDIATE
 *                     SAVEPOINT  a  RELEASE            …
 *                     SAVEPOINT  b  ROLLBACK TO   ──▶ b's promise will be rejected, the others do not notice
 *                     SAVEPOINT  c  RELEASE
 *                     COMMIT (flush)  ──▶ promises of a and c resolve only now; had COMMIT failed, all would reject
 *
 * The trade-off: a lone writer waits for the end of its turn (some microseconds) so that a hundred concurrent ones pay
 * for one flush instead of a hundred.
 */
import { closedError, storageErrors, translateStorageError } from './errors.js';
import type { Sync } from './pragmas.js';
import type { Store } from './store.js';

/** Writes that may wait for the disk; beyond it new ones are refused with `storage.overloaded`. */
const DEFAULT_MAX_QUEUED = 100_000;

interface Job {
  readonly sync: Sync | undefined;
  /** Runs inside the transaction. */
  execute(): void;
  /** After COMMIT returned: tells what execute returned. */
  settle(): void;
  fail(error: unknown): void;
}

export interface JobOptions {
  /** `normal`: this job does not need the flush. The group is flushed when any of its jobs needs it. */
  readonly sync?: Sync;
}

export class GroupCommit {
  readonly #store: Store;
  readonly #maxQueued: number;
  #queue: Job[] = [];
  #closed = false;
  #drained: (() => void)[] = [];

  constructor(store: Store, options: { readonly maxQueued?: number } = {}) {
    this.#store = store;
    this.#maxQueued = options.maxQueued ?? DEFAULT_MAX_QUEUED;
  }

  /** Jobs that are not committed yet. */
  get pending(): number {
    return this.#queue.length;
  }

  /**
   * Runs `work` in the next commit. It must be synchronous and must not begin or end transactions. What it throws
   * rejects the promise and undoes what it wrote.
   */
  run<T>(work: () => T, options: JobOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#store.path));
    if (this.#queue.length >= this.#maxQueued) return Promise.reject(this.#overloaded());
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push(createJob(work, options.sync, resolve, reject));
    });
  }

  /** Runs a query that sees every write enqueued before it: at once when there is none, else in their transaction. */
  read<T>(query: () => T): Promise<T> {
    if (this.#queue.length > 0 || this.#closed) return this.run(query, { sync: 'normal' });
    return new Promise((resolve) => resolve(this.#store.read(query)));
  }

  /** Resolves when everything enqueued so far is settled. New jobs are refused from now on. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #flush(): void {
    const group = this.#queue;
    this.#queue = [];
    try {
      const relaxed = group.every((member) => member.sync === 'normal');
      this.#store.write(() => this.#executeAll(group), relaxed ? { sync: 'normal' } : {});
      for (const member of group) member.settle();
    } catch (error) {
      for (const member of group) member.fail(error);
    }
    if (this.#queue.length === 0) for (const tell of this.#drained.splice(0)) tell();
  }

  #executeAll(group: readonly Job[]): void {
    const store = this.#store;
    for (const member of group) {
      store.statement<[]>('SAVEPOINT job').run();
      try {
        member.execute();
      } catch (error) {
        // After a full disk or an I/O error SQLite has undone the whole transaction, the other jobs included.
        if (!store.inTransaction) throw error;
        store.statement<[]>('ROLLBACK TO job').run();
        member.fail(translateStorageError(error, store.path));
      }
      store.statement<[]>('RELEASE job').run();
    }
  }

  #overloaded() {
    return storageErrors.error(
      'storage.overloaded',
      `${this.#queue.length} writes to ${this.#store.path} are waiting for the disk`,
      {
        hint: 'send fewer at a time, or wait for replies',
        details: { path: this.#store.path, queued: this.#queue.length },
      },
    );
  }
}

function createJob<T>(
  work: () => T,
  sync: Sync | undefined,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Job {
  let settle: () => void = () => {};
  return {
    sync,
    execute: () => {
      const result = work();
      settle = () => resolve(result);
    },
    settle: () => settle(),
    fail: reject,
  };
}
