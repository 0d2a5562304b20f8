/**
 * The cache in memory and the file behind it. Memory answers; the file is for the next start, and for commands that list and
 * flush the cache from other processes:
 *
 *     ds dns cache flush ──▶ file: rows deleted, a line in the log of flushes ──▶ noticed here by the file's data version,
 *                                                                                within 50 ms of a question, else in a second
 *
 * What is dropped here by a flush goes out as removals, too: an entry that was written between the flush and its notice does not
 * stay in the file.
 */
import type { Clock } from '../../../../platform/clock.js';
import { DsError } from '../../../../platform/errors.js';
import { AnswerCache, type Found } from '../../cache/answer-cache.js';
import { followChain } from '../../cache/chain.js';
import type { CacheEntry, CacheStore, EntryKey } from '../../cache/entry.js';
import { openEntry } from '../../cache/make-entry.js';
import type { Name } from '../../name.js';
import { WriteBehind } from './write-behind.js';

/** How often the file is asked for a flush by another process, milliseconds, while questions come. */
const FLUSH_CHECK_MS = 50;
/** What has to be done from time to time is done so often, milliseconds. */
const UPKEEP_MS = 1_000;
/** Entries that are looked at in one upkeep, to remove those beyond use. */
const SWEEP = 2_000;

/** Another process may hold the file for the time of an import; so many seconds of it are told. */
const LONG_BUSY = 10;

export interface KeptCacheOptions {
  readonly clock: Clock;
  /** Without, the cache ends with the process. */
  readonly store?: CacheStore;
  /** Memory, bytes; default 64 MiB. */
  readonly maxBytes?: number;
  /** Whether an NXDOMAIN counts for names below it (RFC 8020); default true. */
  readonly nxdomainCut?: boolean;
  /** Told when the file cannot be read or written. */
  readonly onProblem: (error: unknown) => void;
}

export class KeptCache {
  readonly #clock: Clock;
  readonly #store: CacheStore | undefined;
  readonly #memory: AnswerCache;
  readonly #writeBehind: WriteBehind | undefined;
  readonly #onProblem: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #upkeep: Promise<void>;
  readonly #dropCallbacks = new Set<() => void>();
  #generation = 0;
  #dataVersion: number | undefined;
  #lastFlush = 0;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #failedWrites = 0;
  /** The last look for flushes failed. */
  #isBlind = false;

  /** Loads what the file has. */
  constructor({ clock, store, maxBytes, nxdomainCut, onProblem }: KeptCacheOptions) {
    this.#clock = clock;
    this.#store = store;
    this.#onProblem = onProblem;
    this.#memory = new AnswerCache({
      ...(maxBytes !== undefined && { maxBytes }),
      ...(nxdomainCut !== undefined && { nxdomainCut }),
      onRemoved: (entry) => this.#writeBehind?.removed(entry),
    });
    if (store !== undefined) {
      this.#writeBehind = new WriteBehind(store, (error, inARow) => {
        this.#failedWrites++;
        const isBusy = error instanceof DsError && error.code === 'storage.locked';
        if (inARow === (isBusy ? LONG_BUSY : 1)) onProblem(error);
      });
      this.#load(store);
    }
    this.#upkeep = this.#keepUp();
  }

  get size(): number {
    return this.#memory.size;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  get failedWrites(): number {
    return this.#failedWrites;
  }

  /** Rises when a flush dropped entries. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls back when {@link generation} rises. Returns what ends that. */
  onDrop(callback: () => void): () => void {
    this.#dropCallbacks.add(callback);
    return () => this.#dropCallbacks.delete(callback);
  }

  /** `now` is monotonic. */
  find(key: EntryKey, now: number): Found | undefined {
    return this.#memory.find(key, now);
  }

  /** See {@link AnswerCache.put}. */
  put(entry: CacheEntry, names: readonly Name[], now: number): void {
    // In this order: one that has no room is removed at once.
    this.#writeBehind?.saved(entry);
    this.#memory.put(entry, names, now);
  }

  /** Before a question is looked up. */
  followFlushes(now: number): void {
    if (now - this.#checkedAt >= FLUSH_CHECK_MS) this.checkFlushes();
  }

  /** Looks whether another process has flushed the cache. Cheap when nobody has written to the file. */
  checkFlushes(): void {
    this.#checkedAt = this.#clock.monotonic();
    if (this.#store === undefined) return;
    try {
      this.#follow(this.#store);
      this.#isBlind = false;
    } catch (error) {
      // Answers go on: that the file cannot be read is told, once, and hinders nobody who asks.
      if (!this.#isBlind) this.#onProblem(error);
      this.#isBlind = true;
    }
  }

  /** Writes down what is not written yet. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#upkeep;
    await this.#writeBehind?.close();
  }

  #follow(store: CacheStore): void {
    const version = store.dataVersion();
    if (version === this.#dataVersion) return;
    this.#dataVersion = version;
    const flushes = store.flushesSince(this.#lastFlush);
    if (flushes.length === 0) return;
    for (const { id, filter } of flushes) {
      this.#lastFlush = id;
      this.#memory.drop(filter);
    }
    this.#generation++;
    for (const callback of this.#dropCallbacks) callback();
  }

  #load(store: CacheStore): void {
    const now = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    this.#lastFlush = store.lastFlush();
    this.#dataVersion = store.dataVersion();
    for (const entry of store.load(now.wall)) {
      const names = namesOf(entry);
      const isKept = names !== undefined && this.#memory.restore(entry, names, now);
      if (!isKept) this.#writeBehind?.removed(entry);
    }
  }

  async #keepUp(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      try {
        await this.#clock.sleep(UPKEEP_MS, signal);
      } catch {
        return;
      }
      this.checkFlushes();
      this.#memory.sweep(this.#clock.monotonic(), SWEEP);
      await this.#writeBehind?.write();
    }
  }
}

/** The chain of an entry from the file; undefined when it cannot be read. Only what an NXDOMAIN denies is of interest. */
function namesOf(entry: CacheEntry): readonly Name[] | undefined {
  if (entry.kind !== 'nxdomain') return [entry.question.name];
  const message = openEntry(entry);
  const chain = message && followChain(entry.question, message.answers, entry.dnssecOk);
  return chain === undefined || typeof chain === 'string' ? undefined : chain.names;
}
