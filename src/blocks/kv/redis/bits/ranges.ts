/** Stretches of a string in which bits are counted and looked for. */
import type { ByteString } from '../../bytes.js';
import { syntaxError } from '../../errors.js';

/** Bits, the last one included; `first` behind `last`: none. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

/** BIT or BYTE, and BYTE where nothing is said. Error: syntax error. */
export function readUnit(text: ByteString | undefined): 'BIT' | 'BYTE' {
  const unit = text?.toUpperCase() ?? 'BYTE';
  if (unit !== 'BIT' && unit !== 'BYTE') throw syntaxError();
  return unit;
}

/** Places below 0 count from the end of a string of `bytes` bytes. */
export function bitRange(start: number, end: number, unit: 'BIT' | 'BYTE', bytes: number): BitRange {
  const size = unit === 'BIT' ? bytes * 8 : bytes;
  const first = Math.max(start < 0 ? start + size : start, 0);
  const last = Math.min(Math.max(end < 0 ? end + size : end, 0), size - 1);
  return unit === 'BIT' || first > last ? { first, last } : { first: first * 8, last: last * 8 + 7 };
}

/** Of a byte at `at`, the bits that are in the range. */
export function maskAt(at: number, { first, last }: BitRange): number {
  let mask = 255;
  if (at === first >>> 3) mask &= 255 >>> (first & 7);
  if (at === last >>> 3) mask &= 255 << (7 - (last & 7));
  return mask;
}
