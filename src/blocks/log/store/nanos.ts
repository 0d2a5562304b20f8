/** Timestamps as SQLite's integers hold them. */
export const EARLIEST = -(2n ** 63n);
export const LATEST = 2n ** 63n - 1n;

/** The nearest one that can be stored. */
export function storable(nanos: bigint): bigint {
  return nanos < EARLIEST ? EARLIEST : nanos > LATEST ? LATEST : nanos;
}
