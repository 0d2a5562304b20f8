/**
 * A hybrid timestamp as text: `1764000000123.00007`, the wall part in milliseconds since the Unix epoch and the logical
 * counter in five digits, so that stamps sort as text as they sort in time (until the year 2286). Packed into 64 bits,
 * 48 | 16, they sort as integers.
 */
import type { HybridTimestamp } from './sequencer.js';

const MAX_WALL = 2 ** 48 - 1;
const MAX_LOGICAL = 2 ** 16 - 1;

export function formatStamp({ wall, logical }: HybridTimestamp): string {
  return `${wall}.${String(logical).padStart(5, '0')}`;
}

/** Reads what {@link formatStamp} wrote; undefined when it is something else or out of range. */
export function parseStamp(text: string): HybridTimestamp | undefined {
  const match = /^(\d{1,15})\.(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const stamp = { wall: Number(match[1]), logical: Number(match[2]) };
  return stamp.wall <= MAX_WALL && stamp.logical <= MAX_LOGICAL ? stamp : undefined;
}

export function packStamp({ wall, logical }: HybridTimestamp): bigint {
  return (BigInt(wall) << 16n) | BigInt(logical);
}
