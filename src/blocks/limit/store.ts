/** The limiter on a SQLite file, in this process: what commands use without a daemon, and daemons underneath. */
import type { Clock, Random } from '../../platform/clock.js';
import type { Sync } from '../../platform/store/pragmas.js';
import { openStore, type Store } from '../../platform/store/store.js';
import { WalFlush } from '../../platform/store/wal-flush.js';
import { Busiest } from './engine/busiest.js';
import { checkBlockTime, checkDemand, checkDemands } from './engine/checks.js';
import { CHANGED } from './engine/entry.js';
import { Engine } from './engine.js';
import { bytesOfKey, checkKey, keyFromBytes, storedKey, storedKeyFromBytes } from './key.js';
import {
  type BlockedKey,
  type Decision,
  type Demand,
  type KeyReport,
  type LimiterCounts,
  type Micros,
  NOTHING_ASKED,
  type Outcome,
  type RateLimiter,
  type RefundDemand,
} from './limiter.js';
import { EntryCache } from './store/cache.js';
import { countBlocks, readBlock, readBlocks, readStanding, removeBlock, writeBlock } from './store/journal.js';
import { limiterFile } from './store/schema.js';
import { Turns } from './store/turns.js';
import { Upkeep } from './store/upkeep.js';
import { countBuckets, walkBuckets } from './store/walk.js';

export interface LimiterStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Default `full`. With `normal` everything survives `kill -9`, but a power loss may take back the last moments, and
   * what was taken in them can be taken again.
   */
  readonly sync?: Sync;
  /** Milliseconds to wait for another process's write; default 5000. */
  readonly busyTimeoutMs?: number;
  /**
   * For a command that decides and ends by `process.exit`: it reads only what it needs, folds little and leaves the WAL
   * where it is. Default false.
   */
  readonly oneShot?: boolean;
  /** Bytes of memory for keys that the file has too; default 64 MiB. More saves reading them again. */
  readonly cacheBytes?: number;
  /** Upper bound of the file in pages of 4096 bytes; beyond it `storage.full`. Default: none. */
  readonly maxPages?: number;
}

export interface LimiterStore extends RateLimiter {
  readonly path: string;
  /** Decisions that wait for the disk. */
  pendingWrites(): number;
  /** Throws when the file can no longer be read, or is no longer the one at its path. Costs some microseconds. */
  checkReady(): void;
  /** The file itself, for integrity checks and backups. */
  readonly file: Store;
}

/** Errors: those of the storage catalogue. */
export function openLimiterStore(options: LimiterStoreOptions): LimiterStore {
  const { path, busyTimeoutMs, maxPages } = options;
  const store = openStore(limiterFile, {
    path,
    // Answers wait for a flush of our own: see store/turns.ts.
    sync: 'normal',
    ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }),
    ...(maxPages === undefined ? {} : { maxPages }),
    closing: options.oneShot ? 'leave' : 'checkpoint',
  });
  return new StoredLimiter(store, options);
}

class StoredLimiter implements LimiterStore {
  readonly file: Store;
  readonly #clock: Clock;
  readonly #cache: EntryCache;
  readonly #engine: Engine;
  readonly #turns: Turns;
  readonly #flush: WalFlush | undefined;
  readonly #upkeep: Upkeep;
  #closed = false;

