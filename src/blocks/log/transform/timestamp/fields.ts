/**
 * What is read of one timestamp, and the small steps of reading it from bytes. One object is filled again and again: a line costs no
 * object.
 */

/** The text does not say how far from UTC it is. */
export const NO_OFFSET = 0x7fff_ffff;
/** The text has no year. */
export const NO_YEAR = -1;

export class TimeFields {
  year = NO_YEAR;
  /** From 1. */
  month = 1;
  day = 1;
  hour = 0;
  minute = 0;
  /** 60 is a leap second: it is read as the first second of the next minute. */
  second = 0;
  nanos = 0;
  /** Seconds east of UTC, or {@link NO_OFFSET}. */
  offset = NO_OFFSET;
  /** Seconds since the Unix epoch, where the text is such a number; the fields above mean nothing then, `nanos` aside. */
  epoch = Number.NaN;
  /** Where the text begins; set by who found it. */
  start = 0;
  /** Where reading ended, not included. */
  end = 0;

  reset(): void {
    this.year = NO_YEAR;
    this.second = 0;
    this.nanos = 0;
    this.offset = NO_OFFSET;
    this.epoch = Number.NaN;
  }
}

/** Reads a timestamp that begins at `at`; false where there is none, and then what is in `into` means nothing. */
export type ReadForm = (bytes: Uint8Array, at: number, end: number, into: TimeFields) => boolean;

export const Byte = {
  tab: 0x09,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  colon: 0x3a,
  upperT: 0x54,
} as const;

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

export function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Two digits → 0 to 99; -1 where they are none. The caller has seen to it that both are within the line. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

export function fourDigits(bytes: Uint8Array, at: number): number {
  const high = twoDigits(bytes, at);
  const low = twoDigits(bytes, at + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

/** `HH:MM:SS`, and a fraction behind it. Where `seconds` is optional, `HH:MM` will do. */
export function readClock(bytes: Uint8Array, at: number, end: number, into: TimeFields, optional = false): boolean {
  if (at + 5 > end || bytes[at + 2] !== Byte.colon) return false;
  into.hour = twoDigits(bytes, at);
  into.minute = twoDigits(bytes, at + 3);
  if (into.hour < 0 || into.hour > 23 || into.minute < 0 || into.minute > 59) return false;
  if (at + 8 <= end && bytes[at + 5] === Byte.colon) {
    into.second = twoDigits(bytes, at + 6);
    if (into.second < 0 || into.second > 60) return false;
    into.end = at + 8;
    readFraction(bytes, end, into);
    return !isDigit(into.end < end ? bytes[into.end] : undefined);
  }
  into.second = 0;
  into.end = at + 5;
  return optional && !isDigit(into.end < end ? bytes[into.end] : undefined);
}

/** `.123` or `,123` at `into.end`: digits without a bound, of which nine count. Without a digit nothing is taken. */
export function readFraction(bytes: Uint8Array, end: number, into: TimeFields): void {
  into.nanos = 0;
  const mark = into.end < end ? bytes[into.end] : undefined;
  if (mark === Byte.dot || mark === Byte.comma) readFractionDigits(bytes, into.end + 1, end, into);
}

/** Digits of a fraction that begins at `at`; where there is none, nothing is taken. */
export function readFractionDigits(bytes: Uint8Array, from: number, end: number, into: TimeFields): void {
  let at = from;
  let value = 0;
  let digits = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    if (digits < 9) {
      value = value * 10 + digit;
      digits++;
    }
  }
  if (digits === 0) return;
  for (; digits < 9; digits++) value *= 10;
  into.nanos = value;
  into.end = at;
}

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** `Jan`, in any case → 1 to 12; 0 where it is none. */
export function readMonth(bytes: Uint8Array, at: number): number {
  const a = (bytes[at] ?? 0) | 0x20;
  const b = (bytes[at + 1] ?? 0) | 0x20;
  const c = (bytes[at + 2] ?? 0) | 0x20;
  for (let i = 0; i < 36; i += 3) {
    if (MONTHS.charCodeAt(i) === a && MONTHS.charCodeAt(i + 1) === b && MONTHS.charCodeAt(i + 2) === c)
      return i / 3 + 1;
  }
  return 0;
}

const DAYS = 'sunmontuewedthufrisat';

export function isWeekday(bytes: Uint8Array, at: number): boolean {
  const a = (bytes[at] ?? 0) | 0x20;
  const b = (bytes[at + 1] ?? 0) | 0x20;
  const c = (bytes[at + 2] ?? 0) | 0x20;
  for (let i = 0; i < 21; i += 3) {
    if (DAYS.charCodeAt(i) === a && DAYS.charCodeAt(i + 1) === b && DAYS.charCodeAt(i + 2) === c) return true;
  }
  return false;
}

/**
 * Names of zones that mean one thing: those of RFC 2822, section 4.3, and a few that nobody else uses. Names that several
 * countries use (IST, BST, CST in China) are read as RFC 2822 has them, or not at all. Hours east of UTC.
 */
const ZONES: readonly (readonly [name: string, hours: number])[] = [
  ['UTC', 0],
  ['GMT', 0],
  ['UT', 0],
  ['EST', -5],
  ['EDT', -4],
  ['CST', -6],
  ['CDT', -5],
  ['MST', -7],
  ['MDT', -6],
  ['PST', -8],
  ['PDT', -7],
  ['CET', 1],
  ['CEST', 2],
  ['EET', 2],
  ['EEST', 3],
  ['JST', 9],
];

/** `Z`, `+02:00`, `-0700`, `+02` at `at`, or the name of a zone. Sets `offset` and `end`; false where there is none. */
export function readOffset(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  const sign = at < end ? bytes[at] : undefined;
  if (sign === undefined) return false;
  if (sign === Byte.plus || sign === Byte.minus) return readNumericOffset(bytes, at, end, into);
  if ((sign | 0x20) === 0x7a && !isLetter(at + 1 < end ? bytes[at + 1] : undefined)) {
    into.offset = 0;
    into.end = at + 1;
    return true;
  }
  return isLetter(sign) && readZoneName(bytes, at, end, into);
}

function readNumericOffset(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  if (at + 3 > end) return false;
  const hours = twoDigits(bytes, at + 1);
  if (hours < 0 || hours > 15) return false;
  let next = at + 3;
  let minutes = 0;
  const digits = next < end && bytes[next] === Byte.colon ? next + 1 : next;
  if (digits + 2 <= end && isDigit(bytes[digits])) {
    minutes = twoDigits(bytes, digits);
    if (minutes < 0 || minutes > 59) return false;
    next = digits + 2;
  }
  if (next < end && isDigit(bytes[next])) return false;
  const seconds = hours * 3600 + minutes * 60;
  into.offset = bytes[at] === Byte.minus ? -seconds : seconds;
  into.end = next;
  return true;
}

function readZoneName(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  for (const [name, hours] of ZONES) {
    const next = at + name.length;
    if (next > end || isLetter(next < end ? bytes[next] : undefined)) continue;
    let same = true;
    for (let i = 0; i < name.length && same; i++) same = bytes[at + i] === name.charCodeAt(i);
    if (!same) continue;
    into.offset = hours * 3600;
    into.end = next;
    return true;
  }
  return false;
}
