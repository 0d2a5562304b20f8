/** Indexes as lists take them: from the left from 0, from the right from -1. */

/** May be outside of the list. */
export const absolute = (index: number, count: number): number => (index < 0 ? count + index : index);

/** What of a range from `start` to `stop` is within a list; undefined where nothing is. */
export function within(start: number, stop: number, count: number): { from: number; to: number } | undefined {
  const from = Math.max(absolute(start, count), 0);
  const to = Math.min(absolute(stop, count), count - 1);
  return from > to ? undefined : { from, to };
}