  constructor(store: Store, { clock, random, sync = 'full', oneShot = false, cacheBytes }: LimiterStoreOptions) {
    this.file = store;
    this.#clock = clock;
    this.#cache = new EntryCache(store, cacheBytes);
    this.#engine = new Engine(this.#cache, random);
    this.#upkeep = new Upkeep(store, this.#cache, clock, oneShot);
    this.#flush = sync === 'full' ? new WalFlush(store.path) : undefined;
    this.#turns = new Turns(store, this.#cache, {
      flush: this.#flush,
      selective: oneShot,
      afterTurn: () => this.#upkeep.look(),
    });
  }

  get path(): string {
    return this.file.path;
  }

  pendingWrites(): number {
    return this.#turns.pending;
  }

  checkReady(): void {
    this.file.checkInPlace();
    this.file.read(() => readStanding(this.file));
  }

  async check(demands: readonly Demand[]): Promise<Outcome> {
    checkDemands(demands);
    if (demands.length === 0) return NOTHING_ASKED;
    return this.#turns.run(keysOf(demands), () => this.#engine.check(demands, this.#clock.micros()));
  }

  async peek(demands: readonly Demand[]): Promise<Outcome> {
    checkDemands(demands);
    return this.#turns.run(keysOf(demands), () => this.#engine.peek(demands, this.#clock.micros()));
  }

  async refund(demand: RefundDemand): Promise<Decision> {
    checkDemand(demand);
    return this.#turns.run(keysOf([demand]), () => this.#engine.refund(demand, this.#clock.micros()));
  }

  async reset(key: string, scope?: string): Promise<boolean> {
    checkKey(key);
    return this.#turns.run([storedKey(key)], () => this.#reset(key, scope));
  }

  async block(key: string, forUs: number): Promise<void> {
    checkKey(key);
    checkBlockTime(forUs);
    const bytes = bytesOfKey(storedKey(key));
    return this.#turns.run([], () => {
      const now = this.#clock.micros();
      if (forUs === 0) removeBlock(this.file, bytes, now);
      else {
        writeBlock(this.file, bytes, now + forUs);
        this.#cache.startBlocking();
      }
    });
  }

  async inspect(key: string) {
    checkKey(key);
    const stored = storedKey(key);
    return this.#turns.run([stored], () => {
      const now = this.#clock.micros();
      const until = readBlock(this.file, bytesOfKey(stored));
      return { reports: this.#reportsOf(stored, now), blockedUntilUs: until > now ? until : undefined };
    });
  }

  async top(count: number): Promise<readonly KeyReport[]> {
    await this.#upkeep.settle();
    const best = new Busiest<{ readonly key: string; readonly scope: string }>(count);
    await walkBuckets(this.file, (row) => {
      if (row.demands === 0) return;
      best.offer({ key: storedKeyFromBytes(row.key), scope: keyFromBytes(row.scope) }, row.demands);
    });
    const chosen = best.list();
    return this.#turns.run(
      chosen.map(({ key }) => key),
      () => {
        const now = this.#clock.micros();
        return chosen.flatMap(({ key, scope }) => this.#cache.find(key, scope)?.report(now) ?? []);
      },
    );
  }

  async blocked(): Promise<readonly BlockedKey[]> {
    return this.#turns.run([], () =>
      readBlocks(this.file, this.#clock.micros()).map((row) => ({
        key: storedKeyFromBytes(row.key),
        untilUs: row.until_us,
      })),
    );
  }

  async counts(): Promise<LimiterCounts> {
    await this.#upkeep.settle();
    const now = this.#clock.micros();
    const keys = await countBuckets(this.file, now);
    return { keys, blocked: this.file.read(() => countBlocks(this.file, now)) };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turns.close();
    this.#upkeep.close();
    this.#flush?.close();
    this.file.close();
  }

  #reset(key: string, scope: string | undefined): boolean {
    let known = removeBlock(this.file, bytesOfKey(storedKey(key)), this.#clock.micros());
    for (let entry = this.#cache.head(key); entry !== undefined; entry = entry.next) {
      if (entry.gone || (scope !== undefined && entry.scope !== scope)) continue;
      entry.clear();
      entry.change = CHANGED;
      this.#cache.changed(entry);
      known = true;
    }
    return known;
  }

  #reportsOf(stored: string, now: Micros): KeyReport[] {
    const reports: KeyReport[] = [];
    for (let entry = this.#cache.head(stored); entry !== undefined; entry = entry.next) {
      if (!entry.gone) reports.push(entry.report(now));
    }
    return reports;
  }
}

const keysOf = (demands: readonly { readonly key: string }[]) => demands.map(({ key }) => storedKey(key));
