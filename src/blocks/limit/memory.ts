/**
 * The limiter in memory: for one process that needs neither restarts nor neighbours, and the measure of what a decision
 * costs (bench/limit/library.ts).
 *
 * Its room is bounded. Keys that are as new again are forgotten a few at a time, whenever a new one comes. When it is
 * full of keys that are not, a new key is refused with `limit.too_many_keys`: to make room by forgetting one would let
 * its owner through again, and whoever can invent keys could have any other key forgotten.
 */
import type { Clock, Random } from '../../platform/clock.js';
import { busiest } from './engine/busiest.js';
import { checkBlockTime, checkDemand, checkDemands } from './engine/checks.js';
import { Entry, UNCHANGED } from './engine/entry.js';
import { KeyTable } from './engine/key-table.js';
import { Engine, type Shelf } from './engine.js';
import { limitErrors } from './errors.js';
import { checkKey, storedKey } from './key.js';
import type { Limit } from './limit.js';
import type {
  BlockedKey,
  Decision,
  Demand,
  KeyReport,
  LimiterCounts,
  Micros,
  Outcome,
  RateLimiter,
  RefundDemand,
} from './limiter.js';
import type { State } from './rules/index.js';

/**
 * Keys, in all scopes; default a million: 0.3 to 0.6 GB, as they have one or sixteen decisions to remember. Beyond it
 * new ones are refused.
 */
const DEFAULT_MOST_KEYS = 1_000_000;
/** Microseconds that a key is kept for `why` and `top` after it is as new again, while there is room. */
const KEPT_FRESH_US = 60_000_000;
/** Keys looked at when a new one comes: two, so that the hand is quicker than they come. */
const SWEPT_AT_ONCE = 2;
/** The same when there is no room: about a millisecond. */
const SWEPT_WHEN_FULL = 5000;

export interface MemoryLimiterOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly mostKeys?: number;
}

/** Everything at once and synchronous. Errors: those of the demands, and `limit.too_many_keys`. */
export class MemoryLimiter implements Shelf {
  readonly #clock: Clock;
  readonly #mostKeys: number;
  readonly #table = new KeyTable();
  readonly #blocks = new Map<string, Micros>();
  readonly #engine: Engine;
  /** Checks that were refused because there was no room for a new key. */
  turnedAway = 0;

  constructor({ clock, random, mostKeys = DEFAULT_MOST_KEYS }: MemoryLimiterOptions) {
    this.#clock = clock;
    this.#mostKeys = mostKeys;
    this.#engine = new Engine(this, random);
  }

  checkNow(demands: readonly Demand[]): Outcome {
    checkDemands(demands);
    return this.#engine.check(demands, this.#clock.micros());
  }

  peekNow(demands: readonly Demand[]): Outcome {
    checkDemands(demands);
    return this.#engine.peek(demands, this.#clock.micros());
  }

  refundNow(demand: RefundDemand): Decision {
    checkDemand(demand);
    return this.#engine.refund(demand, this.#clock.micros());
  }

  resetNow(key: string, scope?: string): boolean {
    checkKey(key);
    const stored = storedKey(key);
    const wasBlocked = this.blockedUntil(stored) > this.#clock.micros();
    this.#blocks.delete(stored);
    if (scope === undefined) {
      const known = this.#table.head(stored) !== undefined;
      this.#table.removeAll(stored);
      return known || wasBlocked;
    }
    const entry = this.#table.find(stored, scope);
    if (entry !== undefined) this.#table.remove(entry);
    return entry !== undefined || wasBlocked;
  }

  blockNow(key: string, forUs: number): void {
    checkKey(key);
    checkBlockTime(forUs);
    if (forUs > 0) this.#blocks.set(storedKey(key), this.#clock.micros() + forUs);
    else this.#blocks.delete(storedKey(key));
  }

  inspectNow(key: string): { readonly reports: readonly KeyReport[]; readonly blockedUntilUs: Micros | undefined } {
    checkKey(key);
    const stored = storedKey(key);
    const now = this.#clock.micros();
    const reports: KeyReport[] = [];
    for (let entry = this.#table.head(stored); entry !== undefined; entry = entry.next) reports.push(entry.report(now));
    const until = this.blockedUntil(stored);
    return { reports, blockedUntilUs: until > now ? until : undefined };
  }

  topNow(count: number): readonly KeyReport[] {
    const now = this.#clock.micros();
    return busiest(this.#table, count, (entry) => entry.allowedTotal + entry.limitedTotal).map((entry) =>
      entry.report(now),
    );
  }

  blockedNow(): readonly BlockedKey[] {
    const now = this.#clock.micros();
    for (const [key, untilUs] of this.#blocks) if (untilUs <= now) this.#blocks.delete(key);
    return Array.from(this.#blocks, ([key, untilUs]) => ({ key, untilUs }));
  }

  countsNow(): LimiterCounts {
    const now = this.#clock.micros();
    let keys = 0;
    for (const entry of this.#table) if (entry.freshAt > now) keys++;
    return { keys, blocked: this.blockedNow().length };
  }

  find(key: string, scope: string): Entry | undefined {
    const entry = this.#table.find(key, scope);
    if (entry !== undefined) return entry;
    // Only stored forms are in the table, so a key that is found there is one.
    const stored = storedKey(key);
    return stored === key ? undefined : this.#table.find(stored, scope);
  }

  add(key: string, scope: string, limit: Limit, state: State): Entry {
    const entry = new Entry(storedKey(key), scope, limit, state);
    this.#table.add(entry);
    return entry;
  }

  makeRoom(entries: number, now: Micros): void {
    this.#sweep(SWEPT_AT_ONCE * entries, now - KEPT_FRESH_US);
    if (this.#table.size + entries <= this.#mostKeys) return;
    this.#sweep(SWEPT_WHEN_FULL, now);
    if (this.#table.size + entries <= this.#mostKeys) return;
    this.turnedAway++;
    throw limitErrors.error(
      'limit.too_many_keys',
      `${this.#table.size} keys are counted, and there is room for no more`,
      {
        hint: 'wait until some are free again, or keep them in a file: --db limit.db',
        details: { keys: this.#table.size },
      },
    );
  }

  blockedUntil(key: string): Micros {
    return this.#blocks.size === 0 ? 0 : (this.#blocks.get(storedKey(key)) ?? 0);
  }

  changed(entry: Entry): void {
    entry.change = UNCHANGED;
  }

  /** Forgets keys that are as new since before `freshUntil`. */
  #sweep(keys: number, freshUntil: Micros): void {
    for (let looked = 0; looked < keys; looked++) {
      let entry = this.#table.nextHead();
      while (entry !== undefined) {
        const { next } = entry;
        if (entry.freshAt <= freshUntil) this.#table.remove(entry);
        entry = next;
      }
    }
  }
}

/** The same behind the interface that file, daemon and Redis have. */
export function openMemoryLimiter(options: MemoryLimiterOptions): RateLimiter {
  const limiter = new MemoryLimiter(options);
  return {
    check: async (demands) => limiter.checkNow(demands),
    peek: async (demands) => limiter.peekNow(demands),
    refund: async (demand) => limiter.refundNow(demand),
    reset: async (key, scope) => limiter.resetNow(key, scope),
    block: async (key, forUs) => limiter.blockNow(key, forUs),
    inspect: async (key) => limiter.inspectNow(key),
    top: async (count) => limiter.topNow(count),
    blocked: async () => limiter.blockedNow(),
    counts: async () => limiter.countsNow(),
    close: async () => {},
  };
}
