/** Times of entries are nanoseconds since the Unix epoch; clocks and people count in milliseconds. */

export const NANOS_PER_MS = 1_000_000n;

export function nanosOf(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * NANOS_PER_MS;
}

/** Milliseconds, rounded down. */
export function millisOf(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS) - (nanos < 0n && nanos % NANOS_PER_MS !== 0n ? 1 : 0);
}
