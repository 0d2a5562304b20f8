/**
 * When requests are to start. An open loop has a schedule that knows nothing of answers, as users know nothing of each
 * other; a closed loop sends when an answer has come, so a slow server is asked less (Schroeder, Wierman, Harchol-Balter:
 * «Open versus closed», NSDI 2006).
 */
import type { Rate } from '../units.js';

export interface OpenSchedule {
  readonly kind: 'open';
  readonly rate: Rate;
  /** Milliseconds from the start of the run to that of request i, from 0. No jitter: i / R. */
  startOf(i: number): number;
  /** How many requests start before this instant. */
  countBefore(ms: number): number;
}

/** As fast as answers come, on all connections. */
export interface ClosedSchedule {
  readonly kind: 'closed';
}

export type Schedule = OpenSchedule | ClosedSchedule;

export const closedLoop: ClosedSchedule = { kind: 'closed' };

/** Multiplied before it is divided, so that no error adds up: request 3,600,000 of 1000/s starts at 3,600,000 ms. */
export function constantRate(rate: Rate): OpenSchedule {
  const { count, perMs } = rate;
  const startOf = (i: number) => (i * perMs) / count;
  return {
    kind: 'open',
    rate,
    startOf,
    countBefore(ms) {
      let i = Math.max(0, Math.ceil((ms * count) / perMs));
      while (i > 0 && startOf(i - 1) >= ms) i--;
      while (startOf(i) < ms) i++;
      return i;
    },
  };
}
