/**
 * The usual forms of timestamps, each read from bytes. A form is strict about what it reads (no 31st of February, no 25 o'clock), because
 * lines of unknown kind are searched with all of them.
 *
 *     iso         2015-10-18T18:01:47.978+02:00   2015-10-18 18:01:47,978   2024/01/02 15:04:05   2005.11.09 12:01:01
 *     basic       20151018T180147Z   20151018 18:01:47
 *     syslog      Jun 14 15:16:01   Jun  4 15:16:01.123   Jun 14 2005 15:16:01   (RFC 3164, and what Cisco makes of it)
 *     ctime       Sun Dec 04 04:47:44 2005   Sun Dec 04 04:47:44.123456 2005   Sun Dec  4 04:47:44 UTC 2005
 *     clf         10/Oct/2000:13:55:36 -0700   10-Oct-2000 13:55:36.123
 *     rfc2822     Sun, 04 Dec 2005 04:47:44 +0000   4 Dec 2005 04:47:44 GMT
 *     klog        I0102 15:04:05.000000
 *     month-day   10.30 16:49:06   10-30 16:49:06.123
 *     compact     081109 203615   (year, month, day; hour, minute, second)
 *     epoch       1131566461   1131566461.25   1131566461250 (ms)   16 digits (µs)   19 digits (ns)
 */
import { basic, compact, epoch, klog, monthDay } from './digit-forms.js';
import {
  Byte,
  fourDigits,
  isDigit,
  isLetter,
  isWeekday,
  type ReadForm,
  readClock,
  readMonth,
  type TimeFields,
  twoDigits,
} from './fields.js';
import { isDate, readSpacedZone, readZone } from './parts.js';

export interface Form {
  readonly name: string;
  readonly read: ReadForm;
  /**
   * Where in a line of unknown kind it is looked for: a form of bare digits is found in many lines that mean something else by them.
   * The number of words that may stand before it.
   */
  readonly wordsBefore: number;
}

const iso: ReadForm = (bytes, at, end, into) => {
  if (at + 16 > end) return false;
  const separator = bytes[at + 4];
  if (separator !== Byte.minus && separator !== Byte.slash && separator !== Byte.dot) return false;
  if (bytes[at + 7] !== separator) return false;
  into.reset();
  into.year = fourDigits(bytes, at);
  into.month = twoDigits(bytes, at + 5);
  into.day = twoDigits(bytes, at + 8);
  if (into.year < 1000 || !isDate(into.year, into.month, into.day)) return false;
  const between = bytes[at + 10];
  if (between !== Byte.upperT && between !== Byte.space && between !== 0x74 && between !== 0x5f) return false;
  if (!readClock(bytes, at + 11, end, into, true)) return false;
  readSpacedZone(bytes, end, into);
  return true;
};

/** One or two digits, the first may be a space: the day as C's `%e` writes it. Sets `day` and `end`. */
function readDay(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  let from = at;
  if (from < end && bytes[from] === Byte.space) from++;
  const first = from < end ? (bytes[from] ?? 0) - 0x30 : -1;
  if (first < 0 || first > 9) return false;
  const second = from + 1 < end ? (bytes[from + 1] ?? 0) - 0x30 : -1;
  const two = second >= 0 && second <= 9;
  into.day = two ? first * 10 + second : first;
  into.end = from + (two ? 2 : 1);
  return true;
}

/** `Jun 14`, then a space. Sets month, day and end (behind the space). */
function readMonthDay(bytes: Uint8Array, at: number, end: number, into: TimeFields): boolean {
  into.month = readMonth(bytes, at);
  if (into.month === 0 || bytes[at + 3] !== Byte.space || !readDay(bytes, at + 4, end, into)) return false;
  if (into.end >= end || bytes[into.end] !== Byte.space) return false;
  into.end++;
  return isDate(-1, into.month, into.day);
}

