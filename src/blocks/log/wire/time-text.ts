/** Times as senders write them in documents. */
import { isEntryTime } from '../nanos.js';

/** RFC 3339 and the rest of ISO 8601 that is met: the fraction apart, which Date.parse cuts to milliseconds. */
const ISO = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?([Zz]|[+-]\d\d:?\d\d)?$/;

/**
 * Nanoseconds since the Unix epoch: of ISO 8601 (without a zone: UTC), or of a number since 1970 whose size tells the unit: seconds, ms, µs, ns.
 * Undefined for anything else.
 */
export function readTime(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? nanosOfNumber(value) : undefined;
  if (typeof value !== 'string' || value.length > 64) return undefined;
  if (/^\d{1,19}$/.test(value)) return nanosOfDigits(BigInt(value));
  if (/^\d{1,19}\.\d{1,9}$/.test(value)) return nanosOfNumber(Number(value));
  const [, time, fraction = '', zone = 'Z'] = ISO.exec(value) ?? [];
  if (time === undefined) return undefined;
  const ms = Date.parse(time.replace(/[t ]/, 'T') + zone.toUpperCase());
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** The same of an entry: undefined, too, for a time that none can have. */
export function readEntryTime(value: unknown): bigint | undefined {
  const nanos = readTime(value);
  return nanos !== undefined && isEntryTime(nanos) ? nanos : undefined;
}

/** The year 5138 in seconds, 1973 in milliseconds. */
const UNITS = [
  [10n ** 11n, 1_000_000_000n],
  [10n ** 14n, 1_000_000n],
  [10n ** 17n, 1_000n],
] as const;

function nanosOfDigits(digits: bigint): bigint {
  for (const [below, nanos] of UNITS) if (digits < below) return digits * nanos;
  return digits;
}

function nanosOfNumber(value: number): bigint | undefined {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER * 1024) return undefined;
  if (Number.isInteger(value) && value >= 0) return nanosOfDigits(BigInt(value));
  const whole = BigInt(Math.trunc(value));
  const magnitude = whole < 0n ? -whole : whole;
  const unit = UNITS.find(([below]) => magnitude < below)?.[1] ?? 1n;
  return whole * unit + BigInt(Math.round((value - Math.trunc(value)) * Number(unit)));
}
