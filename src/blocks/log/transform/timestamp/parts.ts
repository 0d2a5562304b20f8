/** What several forms have in common: a date that can be, and a zone behind the time. */
import { Byte, isDigit, readOffset, type TimeFields } from './fields.js';

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A year that is not known may be a leap year. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= (DAYS_OF_MONTH[month - 1] ?? 0)) return true;
  return month === 2 && day === 29 && (year < 0 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)));
}

/** A zone right behind the time, or after one space. Without one, `offset` says so. */
export function readZone(bytes: Uint8Array, end: number, into: TimeFields): void {
  const at = into.end;
  if (readOffset(bytes, at, end, into)) return;
  if (at + 1 < end && bytes[at] === Byte.space) readOffset(bytes, at + 1, end, into);
}

/** The same, but a number counts only with its sign and four digits: ` -5` may be anything. */
export function readSpacedZone(bytes: Uint8Array, end: number, into: TimeFields): void {
  const at = into.end;
  const first = at < end ? bytes[at] : undefined;
  if (first !== Byte.space) {
    readOffset(bytes, at, end, into);
    return;
  }
  const next = at + 1 < end ? bytes[at + 1] : undefined;
  if ((next === Byte.plus || next === Byte.minus) && at + 6 > end) return;
  if ((next === Byte.plus || next === Byte.minus) && !isDigit(bytes[at + 4])) return;
  readOffset(bytes, at + 1, end, into);
}
