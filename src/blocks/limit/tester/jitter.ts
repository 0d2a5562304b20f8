/**
 * How late this machine is: a timer that fires late says that a request may have left, or been read, as late. What lies within
 * that is not known, whatever explains it best.
 */

/** Timers are a millisecond late at best. */
const TIMER_MS = 1;
/** From here on it is told: milliseconds. */
export const NOTABLE_MS = 5;

/** Of so many timers one may be later: milliseconds. */
export function jitterOf(lates: readonly number[]): number {
  return Math.max(0, quantile(lates, 0.9) - TIMER_MS);
}

/** Every arrival is so much more uncertain: milliseconds. */
export const usualDelay = (lates: readonly number[]): number => Math.max(0, quantile(lates, 0.5) - TIMER_MS);

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
