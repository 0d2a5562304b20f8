/**
 * The alphabets of the textual encodings. All are in ASCII order, so that texts of one width sort as their IDs do.
 *
 *   dec      0-9                            variable width
 *   hex      0-9a-f                         16 digits for 64 bits
 *   base32   0-9A-Z without I L O U         Crockford's, 13 digits for 64 bits, as TSID writes it
 *   base62   0-9A-Za-z                      segmentio/ksuid's, 11 digits for 64 bits
 */
export interface Alphabet {
  readonly radix: number;
  /** The character codes of the digits. */
  readonly codes: Uint8Array;
  /** Two digits at once: codes of pair p at 2p and 2p + 1. Halves the divisions of the writers. */
  readonly pairs: Uint8Array;
}

export const HEX_DIGITS = '0123456789abcdef';
export const CROCKFORD_DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const BASE62_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** RFC 4648 section 7 in lower case, as rs/xid writes it. */
export const BASE32HEX_DIGITS = '0123456789abcdefghijklmnopqrstuv';

function alphabet(digits: string): Alphabet {
  const radix = digits.length;
  const codes = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
  const pairs = new Uint8Array(radix * radix * 2);
  for (let pair = 0; pair < radix * radix; pair++) {
    pairs[pair * 2] = codes[Math.floor(pair / radix)] ?? 0;
    pairs[pair * 2 + 1] = codes[pair % radix] ?? 0;
  }
  return { radix, codes, pairs };
}

const made = new Map<string, Alphabet>();

/** The tables are made on first use: start-up pays for none. */
export function alphabetOf(digits: string): Alphabet {
  const known = made.get(digits) ?? alphabet(digits);
  made.set(digits, known);
  return known;
}

/** How many digits of this radix hold every value of so many bits. */
export function digitsFor(bits: number, radix: number): number {
  const largest = (1n << BigInt(bits)) - 1n;
  let digits = 1;
  for (let bound = BigInt(radix); bound <= largest; bound *= BigInt(radix)) digits++;
  return digits;
}

/** Digits of a value, padded with zeros to `width`; 0 leaves it as wide as it is. */
export function toDigits(value: bigint, digits: string, width: number): string {
  const radix = BigInt(digits.length);
  let text = '';
  for (let rest = value; rest > 0n; rest /= radix) text = (digits[Number(rest % radix)] ?? '') + text;
  return text.padStart(Math.max(width, 1), digits[0]);
}
