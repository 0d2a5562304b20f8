/**
 * The rate limiter's interface. Four implementations stand behind it, and one contract suite
 * (test/blocks/limit/contract) runs against all of them: `memory.ts`, `store.ts` on a SQLite file, `remote/daemon.ts`
 * on a `ds limit serve`, and `remote/redis.ts` on a real Redis or Valkey.
 *
 * Instants and durations are whole microseconds (`…Us`), instants since the Unix epoch: a rate of a million a second
 * must be told from one of 999,999.
 */
import type { Limit } from './limit.js';

/** Whole microseconds since the Unix epoch. */
export type Micros = number;

/**
 * One thing asked of a limiter: that `key` may take `cost` of `limit`. Keys of different scopes are counted apart: a
 * scope is the name of a policy's limit; '' where somebody just names a key.
 *
 * A key is any text, NUL included; key.ts turns bytes into it without loss, and long ones into a digest.
 */
export interface Demand {
  readonly scope: string;
  readonly key: string;
  readonly limit: Limit;
  /** A whole number from 0 (which counts nothing) to MOST_COST. More than the limit's burst is never satisfiable. */
  readonly cost: number;
  /** Judged and told, but neither refuses the request nor holds up the demands beside it. */
  readonly shadow?: boolean;
}

/** What one limit says. For a demand that was allowed the numbers are those after it was counted. */
export interface Decision {
  readonly allowed: boolean;
  /** The most that can be taken at once from idle: the limit's burst. */
  readonly limit: number;
  /** What could be taken at once now. */
  readonly remaining: number;
  /** Until this very demand would be allowed, if nobody else takes anything; 0 when it was; Infinity for never. */
  readonly retryAfterUs: number;
  /** Until the key is as if it had never been used. */
  readonly resetAfterUs: number;
  /** A leaky bucket lets its callers through one after another: how long this one is to wait. 0 for the others. */
  readonly delayUs: number;
  /** Concurrency only, when allowed: what refund() takes to give the place back before its time runs out. */
  readonly lease?: number;
}

/** The answer to a check or a peek. All of the demands were counted, or (a limit refused, the key is blocked) none. */
export interface Outcome {
  /** Shadow demands do not count. */
  readonly allowed: boolean;
  /** Until the longest block on one of the keys ends; 0 when none is blocked. */
  readonly blockedForUs: number;
  /** In the order of the demands. */
  readonly decisions: readonly Decision[];
}

/** What every limiter answers to a check of no demands. */
export const NOTHING_ASKED: Outcome = { allowed: true, blockedForUs: 0, decisions: [] };

/** What is given back: a cost, or the lease of a concurrency limit. */
export type RefundDemand = Omit<Demand, 'shadow'> & { readonly lease?: number };

/** One of the last decisions on a key, for `ds limit why`. */
export interface RecordedDecision {
  readonly at: Micros;
  readonly allowed: boolean;
  readonly cost: number;
  /** What was left after it. */
  readonly remaining: number;
}

/** What is known of a key in one scope. */
export interface KeyReport {
  readonly scope: string;
  readonly key: string;
  /** As it was last counted by. */
  readonly limit: Limit;
  /** A peek at it: cost 0, of the limit above. */
  readonly decision: Decision;
  /** Since the key was first seen, or reset, or forgotten: demands, not costs. */
  readonly allowedTotal: number;
  readonly limitedTotal: number;
  readonly lastAt: Micros;
  /** Newest first, at most RECENT_DECISIONS. A refused one may be missing after kill -9: nothing depends on it. */
  readonly recent: readonly RecordedDecision[];
}

/** Decisions that are kept for each key. */
export const RECENT_DECISIONS = 16;

export interface BlockedKey {
  readonly key: string;
  readonly untilUs: Micros;
}

export interface LimiterCounts {
  /** Keys (in all scopes) that are not as new. */
  readonly keys: number;
  readonly blocked: number;
}

export interface RateLimiter {
  /** All demands are counted, or none. At most MOST_DEMANDS, no two alike in scope and key. */
  check(demands: readonly Demand[]): Promise<Outcome>;
  /** What check() would answer, without counting. A cost of 0 asks for the present state. */
  peek(demands: readonly Demand[]): Promise<Outcome>;
  /**
   * Gives back what was taken, at most to a fresh state. A lease that has run out, or is not known, changes nothing.
   * Resolves to the present state, as peek() with cost 0.
   */
  refund(demand: RefundDemand): Promise<Decision>;
  /** Forgets the key in every scope, or in one, and lifts a block. False when there was nothing. */
  reset(key: string, scope?: string): Promise<boolean>;
  /** Refuses every demand of the key, in every scope, for so long from now; 0 lifts the block. */
  block(key: string, forUs: number): Promise<void>;
  /**
   * What is known of a key, one report a scope; empty for one that was never counted, or was reset. A key that is as new
   * again is still told until it is forgotten: a minute later or some time after, as each implementation sweeps.
   */
  inspect(
    key: string,
  ): Promise<{ readonly reports: readonly KeyReport[]; readonly blockedUntilUs: Micros | undefined }>;
  /** The keys with the most demands, busiest first. */
  top(count: number): Promise<readonly KeyReport[]>;
  blocked(): Promise<readonly BlockedKey[]>;
  counts(): Promise<LimiterCounts>;
  /** Flushes what is pending and lets go of the file or the connection. Safe to call twice. */
  close(): Promise<void>;
}

/** Demands of one check. */
export const MOST_DEMANDS = 32;
