/** Times of entries are nanoseconds since the Unix epoch; clocks and people count in milliseconds. */

export const NANOS_PER_MS = 1_000_000n;

const EARLIEST = -(2n ** 63n);
/** One less than 64 bits hold: the end of a query is not in it, and has to lie behind the last entry. */
const LATEST = 2n ** 63n - 2n;
/** Every nanosecond of a second that is nearer to 1970 fits: 1677 to 2262. */
const FARTHEST_SECOND = 9_223_372_036;

/** Whether an entry can have the time; any other would be another one in 64 bits. */
export function isEntryTime(nanos: bigint): boolean {
  return nanos >= EARLIEST && nanos <= LATEST;
}

/** The same of seconds since the Unix epoch, with any nanoseconds behind them. */
export function isEntrySecond(seconds: number): boolean {
  return Math.abs(seconds) < FARTHEST_SECOND;
}

export function nanosOf(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * NANOS_PER_MS;
}

/** Milliseconds, rounded down. */
export function millisOf(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS) - (nanos < 0n && nanos % NANOS_PER_MS !== 0n ? 1 : 0);
}
