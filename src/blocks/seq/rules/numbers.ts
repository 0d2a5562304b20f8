/** Ranges of the sequencer's numbers. */

/** The highest ticket number and token: both live in SQLite's signed 64-bit integers, and in Redis's. */
export const HIGHEST_NUMBER = 2n ** 63n - 1n;

/** A worker number of a layout that has `workers` of them; undefined for what is none. */
export function parseWorker(text: string, workers: number): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value < workers ? value : undefined;
}
