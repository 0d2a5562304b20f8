import { expect } from 'vitest';
import type { LoadResult } from '../../../src/platform/load/run.js';

/**
 * How many requests of a plan were sent: all, or the rest is told of as unsent. How many could be sent in time is the machine's
 * to say.
 */
export function sentOf({ sent, unsent }: LoadResult, planned: number): number {
  expect(sent + unsent).toBe(planned);
  expect(sent).toBeGreaterThan(0);
  return sent;
}
