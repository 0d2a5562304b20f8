/** What is kept of the samples of a series, and answers its windows. */
export interface Accumulator {
  /** `time`: nanoseconds. */
  add(interval: number, value: number, time: bigint): void;
  /** Of the intervals from `first` to `last` (not included); undefined where they have no sample. `end`: of the window. */
  answer(first: number, last: number, end: bigint): number | undefined;
}

/** Samples of value 1, many at once. */
export interface CountAccumulator extends Accumulator {
  addMany(interval: number, count: number): void;
}
