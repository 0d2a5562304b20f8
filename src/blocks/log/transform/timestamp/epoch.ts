/** From fields to seconds since the Unix epoch, and from there into a column of nanoseconds without a bigint for each. */
import { NO_OFFSET, NO_YEAR, type TimeFields } from './fields.js';
import type { Zone } from './zone.js';

const DAY = 86_400;
/** A year that is not written is the latest that does not bring the line further into the future than clocks and zones differ. */
const FUTURE = DAY;
/** The 29th of February comes again after eight years at most. */
const YEARS_BACK = 8;

/** Days since the Unix epoch of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** What decides on a year that is missing; made once for a batch. */
export interface Now {
  /** Since the Unix epoch. */
  readonly seconds: number;
  /** No line is of a later one. */
  readonly latestYear: number;
}

export function nowOf(seconds: number): Now {
  return { seconds, latestYear: new Date((seconds + FUTURE) * 1000).getUTCFullYear() + 1 };
}

/** Seconds since the Unix epoch. `zone` is for what has no offset. */
export function toEpochSeconds(fields: TimeFields, zone: Zone, now: Now): number {
  if (!Number.isNaN(fields.epoch)) return fields.epoch;
  return fields.year === NO_YEAR ? secondsInNearestYear(fields, zone, now) : secondsInYear(fields, zone, fields.year);
}

function secondsInYear(fields: TimeFields, zone: Zone, year: number): number {
  const days = daysFromCivil(year, fields.month, fields.day);
  const wall = days * DAY + fields.hour * 3600 + fields.minute * 60 + fields.second;
  return fields.offset === NO_OFFSET ? zone.toEpoch(wall) : wall - fields.offset;
}

function secondsInNearestYear(fields: TimeFields, zone: Zone, { seconds: now, latestYear: latest }: Now): number {
  for (let year = latest; year >= latest - YEARS_BACK - 1; year--) {
    if (fields.month === 2 && fields.day === 29 && !isLeapYear(year)) continue;
    const seconds = secondsInYear(fields, zone, year);
    if (seconds <= now + FUTURE) return seconds;
  }
  return secondsInYear(fields, zone, latest - 1);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Which of the two halves of an integer of 64 bits comes first in memory. */
const LOW_WORD = new Uint32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;
const HIGH_WORD = 1 - LOW_WORD;

/**
 * Writes timestamps as two halves of 32 bits. A bigint would be made for each: BigInt(seconds) * 1_000_000_000n takes some 150 ns, more
 * than the reading of the text.
 *
 *     seconds = a · 2^16 + b     seconds · 10^9 + nanos = (a · 10^9) · 2^16 + (b · 10^9 + nanos), and both brackets are exact in a double
 */
export class NanosColumn {
  readonly #words: Uint32Array;

  constructor(column: BigInt64Array) {
    this.#words = new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
  }

  /** Seconds since the Unix epoch, negative ones too, and nanoseconds from 0 to 999,999,999. */
  set(index: number, seconds: number, nanos: number): void {
    const high = Math.floor(seconds / 65_536);
    const upper = high * 1e9;
    const lower = (seconds - high * 65_536) * 1e9 + nanos;
    const upperHigh = Math.floor(upper / 65_536);
    const low = (upper - upperHigh * 65_536) * 65_536 + lower;
    const carry = Math.floor(low / 4_294_967_296);
    this.#words[index * 2 + LOW_WORD] = low - carry * 4_294_967_296;
    this.#words[index * 2 + HIGH_WORD] = upperHigh + carry;
  }
}
