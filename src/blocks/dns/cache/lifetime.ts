/**
 * How long what upstream answered may be used:
 *
 *     stored ──────────── 0.9 ─── ttl ──────────────── ttl + stale
 *       │      fresh       │ and    │ stale: only when   │ gone
 *       │                  │ asked  │ upstream does not  │
 *       │                  │ for anew answer (RFC 8767)  │
 *
 * Ages are told by the clock that never steps. The wall clock counts only across restarts.
 */
import type { ResourceRecord } from '../record.js';

/** All in seconds. */
export interface LifetimeLimits {
  /** A shorter TTL of a positive answer is raised to it, 0 aside. Default 0: what the owner of a record wants, counts. */
  readonly minTtl: number;
  /** A longer TTL is cut to it. Default a day: so long a mistake lives at most (RFC 8767, section 4, has a week). */
  readonly maxTtl: number;
  /** The same for NXDOMAIN and NODATA. Default 3 hours (RFC 2308, section 5: one to three work well). */
  readonly maxNegativeTtl: number;
  /** How long an answer is kept beyond its TTL. Default a day (RFC 8767, section 5: one to three); 0 turns stale answers off. */
  readonly maxStale: number;
}

export const defaultLimits: LifetimeLimits = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 10_800, maxStale: 86_400 };

/** Of a stale answer, seconds (RFC 8767, section 4: more than 0, 30 recommended). */
export const STALE_TTL = 30;

/** The last tenth of an entry's life, in which a question makes it be asked for anew. */
const PREFETCH_SHARE = 0.1;
/** An entry that lives less long, milliseconds, is not asked for ahead of time: it would never be at rest. */
const SHORTEST_PREFETCHED_MS = 10_000;

/** TTL 0 stays 0: it is for this answer only (RFC 1035, section 3.2.1), whatever the least may be. */
export function cappedTtl(ttl: number, { minTtl, maxTtl }: Pick<LifetimeLimits, 'minTtl' | 'maxTtl'>): number {
  return ttl === 0 ? 0 : Math.min(Math.max(ttl, minTtl), maxTtl);
}

/** RFC 2308, section 5: the lesser of the SOA record's TTL and its MINIMUM field. */
export function negativeTtl(soaTtl: number, minimum: number, { maxNegativeTtl }: LifetimeLimits): number {
  return Math.min(soaTtl, minimum, maxNegativeTtl);
}

/**
 * When a question makes an entry be asked for anew, milliseconds after it was stored; undefined: never ahead of its end.
 */
export function prefetchAfterMs(lifeMs: number): number | undefined {
  return lifeMs < SHORTEST_PREFETCHED_MS ? undefined : lifeMs * (1 - PREFETCH_SHARE);
}

/** Records as they are given after so many whole seconds. TTLs never fall below 0. */
export function aged(records: readonly ResourceRecord[], seconds: number): readonly ResourceRecord[] {
  if (seconds === 0) return records;
  return records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - seconds) }));
}

/** Records as they are given beyond their time. */
export function staleRecords(records: readonly ResourceRecord[], ttl: number = STALE_TTL): readonly ResourceRecord[] {
  return records.map((record) => ({ ...record, ttl }));
}
