/** Numbers as Redis reads them: a whole number has one spelling, and 64 bits. */
import type { ByteString } from '../bytes.js';
import { notAnInteger, refusal } from '../errors.js';

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;
/** Digits of which every number can be added to another one without leaving what a number of JavaScript's tells exactly. */
const SMALL_DIGITS = 15;
/** Of the longest number of 64 bits. */
const MOST_DIGITS = 19;

/** A whole number of at most 15 digits, which a counter nearly always is; undefined where it is longer, or none. */
export function parseSmallInteger(text: ByteString): number | undefined {
  const negative = text.charCodeAt(0) === 45;
  const start = negative ? 1 : 0;
  const digits = text.length - start;
  if (digits < 1 || digits > SMALL_DIGITS) return undefined;
  let value = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (text.charCodeAt(start) === 48 && text.length > 1) return undefined;
  return negative ? -value : value;
}

/** undefined where it is none. */
export function parseInteger(text: ByteString): bigint | undefined {
  const small = parseSmallInteger(text);
  if (small !== undefined) return BigInt(small);
  if (text.length <= SMALL_DIGITS || !isLongInteger(text)) return undefined;
  const value = BigInt(text);
  return value < LOWEST || value > HIGHEST ? undefined : value;
}

function isLongInteger(text: ByteString): boolean {
  const start = text.charCodeAt(0) === 45 ? 1 : 0;
  if (text.length - start > MOST_DIGITS || text.charCodeAt(start) === 48) return false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Error: `ERR value is not an integer or out of range`. */
export function readInteger(text: ByteString): bigint {
  const value = parseInteger(text);
  if (value === undefined) throw notAnInteger();
  return value;
}

export const fitsInteger = (value: bigint): boolean => value >= LOWEST && value <= HIGHEST;

/** As a number; beyond 2^53 the nearest one, for counts and positions, where all of those mean "all". Error: as {@link readInteger}. */
export function readCount(text: ByteString): number {
  return parseSmallInteger(text) ?? Number(readInteger(text));
}

/** A count that must be `least` at least, with Redis's own words for what is none, or too small. */
export function readCountOr(text: ByteString, least: number, message: string): number {
  const count = parseInteger(text);
  if (count === undefined || count < least) throw refusal('ERR', message);
  return Number(count);
}

const INFINITE = /^[+-]?inf(inity)?$/i;
// Two rows of digits are never side by side in these expressions: a text of megabytes would be read in quadratic time.
/** A number as C's strtod reads it, but hexadecimal ones. */
export const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/** Sign, digits before and behind the point, power of two. */
export const HEXADECIMAL = /^([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;

/** Any number C's strtod reads but NaN and those that no double holds; `inf` allowed. undefined where it is none. */
export function parseFloatStrict(text: ByteString): number | undefined {
  const small = parseSmallInteger(text);
  if (small !== undefined && small !== 0) return small;
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null && !DECIMAL.test(text)) return undefined;
  const value = hexadecimal === null ? Number(text) : hexadecimalNumber(hexadecimal);
  const mantissa = hexadecimal === null ? text.split(/e/i)[0] : `${hexadecimal[2]}${hexadecimal[3] ?? ''}`;
  const tooSmall = value === 0 && /[1-9a-f]/i.test(mantissa ?? '');
  return tooSmall || !Number.isFinite(value) ? undefined : value;
}

function hexadecimalNumber([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray): number {
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}
