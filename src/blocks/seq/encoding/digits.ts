/**
 * Reads digits of any radix into a big-endian number of 32-bit words, without a BigInt: the audit reads millions.
 *
 *     words = words * radix^chunk + chunk     a few digits at a time, so that no step leaves 53 bits
 */
import { BASE32HEX_DIGITS, BASE62_DIGITS, CROCKFORD_DIGITS } from './alphabet.js';

const BAD = 0xff;
const SKIP = 0xfe;

export interface DigitReader {
  readonly radix: number;
  /** Value of a character code; BAD for none, SKIP for a separator. */
  readonly values: Uint8Array;
  /** radix ** chunkDigits is at most 2^20. */
  readonly chunkDigits: number;
}

function reader(digits: string, chunkDigits: number, alike: Readonly<Record<string, number>> = {}): DigitReader {
  const values = new Uint8Array(256).fill(BAD);
  [...digits].forEach((digit, value) => {
    values[digit.charCodeAt(0)] = value;
  });
  for (const [digit, value] of Object.entries(alike)) values[digit.charCodeAt(0)] = value;
  return { radix: digits.length, values, chunkDigits };
}

/** Both cases read alike; Crockford's also reads I and L as 1, O as 0. */
function caseless(digits: string, extra: Readonly<Record<string, number>> = {}): Record<string, number> {
  const alike: Record<string, number> = { ...extra };
  [...digits].forEach((digit, value) => {
    alike[digit.toLowerCase()] = value;
    alike[digit.toUpperCase()] = value;
  });
  return alike;
}

const HEX = '0123456789abcdef';

export const decimalReader = reader('0123456789', 6);
export const hexReader = reader(HEX, 5, caseless(HEX));
export const uuidReader = reader(HEX, 5, { ...caseless(HEX), '-': SKIP });
export const crockfordReader = reader(CROCKFORD_DIGITS, 4, {
  ...caseless(CROCKFORD_DIGITS),
  ...{ i: 1, I: 1, l: 1, L: 1, o: 0, O: 0 },
});
export const base62Reader = reader(BASE62_DIGITS, 3);
/** Lower case only, as rs/xid. */
export const base32hexReader = reader(BASE32HEX_DIGITS, 4);

/**
 * Reads the digits at `from` … `to - 1` into `words`, most significant first. False when there is no digit, a
 * character is none, or the value does not fit.
 */
export function readDigits(bytes: Uint8Array, from: number, to: number, how: DigitReader, words: Uint32Array): boolean {
  if (how === decimalReader && words.length === 2 && to - from <= 20) return readDecimal64(bytes, from, to, words);
  if (how.radix === 16 && to - from === words.length * 8) return readWholeHex(bytes, from, to, how.values, words);
  if (how === uuidReader && to - from === 36) return readWholeHex(bytes, from, to, how.values, words);
  const { values, radix, chunkDigits } = how;
  words.fill(0);
  let chunk = 0;
  let scale = 1;
  let left = chunkDigits;
  let seen = 0;
  for (let at = from; at < to; at++) {
    const value = values[bytes[at] as number] as number;
    if (value >= SKIP) {
      if (value === SKIP) continue;
      return false;
    }
    seen++;
    chunk = chunk * radix + value;
    scale *= radix;
    left--;
    if (left > 0) continue;
    if (!multiplyAdd(words, scale, chunk)) return false;
    chunk = 0;
    scale = 1;
    left = chunkDigits;
  }
  return seen > 0 && (scale === 1 || multiplyAdd(words, scale, chunk));
}

/** Hex digits that fill the words exactly, with separators between them or not: no carries. */
function readWholeHex(bytes: Uint8Array, from: number, to: number, values: Uint8Array, words: Uint32Array): boolean {
  let at = from;
  for (let i = 0; i < words.length; i++) {
    let word = 0;
    for (let digits = 0; digits < 8; at++) {
      if (at >= to) return false;
      const value = values[bytes[at] as number] as number;
      if (value === SKIP) continue;
      if (value === BAD) return false;
      word = (word << 4) | value;
      digits++;
    }
    words[i] = word;
  }
  return at === to;
}

const ZERO = 0x30;
/** 10^10 = 2 · 2^32 + TEN_DIGITS_LOW */
const TEN_DIGITS_LOW = 1_410_065_408;

/**
 * The case that matters, at twice the rate: up to 20 decimal digits as two numbers of ten, `upper · 10^10 + lower`,
 * with `upper` cut at 16 bits so that every product is exact.
 */
function readDecimal64(bytes: Uint8Array, from: number, to: number, words: Uint32Array): boolean {
  const middle = Math.max(from, to - 10);
  let upper = 0;
  let lower = 0;
  for (let at = from; at < middle; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return false;
    upper = upper * 10 + digit;
  }
  for (let at = middle; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return false;
    lower = lower * 10 + digit;
  }
  const upperHigh = Math.floor(upper / 65_536);
  const product = upperHigh * TEN_DIGITS_LOW;
  const productHigh = Math.floor(product / 65_536);
  const low = (upper - upperHigh * 65_536) * TEN_DIGITS_LOW + lower + (product - productHigh * 65_536) * 65_536;
  const high = 2 * upper + productHigh + Math.floor(low / 2 ** 32);
  words[0] = high;
  words[1] = low;
  return to > from && high < 2 ** 32;
}

function multiplyAdd(words: Uint32Array, factor: number, addend: number): boolean {
  let carry = addend;
  for (let i = words.length - 1; i >= 0; i--) {
    const value = (words[i] as number) * factor + carry;
    words[i] = value; // modulo 2^32
    carry = Math.floor(value / 2 ** 32);
  }
  return carry === 0;
}

export function wordsToInteger(words: Uint32Array): bigint {
  let value = 0n;
  for (const word of words) value = (value << 32n) | BigInt(word);
  return value;
}