/** ` 2005` at `into.end`: a year of four digits that ends there. */
function readYearAfterSpace(bytes: Uint8Array, end: number, into: TimeFields): boolean {
  const at = into.end;
  if (at + 5 > end || bytes[at] !== Byte.space) return false;
  const year = fourDigits(bytes, at + 1);
  const behind = at + 5 < end ? bytes[at + 5] : undefined;
  if (year < 1900 || isDigit(behind) || behind === Byte.colon || isLetter(behind)) return false;
  if (!isDate(year, into.month, into.day)) return false;
  into.year = year;
  into.end = at + 5;
  return true;
}

const syslog: ReadForm = (bytes, at, end, into) => {
  if (at + 14 > end) return false;
  into.reset();
  if (!readMonthDay(bytes, at, end, into)) return false;
  const next = into.end;
  if (readClock(bytes, next, end, into)) {
    const clockEnd = into.end;
    readSpacedZone(bytes, end, into);
    // Some daemons write the year behind the time.
    if (into.end === clockEnd) readYearAfterSpace(bytes, end, into);
    return true;
  }
  into.year = next + 5 <= end && bytes[next + 4] === Byte.space ? fourDigits(bytes, next) : -1;
  if (into.year < 1900 || !isDate(into.year, into.month, into.day)) return false;
  if (!readClock(bytes, next + 5, end, into)) return false;
  readSpacedZone(bytes, end, into);
  return true;
};

const ctime: ReadForm = (bytes, at, end, into) => {
  if (at + 23 > end || bytes[at + 3] !== Byte.space || !isWeekday(bytes, at)) return false;
  into.reset();
  if (!readMonthDay(bytes, at + 4, end, into) || !readClock(bytes, into.end, end, into)) return false;
  if (readYearAfterSpace(bytes, end, into)) return true;
  readZone(bytes, end, into);
  return into.year >= 0 || readYearAfterSpace(bytes, end, into);
};

const clf: ReadForm = (bytes, at, end, into) => {
  if (at + 20 > end) return false;
  const separator = bytes[at + 2];
  if ((separator !== Byte.slash && separator !== Byte.minus) || bytes[at + 6] !== separator) return false;
  into.reset();
  into.day = twoDigits(bytes, at);
  into.month = readMonth(bytes, at + 3);
  into.year = fourDigits(bytes, at + 7);
  if (into.year < 1900 || !isDate(into.year, into.month, into.day)) return false;
  const between = bytes[at + 11];
  if (between !== Byte.colon && between !== Byte.space) return false;
  if (!readClock(bytes, at + 12, end, into)) return false;
  readSpacedZone(bytes, end, into);
  return true;
};

const rfc2822: ReadForm = (bytes, at, end, into) => {
  if (at + 19 > end) return false;
  into.reset();
  let from = at;
  if (bytes[at + 3] === Byte.comma && isWeekday(bytes, at)) from += bytes[at + 4] === Byte.space ? 5 : 4;
  else if (!isDigit(bytes[at])) return false;
  if (!readDay(bytes, from, end, into)) return false;
  const month = into.end + 1;
  if (month + 9 > end || bytes[into.end] !== Byte.space || bytes[month + 3] !== Byte.space) return false;
  into.month = readMonth(bytes, month);
  into.year = fourDigits(bytes, month + 4);
  if (into.year < 1900 || !isDate(into.year, into.month, into.day) || bytes[month + 8] !== Byte.space) return false;
  if (!readClock(bytes, month + 9, end, into, true)) return false;
  readSpacedZone(bytes, end, into);
  return true;
};

const ANYWHERE = 64;

/** In the order in which they are tried at a place. */
export const FORMS: readonly Form[] = [
  { name: 'iso', read: iso, wordsBefore: ANYWHERE },
  { name: 'syslog', read: syslog, wordsBefore: ANYWHERE },
  { name: 'ctime', read: ctime, wordsBefore: ANYWHERE },
  { name: 'clf', read: clf, wordsBefore: ANYWHERE },
  { name: 'rfc2822', read: rfc2822, wordsBefore: ANYWHERE },
  { name: 'klog', read: klog, wordsBefore: 0 },
  { name: 'month-day', read: monthDay, wordsBefore: 0 },
  { name: 'basic', read: basic, wordsBefore: 2 },
  { name: 'compact', read: compact, wordsBefore: 0 },
  { name: 'epoch', read: epoch, wordsBefore: 2 },
];
