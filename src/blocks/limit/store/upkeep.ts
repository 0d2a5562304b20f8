/**
 * What is done beside answering: folding when the journal has grown, and writing down who was refused. Neither is
 * flushed by itself, and neither holds a turn up for more than a few milliseconds.
 */
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { EntryCache } from './cache.js';
import { Folding } from './fold.js';

/**
 * What a fold begins at: bytes of the journal, default 4 MiB, or rows, default 8192. More let a fold touch each page of
 * the tree for more keys at once, and make a process that opens the file read more: some 20 ms.
 */
const FOLD_AT_BYTES = 4 * 1024 * 1024;
const FOLD_AT_ROWS = 8192;
/** Rows left by processes of one decision each, which are folded by the next one as it ends: 0.1 ms to read. */
const FOLD_AT_ROWS_ONE_SHOT = 256;
/** Entries that a slice of a fold writes: about three milliseconds. */
const ENTRIES_PER_STEP = 256;
/** Milliseconds until a refusal is written down; default 1000. It waits for a commit to go along with. */
const LAZY_MS = 1000;
/** Refusals of so many keys are written without waiting for the time, and so many at once. */
const MOST_LAZY = 2000;

export class Upkeep {
  readonly #store: Store;
  readonly #cache: EntryCache;
  readonly #clock: Clock;
  readonly #folding: Folding;
  readonly #oneShot: boolean;
  #timer: NodeJS.Timeout | undefined;
  #step: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(store: Store, cache: EntryCache, clock: Clock, oneShot: boolean) {
    this.#store = store;
    this.#cache = cache;
    this.#clock = clock;
    this.#folding = new Folding(store);
    this.#oneShot = oneShot;
  }

  /** After each turn. */
  look(): void {
    if (this.#closed) return;
    // The next turn of a one-shot begins from the file again.
    if (this.#oneShot) {
      this.#quietly(() => this.#writeLazily(Number.MAX_SAFE_INTEGER));
      return;
    }
    if (this.#cache.lazy > MOST_LAZY) this.#quietly(() => this.#writeLazily(MOST_LAZY));
    else if (this.#cache.lazy > 0) this.#timer ??= setTimeout(this.#onTimer, LAZY_MS).unref();
    if (this.#isLong) this.#quietly(() => this.#folding.start());
    if (this.#folding.active) this.#step ??= setImmediate(this.#onStep);
  }

  /** Writes everything down and folds it all, in slices: for who wants to read the buckets alone. */
  async settle(): Promise<void> {
    this.#writeLazily(Number.MAX_SAFE_INTEGER);
    // A pass that is under way does not know the last rows.
    for (let pass = 0; pass < 2; pass++) {
      while (!this.#folding.step(ENTRIES_PER_STEP, this.#clock.micros())) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (pass === 0) this.#folding.start();
    }
  }

  /** At the end, when nobody waits for an answer any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#step);
    this.#quietly(() => {
      this.#writeLazily(Number.MAX_SAFE_INTEGER);
      if (!this.#oneShot) this.#foldAll(Number.MAX_SAFE_INTEGER);
      else if (this.#cache.unfoldedRows > FOLD_AT_ROWS_ONE_SHOT) this.#foldAll(FOLD_AT_ROWS_ONE_SHOT);
    });
  }

  get #isLong(): boolean {
    return this.#cache.unfoldedBytes > FOLD_AT_BYTES || this.#cache.unfoldedRows > FOLD_AT_ROWS;
  }

  /** In one go: what is under way, and then the rows that came since, or so many of them. */
  #foldAll(mostRows: number): void {
    const now = this.#clock.micros();
    for (let pass = 0; pass < 2; pass++) {
      while (!this.#folding.step(Number.MAX_SAFE_INTEGER, now));
      if (pass === 0) this.#folding.start(mostRows);
    }
  }

  #writeLazily(most: number): void {
    if (this.#cache.lazy === 0) return;
    try {
      this.#store.write(
        () => {
          this.#cache.follow();
          this.#cache.writeLazily(most);
        },
        { sync: 'normal' },
      );
    } catch (error) {
      this.#cache.forget();
      throw error;
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#quietly(() => this.#writeLazily(MOST_LAZY));
    this.look();
  };

  readonly #onStep = (): void => {
    this.#step = undefined;
    const most = Math.ceil(ENTRIES_PER_STEP * this.#cache.pressure);
    this.#quietly(() => this.#folding.step(most, this.#clock.micros()));
    if (this.#folding.active) this.#step = setImmediate(this.#onStep);
  };

  /** A disk that is full, or a file that another process holds, is told to those who want an answer. */
  #quietly(work: () => void): void {
    try {
      work();
    } catch {
      this.#folding.abandon();
    }
  }
}
