/** Numbers as Redis reads them: a whole number has one spelling, and 64 bits. */
import type { ByteString } from '../bytes.js';
import { notAFloat, notAnInteger } from '../errors.js';

const WHOLE = /^(0|-?[1-9]\d{0,18})$/;
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** undefined where it is none. */
export function parseInteger(text: ByteString): bigint | undefined {
  if (!WHOLE.test(text)) return undefined;
  const value = BigInt(text);
  return value < LOWEST || value > HIGHEST ? undefined : value;
}

/** Error: `ERR value is not an integer or out of range`. */
export function readInteger(text: ByteString): bigint {
  const value = parseInteger(text);
  if (value === undefined) throw notAnInteger();
  return value;
}

export const fitsInteger = (value: bigint): boolean => value >= LOWEST && value <= HIGHEST;

/** As a number; beyond 2^53 the nearest one, for counts and positions, where all of those mean "all". Error: as {@link readInteger}. */
export const readCount = (text: ByteString): number => Number(readInteger(text));

/** Any number C's strtod reads but NaN; `inf` allowed. undefined where it is none. */
export function parseFloatStrict(text: ByteString): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?0x[0-9a-f]+$/i.test(text))
    return text.startsWith('-') ? -Number(text.slice(1)) : Number(text.replace('+', ''));
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text);
}

/** Error: `ERR value is not a valid float`. */
export function readFloat(text: ByteString): number {
  const value = parseFloatStrict(text);
  if (value === undefined) throw notAFloat();
  return value;
}
