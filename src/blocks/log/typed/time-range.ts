/**
 * The time that a query is about, as people type it:
 *
 *     1h  30m  7d                          so long ago
 *     2026-01-31T12:00:00.123456789Z       ISO 8601, with any fraction; without an offset it is in UTC; a date is its midnight
 *     now  -1h                             as elsewhere in ds
 *     1769860800  1769860800000  …         since the Unix epoch: 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds
 */
import { parseDuration, parseInstant } from '../../../platform/units.js';
import { logErrors } from '../errors.js';
import { ALL_TIME, type TimeRange } from '../log-store.js';
import { NANOS_PER_MS, nanosOf } from '../nanos.js';

/** What is asked of a store where nothing else is said, milliseconds. */
export const USUAL_RANGE_MS = 3_600_000;

export interface TypedRange {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Nanoseconds since the Unix epoch. @param now milliseconds. Error: `log.bad_time` */
export function readTime(flag: string, typed: string, now: number): bigint {
  const nanos = epochNanos(typed) ?? fractionNanos(typed) ?? milliseconds(typed, now);
  if (nanos !== undefined) return nanos;
  throw logErrors.error('log.bad_time', `${flag} is ${JSON.stringify(typed)}, not a time`, {
    hint: `write ${flag} 1h, 2026-01-31T12:00:00Z or 1769860800`,
    details: { flag, value: typed },
  });
}

/**
 * From `since` to before `until`; where `since` is absent, `defaultMs` milliseconds before the end, or all (undefined). Error: `log.bad_time`.
 */
export function readTimeRange({ since, until }: TypedRange, now: number, defaultMs: number | undefined): TimeRange {
  // What is being written while the query runs is part of what was asked for up to now.
  const end =
    until === undefined
      ? defaultMs === undefined
        ? ALL_TIME.end
        : nanosOf(now) + NANOS_PER_MS
      : readTime('--until', until, now);
  const start = since === undefined ? startBefore(end, defaultMs) : readTime('--since', since, now);
  if (start < end) return { start, end };
  throw logErrors.error('log.bad_time', '--since is not before --until', {
    hint: 'leave --until out for everything up to now',
    details: { since: String(start), until: String(end) },
  });
}

/** What files have of a range: open ends are those of their first and last entries. At least a nanosecond. */
export function withinSpan(range: TimeRange, span: TimeRange = { start: 0n, end: 1n }): TimeRange {
  const start = range.start === ALL_TIME.start ? span.start : range.start;
  const end = range.end === ALL_TIME.end ? span.end : range.end;
  return { start: start < end ? start : end - 1n, end };
}

function startBefore(end: bigint, defaultMs: number | undefined): bigint {
  return defaultMs === undefined ? ALL_TIME.start : end - nanosOf(defaultMs);
}

const NANOS_PER_UNIT: Readonly<Record<number, bigint>> = { 10: 1_000_000_000n, 13: 1_000_000n, 16: 1_000n, 19: 1n };

function epochNanos(typed: string): bigint | undefined {
  const unit = /^\d+$/.test(typed) ? NANOS_PER_UNIT[typed.length] : undefined;
  return unit === undefined ? undefined : BigInt(typed) * unit;
}

/** What has more than milliseconds: parseInstant() would round it. */
function fractionNanos(typed: string): bigint | undefined {
  const match = /^(.+\d{2}:\d{2}:\d{2})\.(\d{1,9})(.*)$/.exec(typed);
  if (match === null) return undefined;
  const [, date = '', fraction = '', zone = ''] = match;
  const seconds = parseInstant(`${date}${zone}`, 0);
  return seconds === undefined ? undefined : nanosOf(seconds) + BigInt(fraction.padEnd(9, '0'));
}

function milliseconds(typed: string, now: number): bigint | undefined {
  const ago = parseDuration(typed);
  const instant = ago === undefined ? parseInstant(typed, now) : now - ago;
  return instant === undefined ? undefined : nanosOf(instant);
}
