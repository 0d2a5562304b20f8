/** How long to wait before a failed daemon is started again. */
import type { Random } from '../clock.js';

/** First wait, milliseconds. */
const FIRST_MS = 500;
/** No wait is longer, milliseconds. */
const LONGEST_MS = 30_000;
/** A daemon that ran this long counts as healthy: its next failure is a first one again. */
export const HEALTHY_MS = 30_000;

/**
 * Doubles with every failure in a row (from 1), and is half random, so that daemons which failed together for one
 * reason do not come back together: 250 … 500 ms, 500 … 1000 ms, … 15 … 30 s.
 */
export function backoffMs(failures: number, random: Random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const [byte = 0] = random.bytes(1);
  return ceiling / 2 + (ceiling / 2) * (byte / 255);
}
