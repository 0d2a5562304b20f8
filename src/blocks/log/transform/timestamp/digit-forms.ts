/** Forms of digits alone, as forms.ts lists them: basic, klog, month-day, compact, epoch. */
import {
  Byte,
  fourDigits,
  isDigit,
  isLetter,
  type ReadForm,
  readClock,
  readFraction,
  type TimeFields,
  twoDigits,
} from './fields.js';
import { isDate, readSpacedZone } from './parts.js';

export const basic: ReadForm = (bytes, at, end, into) => {
  if (at + 15 > end) return false;
  into.reset();
  into.year = fourDigits(bytes, at);
  into.month = twoDigits(bytes, at + 4);
  into.day = twoDigits(bytes, at + 6);
  if (into.year < 1900 || into.year > 2200 || !isDate(into.year, into.month, into.day)) return false;
  const between = bytes[at + 8];
  if (between !== Byte.upperT && between !== Byte.space && between !== Byte.minus) return false;
  if (!readClock(bytes, at + 9, end, into) && !readBareClock(bytes, at + 9, end, into)) return false;
  readSpacedZone(bytes, end, into);
  return true;
};

/** `150405`, and a fraction behind it. */
function readBareClock(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  if (at + 6 > end) return false;
  into.hour = twoDigits(bytes, at);
  into.minute = twoDigits(bytes, at + 2);
  into.second = twoDigits(bytes, at + 4);
  if (into.hour < 0 || into.hour > 23 || into.minute < 0 || into.minute > 59) return false;
  if (into.second < 0 || into.second > 60) return false;
  into.end = at + 6;
  readFraction(bytes, end, into);
  return !isDigit(into.end < end ? bytes[into.end] : undefined);
}

export const klog: ReadForm = (bytes, at, end, into) => {
  if (at + 14 > end) return false;
  const level = bytes[at];
  // I, W, E, F and D.
  if (level !== 0x49 && level !== 0x57 && level !== 0x45 && level !== 0x46 && level !== 0x44) return false;
  into.reset();
  into.month = twoDigits(bytes, at + 1);
  into.day = twoDigits(bytes, at + 3);
  if (bytes[at + 5] !== Byte.space || !isDate(-1, into.month, into.day)) return false;
  return readClock(bytes, at + 6, end, into);
};

export const monthDay: ReadForm = (bytes, at, end, into) => {
  if (at + 14 > end || bytes[at + 5] !== Byte.space) return false;
  const separator = bytes[at + 2];
  if (separator !== Byte.dot && separator !== Byte.minus) return false;
  into.reset();
  into.month = twoDigits(bytes, at);
  into.day = twoDigits(bytes, at + 3);
  return isDate(-1, into.month, into.day) && readClock(bytes, at + 6, end, into);
};

export const compact: ReadForm = (bytes, at, end, into) => {
  if (at + 13 > end || bytes[at + 6] !== Byte.space) return false;
  into.reset();
  const year = twoDigits(bytes, at);
  into.month = twoDigits(bytes, at + 2);
  into.day = twoDigits(bytes, at + 4);
  // As POSIX reads two digits: 69 to 99 are of the last century.
  into.year = year < 0 ? -1 : year + (year < 69 ? 2000 : 1900);
  return into.year >= 0 && isDate(into.year, into.month, into.day) && readBareClock(bytes, at + 7, end, into);
};

/** Seconds; before 2001 a number of seconds has nine digits, and ten digits go on to 2286. */
const FIRST_EPOCH = 1_000_000_000;

export const epoch: ReadForm = (bytes, at, end, into) => {
  let next = at;
  let seconds = 0;
  for (; next < end && next < at + 10; next++) {
    const digit = (bytes[next] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return false;
    seconds = seconds * 10 + digit;
  }
  if (next !== at + 10 || seconds < FIRST_EPOCH) return false;
  into.reset();
  let nanos = 0;
  let digits = 0;
  for (; next < end && digits < 10; next++, digits++) {
    const digit = (bytes[next] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    nanos = nanos * 10 + digit;
  }
  if (digits !== 0 && digits !== 3 && digits !== 6 && digits !== 9) return false;
  into.nanos = nanos * 10 ** (9 - digits);
  into.epoch = seconds;
  into.end = next;
  if (digits === 0) readFraction(bytes, end, into);
  const behind = into.end < end ? bytes[into.end] : undefined;
  return !isLetter(behind) && !isDigit(behind) && behind !== Byte.minus && behind !== 0x5f;
};
