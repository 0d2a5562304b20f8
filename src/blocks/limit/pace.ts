/**
 * When the next lines of a stream may go. Two paces: one of this process, exact and free of writes, and one that several
 * processes share through a limiter.
 */
import type { Clock } from '../../platform/clock.js';
import { defineLimit, type Limit, LONGEST_PERIOD_US, MOST_COST } from './limit.js';
import type { Demand, RateLimiter } from './limiter.js';
import { takeWhenAllowed, type Waiting } from './waiting.js';

export interface Pace {
  /** Waits until at least one line may go; resolves to how many may: from 1 to `wanted`. */
  take(wanted: number): Promise<number>;
}

export interface Schedule {
  readonly count: number;
  readonly periodUs: number;
  /** Lines at once from idle. */
  readonly burst: number;
}

/**
 * At rates whose lines come closer than this together, milliseconds, lateness of up to as much is caught up: otherwise
 * what reading and timers take would be missing from the rate. Rarer lines are never closer together than the rate says.
 */
const CATCH_UP_MS = 5;

/**
 * Line i of an unbroken stream goes at `origin + i × period / count`, by the monotonic clock, so that no error adds up;
 * a timer that fires late makes one line late, not all that follow. After a pause of the input there is a new origin.
 */
export function steadyPace(schedule: Schedule, clock: Clock): Pace {
  const stepMs = schedule.periodUs / schedule.count / 1000;
  const toleranceMs = Math.max((schedule.burst - 1) * stepMs, stepMs < CATCH_UP_MS ? CATCH_UP_MS : 0);
  const perMs = (1000 * schedule.count) / schedule.periodUs;
  let origin = Number.NEGATIVE_INFINITY;
  let sent = 0;
  /** When the next line may go. */
  const due = () => origin + (sent * schedule.periodUs) / schedule.count / 1000;
  return {
    async take(wanted) {
      let now = clock.monotonic();
      if (due() < now - toleranceMs || sent >= Number.MAX_SAFE_INTEGER / schedule.periodUs) {
        origin = Math.max(due(), now - toleranceMs);
        sent = 0;
      }
      for (; due() > now; now = clock.monotonic()) await clock.sleep(Math.ceil(due() - now));
      // The one that is due, and those that are due since.
      const ready = Math.min(wanted, 1 + Math.floor((now - due()) * perMs));
      sent += ready;
      return ready;
    },
  };
}

/** Places in the queue that pipes share, at least, and the seconds of lines that it holds. A full one only makes them ask again. */
const LEAST_QUEUE = 1_000;
const QUEUE_SECONDS = 10;

/** The queue in which pipes wait that share a rate: each line has its turn, whichever pipe it is of. */
export function queueOf({ count, periodUs }: Pick<Limit, 'count' | 'periodUs'>): Limit {
  const perSecond = (count * 1e6) / periodUs;
  // What takes more than a hundred years to drain is no limit; half of it leaves room for rounding.
  const most = Math.min(MOST_COST, Math.floor((LONGEST_PERIOD_US / 2 / periodUs) * count));
  const burst = Math.max(1, Math.min(most, Math.max(LEAST_QUEUE, Math.ceil(QUEUE_SECONDS * perSecond))));
  return defineLimit({ algorithm: 'leaky-bucket', count, periodUs, burst });
}

/** Lines asked for at once are those of this time, milliseconds: each asking is a write that is flushed. */
const BATCH_MS = 20;

/** Several processes, one rate. Lines that a killed process had asked for are lost to the others: {@link BATCH_MS} of them. */
export function sharedPace(limiter: RateLimiter, demand: Omit<Demand, 'cost'>, waiting: Waiting): Pace {
  const { count, periodUs, burst } = demand.limit;
  const batch = Math.max(1, Math.min(burst, Math.floor((BATCH_MS * 1000 * count) / periodUs)));
  return {
    async take(wanted) {
      const cost = Math.min(wanted, batch);
      await takeWhenAllowed(limiter, { ...demand, cost }, waiting);
      return cost;
    },
  };
}
