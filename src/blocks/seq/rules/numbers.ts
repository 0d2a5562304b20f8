/** Numbers as users type them for tickets, tokens and workers. Parsers return undefined for what they cannot read. */

/** The highest ticket number and token: both live in SQLite's signed 64-bit integers, and in Redis's. */
export const HIGHEST_NUMBER = 2n ** 63n - 1n;

/** A ticket number or a token: 1 to 2^63 - 1, decimal. */
export function parsePositive(text: string): bigint | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= 1n && value <= HIGHEST_NUMBER ? value : undefined;
}

/** A worker number of a layout that has `workers` of them. */
export function parseWorker(text: string, workers: number): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value < workers ? value : undefined;
}
