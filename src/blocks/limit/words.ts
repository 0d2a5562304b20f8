/** Limits and what they say, in words for people. */
import { formatDuration } from '../../platform/units.js';
import { formatRate, type Limit } from './limit.js';
import type { Decision, KeyReport, Micros } from './limiter.js';

/** Units of which the two largest are enough, milliseconds. */
const UNITS_MS = [86_400_000, 3_600_000, 60_000] as const;

/** `never`, `340µs`, `12ms`, `11.9s`, `1h3m`: rounded up, so that whoever waits so long has waited long enough. */
export function sayTime(us: number): string {
  if (us === Number.POSITIVE_INFINITY) return 'never';
  if (us < 1000) return `${us}µs`;
  const ms = Math.ceil(us / 1000);
  if (ms < 1000) return `${ms}ms`;
  if (ms <= 59_900) return `${Math.ceil(ms / 100) / 10}s`;
  const unit = UNITS_MS.find((size) => ms >= size) ?? 60_000;
  const finest = unit === 60_000 ? 1_000 : (UNITS_MS[UNITS_MS.indexOf(unit) + 1] ?? 1_000);
  return formatDuration(Math.ceil(ms / finest) * finest);
}

/** `5/min by gcra, burst 10`; `3 at once, each for at most 10m`. */
export function sayLimit(limit: Limit): string {
  const { algorithm, count, periodUs, burst } = limit;
  if (algorithm === 'concurrency') return `${count} at once, each for at most ${sayTime(periodUs)}`;
  const rate = `${formatRate(limit)} by ${algorithm}`;
  if (burst === count) return rate;
  return `${rate}, ${algorithm === 'leaky-bucket' ? `${burst} in the queue` : `burst ${burst}`}`;
}

/**
 * What a limit has counted and when the next is let in: `5 of 5 in the window since 12:03:00; the next slot in 12s`.
 * `nextUs`: until one more would be allowed.
 */
export function sayState({ limit, decision }: KeyReport, nextUs: number, now: Micros): string {
  const taken = decision.limit - decision.remaining;
  const of = `${taken} of ${decision.limit}`;
  const next = nextUs === 0 ? 'one more is let in now' : `the next slot in ${sayTime(nextUs)}`;
  return `${sayCounted(of, limit, decision, now)}; ${next}`;
}

function sayCounted(of: string, { algorithm, periodUs }: Limit, decision: Decision, now: Micros): string {
  switch (algorithm) {
    case 'gcra':
    case 'token-bucket':
      return `${of} taken, all given back in ${sayTime(decision.resetAfterUs)}`;
    case 'leaky-bucket':
      return `${of} places in the queue taken, empty in ${sayTime(decision.resetAfterUs)}`;
    case 'fixed-window':
    case 'anchored-window':
      return decision.resetAfterUs === 0
        ? `${of}, no window is open`
        : `${of} in the window since ${clockTime(now + decision.resetAfterUs - periodUs)}`;
    case 'sliding-window':
      return `about ${of} in the last ${sayTime(periodUs)}`;
    case 'sliding-log':
      return `${of} in the last ${sayTime(periodUs)}`;
    case 'concurrency':
      return `${of} places held`;
  }
}

/** `2026-11-23 12:03:00Z`. */
function clockTime(at: Micros): string {
  return `${new Date(Math.round(at / 1000)).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
