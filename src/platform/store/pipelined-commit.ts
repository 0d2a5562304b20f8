/**
 * Group commit with the flush beside the event loop (wal-flush.ts), a few groups at a time: for daemons with many writers at once. As
 * group-commit.ts otherwise: the writes that arrive within a moment share one transaction and one flush, and their promises resolve when it
 * has ended.
 *
 *     steps ──▶ gathering ──no more are coming, and a flush is free──▶ group ──▶ flushing ──▶ promises resolve
 *
 *     group:   BEGIN IMMEDIATE
 *              SAVEPOINT  a  RELEASE
 *              SAVEPOINT  b  ROLLBACK TO   ──▶ b's promise will be rejected, the others do not notice
 *              COMMIT
 *
 * The limiter's turns (blocks/limit/store/turns.ts) are the same machine for decisions, which are judged in memory, undo themselves and want no savepoint.
 *
 * So while some writes are on their way to the disk, the next requests are read. A refusal waits for the group's flush, too: it may be for what
 * is not on disk yet. Who only reads may see a commit a moment before it is.
 *
 * Durable PUTs of 1 KB by 16 connections to ds blob serve, on two cores that others used a little: 3,077 a second with group-commit.ts, 3,487
 * with two flushes at a time, 3,727 with four.
 */
import { closedError, storageErrors, translateStorageError } from './errors.js';
import type { Store } from './store.js';
import { WalFlush } from './wal-flush.js';

/** Steps that may wait for the disk; beyond it new ones are refused with `storage.overloaded`. */
const DEFAULT_MAX_QUEUED = 100_000;
/** Flushes under way at once; the threads of Node's pool. More wait for a thread, fewer leave the disk idle. */
const MOST_FLUSHES = 4;
/** Looks that find the queue no longer before it is committed: some 20 µs for who is alone. */
const LOOKS_IN_VAIN = 2;
/** Looks in all: an end to waiting where steps never stop coming. */
const MOST_LOOKS = 32;

interface Step {
  /** Within the transaction. Throws what the work throws. */
  execute(): void;
  /** It was undone, the others of the group were not. */
  refuse(error: unknown): void;
  /** Tells what execute() returned, or why it was refused. */
  settle(): void;
  /** The group has failed. */
  fail(error: unknown): void;
}

type Flush = Pick<WalFlush, 'flush' | 'close'> & Partial<Pick<WalFlush, 'failure'>>;

export interface PipelinedCommitOptions {
  /** Steps that may wait for the disk; default {@link DEFAULT_MAX_QUEUED}. */
  readonly maxQueued?: number;
  /** Default: of the store's write-ahead log. */
  readonly flush?: Flush;
}

export class PipelinedCommit {
  readonly #store: Store;
  readonly #flush: Flush;
  readonly #mostQueued: number;
  #queue: Step[] = [];
  #closed = false;
  #drained: (() => void)[] = [];
  /** Flushes under way, and the steps that wait for them. */
  #flushes = 0;
  #flushing = 0;
  /** Steps in the queue at the last look, looks since gathering began, and looks since the queue last grew. */
  #seen = 0;
  #looks = 0;
  #inVain = 0;

  constructor(store: Store, options: PipelinedCommitOptions = {}) {
    this.#store = store;
    this.#mostQueued = options.maxQueued ?? DEFAULT_MAX_QUEUED;
    this.#flush = options.flush ?? new WalFlush(store.path);
  }

  /** Steps that are not on disk yet. */
  get pending(): number {
    return this.#queue.length + this.#flushing;
  }

  /** `work` is synchronous, and leaves transactions alone. What it throws undoes what it wrote. */
  run<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#store.path));
    if (this.#queue.length >= this.#mostQueued) return Promise.reject(this.#overloaded());
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0 && this.#flushes < MOST_FLUSHES) this.#gather();
      this.#queue.push(new PendingStep(work, resolve, reject));
    });
  }

  /** Resolves when all is on disk. New steps are refused from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.pending > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
    this.#flush.close();
  }

  #gather(): void {
    this.#seen = 0;
    this.#looks = 0;
    this.#inVain = 0;
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    const { length } = this.#queue;
    this.#inVain = length > this.#seen ? 0 : this.#inVain + 1;
    this.#seen = length;
    this.#looks++;
    if (this.#inVain < LOOKS_IN_VAIN && this.#looks < MOST_LOOKS) setImmediate(this.#look);
    else this.#commit();
  };

  #commit(): void {
    const group = this.#queue;
    this.#queue = [];
    try {
      // Written all the same it would be there once more each time that somebody tries again.
      if (this.#flush.failure !== undefined) throw this.#flush.failure;
      this.#store.write(() => this.#execute(group), { sync: 'normal' });
      this.#startFlush(group);
    } catch (error) {
      for (const step of group) step.fail(error);
      this.#tellDrained();
    }
  }

  #execute(group: readonly Step[]): void {
    const store = this.#store;
    for (const step of group) {
      store.statement<[]>('SAVEPOINT step').run();
      try {
        step.execute();
      } catch (error) {
        // After a full disk or an I/O error SQLite has undone the whole transaction, the other steps included.
        if (!store.inTransaction) throw error;
        store.statement<[]>('ROLLBACK TO step').run();
        step.refuse(translateStorageError(error, store.path));
      }
      store.statement<[]>('RELEASE step').run();
    }
  }

  #startFlush(group: readonly Step[]): void {
    this.#flushes++;
    this.#flushing += group.length;
    this.#flush.flush((failure) => {
      this.#flushes--;
      this.#flushing -= group.length;
      // First, so that its flush begins before the answers of this one are made and written.
      if (this.#queue.length > 0 && this.#flushes === MOST_FLUSHES - 1) this.#commit();
      for (const step of group) {
        if (failure === undefined) step.settle();
        else step.fail(failure);
      }
      this.#tellDrained();
    });
  }

  #tellDrained(): void {
    if (this.pending === 0) for (const tell of this.#drained.splice(0)) tell();
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

/**
 * It lets go of all that it knows once it has ended: of what some dead one knows V8 takes the next ones for alive, too, until it collects all. With
 * closures in its place 2.3 MB of each 11 MB that PUTs of 1 KB to ds blob serve had made outlived young collections, and 0.7 MB do so.
 */
class PendingStep<T> implements Step {
  #work: (() => T) | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #result: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#work = work;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  execute(): void {
    if (this.#work !== undefined) this.#result = { value: this.#work() };
  }

  refuse(error: unknown): void {
    this.#result = { error };
  }

  settle(): void {
    const result = this.#result;
    if (result !== undefined && 'value' in result) this.#resolve?.(result.value);
    else this.#reject?.(result?.error);
    this.#forget();
  }

  fail(error: unknown): void {
    this.#reject?.(error);
    this.#forget();
  }

  #forget(): void {
    this.#work = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#result = undefined;
  }
}
