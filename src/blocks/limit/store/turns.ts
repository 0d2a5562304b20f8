/**
 * The operations that arrive within a moment share one transaction and one flush. As the platform's group commit, but
 * made for decisions, which are judged in memory and undo themselves, and flushed beside the event loop
 * (platform/store/wal-flush.ts), a few groups at a time:
 *
 *     operations ──▶ gathering ──no more are coming, and a flush is free──▶ turn ──wrote──▶ flushing ──▶ answers
 *                                                                            └──wrote nothing──▶ answers
 *
 *     turn:   BEGIN IMMEDIATE
 *             catch up with other processes
 *             each operation in the order of arrival, at an instant of its own, read now
 *             one journal row of all that was taken
 *             COMMIT; promises resolve when the group's flush has ended, had it failed all would reject
 *
 * So while some clients' decisions are on their way to the disk, others' answers are sent and their next requests read.
 * A group that took nothing wrote nothing, and waits for no flush. CL.THROTTLE of 50 connections, on two
 * cores that others used, too, in one run: 11,054/s with one flush at a time, 14,401 with two, 17,241 with three, 19,493
 * with four.
 */
import { closedError, storageErrors } from '../../../platform/store/errors.js';
import type { Store } from '../../../platform/store/store.js';
import type { WalFlush } from '../../../platform/store/wal-flush.js';
import type { EntryCache } from './cache.js';

/** Operations that may wait for the disk; default 100,000. Beyond it new ones are refused with `storage.overloaded`. */
const MOST_QUEUED = 100_000;

/** Flushes under way at once; default 4, the threads of Node's pool. More wait for a thread, fewer leave the disk idle. */
const MOST_FLUSHES = 4;

/** Looks that find the queue no longer before it is committed; default 2, some 20 µs for who is alone. */
const LOOKS_IN_VAIN = 2;
/** Looks in all: an end to waiting where operations never stop coming. */
const MOST_LOOKS = 32;

interface Operation<T> {
  readonly key: readonly string[];
  readonly work: () => T;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  result: T | undefined;
}

export interface TurnsOptions {
  /** Absent where a power loss may take the last commits back. */
  readonly flush: Pick<WalFlush, 'flush'> | undefined;
  /** Reads of the journal only what the operations at hand are about: for a process that runs one and ends. */
  readonly selective: boolean;
  /** Called after each turn. */
  readonly afterTurn: () => void;
}

export class Turns {
  readonly #store: Store;
  readonly #cache: EntryCache;
  readonly #options: TurnsOptions;
  #queue: Operation<unknown>[] = [];
  #closed = false;
  #drained: (() => void)[] = [];
  /** Flushes under way, and the operations that wait for them. */
  #flushes = 0;
  #flushing = 0;
  /** Operations in the queue at the last look, looks since it began, and looks since it last grew. */
  #seen = 0;
  #looks = 0;
  #inVain = 0;

  constructor(store: Store, cache: EntryCache, options: TurnsOptions) {
    this.#store = store;
    this.#cache = cache;
    this.#options = options;
  }

  /** Operations that are not answered yet. */
  get pending(): number {
    return this.#queue.length + this.#flushing;
  }

  /** `keys`: the stored keys that `work` asks the cache for. It must be synchronous and leave transactions alone. */
  run<T>(keys: readonly string[], work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#store.path));
    if (this.#queue.length >= MOST_QUEUED) return Promise.reject(this.#overloaded());
    return new Promise<T>((resolve, reject) => {
      if (this.#queue.length === 0 && this.#flushes < MOST_FLUSHES) this.#gather();
      const operation: Operation<T> = { key: keys, work, resolve, reject, result: undefined };
      // The queue is of operations whose results nobody looks at but they themselves.
      this.#queue.push(operation as Operation<unknown>);
    });
  }

  /** Resolves when everything that was asked is answered. New operations are refused from now on. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #gather(): void {
    this.#seen = 0;
    this.#looks = 0;
    this.#inVain = 0;
    setImmediate(this.#look);
  }

  /** Waits while operations keep coming, see above. */
  readonly #look = (): void => {
    const { length } = this.#queue;
    this.#inVain = length > this.#seen ? 0 : this.#inVain + 1;
    this.#seen = length;
    this.#looks++;
    if (this.#inVain < LOOKS_IN_VAIN && this.#looks < MOST_LOOKS) setImmediate(this.#look);
    else this.#turn();
  };

  #turn(): void {
    const group = this.#queue;
    this.#queue = [];
    try {
      const before = this.#written();
      this.#store.write(() => this.#execute(group), { sync: 'normal' });
      this.#cache.trim();
      if (this.#written() === before || this.#options.flush === undefined) answer(group);
      else this.#startFlush(group, this.#options.flush);
    } catch (error) {
      this.#refuse(group, error);
    }
    this.#options.afterTurn();
    this.#tellDrained();
  }

  #startFlush(group: readonly Operation<unknown>[], flush: Pick<WalFlush, 'flush'>): void {
    this.#flushes++;
    this.#flushing += group.length;
    flush.flush((failure) => {
      this.#flushes--;
      this.#flushing -= group.length;
      // First, so that its flush begins before the answers of this one are made and written.
      if (this.#queue.length > 0 && this.#flushes === MOST_FLUSHES - 1) this.#turn();
      if (failure === undefined) answer(group);
      else this.#refuse(group, failure);
      this.#tellDrained();
    });
  }

  #refuse(group: readonly Operation<unknown>[], error: unknown): void {
    this.#cache.forget();
    for (const operation of group) operation.reject(error);
  }

  #tellDrained(): void {
    if (this.pending === 0) for (const tell of this.#drained.splice(0)) tell();
  }

  /** Rows that this connection has ever written. */
  #written(): number | undefined {
    return this.#store.read(() => this.#store.statement<[], { total: number }>('SELECT total_changes() AS total').get())
      ?.total;
  }

  #execute(group: readonly Operation<unknown>[]): void {
    this.#cache.catchUp(this.#options.selective ? new Set(group.flatMap(({ key }) => key)) : undefined);
    for (const operation of group) operation.result = operation.work();
    this.#cache.write();
  }

  #overloaded() {
    return storageErrors.error(
      'storage.overloaded',
      `${this.#queue.length} decisions on ${this.#store.path} are waiting for the disk`,
      {
        hint: 'send fewer at a time, or wait for replies',
        details: { path: this.#store.path, queued: this.#queue.length },
      },
    );
  }
}

function answer(group: readonly Operation<unknown>[]): void {
  for (const operation of group) operation.resolve(operation.result);
}
