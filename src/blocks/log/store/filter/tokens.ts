/**
 * The tokens of a text, as hashes. A token is a maximal run of bytes of one class; other bytes separate.
 *
 *     word   A-Z a-z 0-9 _
 *     high   0x80 to 0xff: UTF-8 of all that is not ASCII
 *
 * Those of one or two bytes are left out: nearly every block has them all, and half of all tokens are such.
 *
 * Two classes, so that a word ends where ASCII's \b says so: in `größe` the tokens are `gr`, the bytes of `öß`, and `e`.
 *
 * Of a token of 12 bytes and more there are also hashes of some of its substrings of 7 bytes, by winnowing (Schleimer, Wilkerson,
 * Aiken 2003): of each 6 neighbouring ones the one with the lowest hash. 12 bytes have 6 such substrings, so of every part of 12 bytes one
 * hash is known that the whole token gave, too, whatever stands around it.
 *
 *     token    b l k _ 3 8 8 6 5 0 4 9 0 6 4 1
 *     part             3 8 8 6 5 0 4 9 0 6 4 1
 *              substrings of 7: 3886504 8865049 8650490 6504906 5049064 0490641   the lowest hash of these six is in both
 *
 * Shorter substrings would cost less (a token of n bytes gives some 2/(13 - k) × n hashes for length k), longer ones tell numbers apart better.
 */

import type { HashSet } from './hash-set.js';

/** Bytes of a token or a part from which on there are hashes of substrings. */
export const LONG_TOKEN = 12;
const SHORTEST_TOKEN = 3;
const GRAM = 7;
/** Neighbouring substrings of which the lowest is taken. */
const WINDOW = LONG_TOKEN - GRAM + 1;

const NONE = 0;
const WORD = 1;
const HIGH = 2;

/** Class of each byte. */
export const CLASSES = new Uint8Array(256);
CLASSES.fill(HIGH, 0x80);
for (const letter of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_'))
  CLASSES[letter] = WORD;

const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
const GRAM_FACTOR = 0x2c1b3c6d | 0;
/** What a byte has been multiplied by when it leaves the substring. */
const LEAVING = power(GRAM_FACTOR, GRAM);

/** Hashes of all tokens of `bytes` from `start` to `end`, and of the substrings of long ones. Takes a set alone, so that V8 inlines it. */
export function hashTokens(bytes: Uint8Array, start: number, end: number, found: HashSet): void {
  // Most tokens were met before: they are told here, without a call. 2.9 instead of 3.4 ms a MB.
  let { table } = found;
  let position = start;
  while (position < end) {
    const kind = CLASSES[bytes[position] ?? 0];
    if (kind === NONE) {
      position++;
      continue;
    }
    const from = position;
    let hash = SEED;
    do {
      hash = Math.imul(hash ^ (bytes[position] ?? 0), PRIME);
      position++;
    } while (position < end && CLASSES[bytes[position] ?? 0] === kind);
    const length = position - from;
    if (length < SHORTEST_TOKEN) continue;
    const mixed = mix(hash);
    if (table[mixed & (table.length - 1)] !== mixed) {
      found.take(mixed);
      ({ table } = found);
    }
    if (length < LONG_TOKEN) continue;
    hashSubstrings(bytes, from, position, found);
    ({ table } = found);
  }
}

/** Hashes of the substrings of `bytes` from `start` to `end`, a token or a part of one, at least {@link LONG_TOKEN} bytes. */
export function hashSubstrings(bytes: Uint8Array, start: number, end: number, found: HashSet): void {
  const last = end - GRAM;
  let rolling = 0;
  for (let i = start; i < start + GRAM; i++) rolling = Math.imul(rolling + (bytes[i] ?? 0), GRAM_FACTOR);
  let taken = -1;
  let lowest = 0;
  let lowestAt = -1;
  for (let at = start; ; at++) {
    const hash = mix(rolling);
    window[at % WINDOW] = hash;
    if (hash <= lowest || lowestAt === -1) {
      lowest = hash;
      lowestAt = at;
    } else if (lowestAt <= at - WINDOW) {
      lowestAt = lowestOf(at);
      lowest = window[lowestAt % WINDOW] ?? 0;
    }
    if (at >= start + WINDOW - 1 && lowestAt !== taken) {
      found.take(lowest);
      taken = lowestAt;
    }
    if (at === last) return;
    rolling = Math.imul(rolling - Math.imul(bytes[at] ?? 0, LEAVING) + (bytes[at + GRAM] ?? 0), GRAM_FACTOR);
  }
}

/** Of the substrings in the window, by the place modulo its length. */
const window = new Int32Array(WINDOW);

/** Place of the lowest hash of the window that ends at `at`. */
function lowestOf(at: number): number {
  let best = at;
  for (let i = at - 1; i > at - WINDOW; i--) if ((window[i % WINDOW] ?? 0) < (window[best % WINDOW] ?? 0)) best = i;
  return best;
}

/** Spreads what differs in few bits over all (the end of MurmurHash3). */
export function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base);
  return result;
}
