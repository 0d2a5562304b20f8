/**
 * What the SOA of a zone asks of its secondaries (RFC 1034, section 4.3.5), bounded: it is the primary's to say, and 0 would
 * have us ask without a pause. Milliseconds.
 */
import type { Random } from '../../../../platform/clock.js';
import type { Soa } from '../../soa.js';

/** As Knot: a zone whose SOA says 0 is asked for every 2 seconds. */
const LEAST_REFRESH_MS = 2_000;
const LEAST_RETRY_MS = 1_000;
/** As BIND's defaults: four weeks, two weeks, and 24 weeks until a zone is no longer good. */
const LONGEST_REFRESH_MS = 28 * 86_400_000;
const LONGEST_RETRY_MS = 14 * 86_400_000;
const LONGEST_EXPIRE_MS = 168 * 86_400_000;
/** How much sooner than told at most, so that secondaries of many zones do not ask all at once: a tenth. */
const JITTER = 0.1;

export interface Intervals {
  /** From a check that went well to the next one. */
  readonly refreshMs: number;
  /** From one that failed. */
  readonly retryMs: number;
  /** From one that went well until the zone is no longer answered from. */
  readonly expireMs: number;
}

export function intervalsOf({ refresh, retry, expire }: Pick<Soa, 'refresh' | 'retry' | 'expire'>): Intervals {
  const refreshMs = within(refresh * 1000, LEAST_REFRESH_MS, LONGEST_REFRESH_MS);
  const retryMs = within(retry * 1000, LEAST_RETRY_MS, LONGEST_RETRY_MS);
  // One that expires before it can be asked for again would be away now and then for no reason (RFC 1912, section 2.2).
  const expireMs = within(expire * 1000, refreshMs + retryMs, LONGEST_EXPIRE_MS);
  return { refreshMs, retryMs, expireMs };
}

const within = (ms: number, least: number, most: number) => Math.max(least, Math.min(ms, most));

/** So long, or up to a tenth sooner. */
export function jittered(ms: number, random: Random): number {
  const [byte = 0] = random.bytes(1);
  return ms * (1 - JITTER * (byte / 255));
}
