/**
 * Virtual scheduling (ITU-T I.371, annex A), on which GCRA and the leaky bucket stand. One instant is kept, the
 * theoretical arrival time: when the requests taken so far would have come to an end, had they come at the rate.
 *
 *     state   [ tatUs, tatFraction ]        tat = tatUs + tatFraction / limit.fractions
 *
 *             now            tat            now + burst
 *     ─────────┼──────────────┼───────────────┼──────────▶
 *              │◀── ahead ───▶│◀── room ─────▶│
 *                              cost × step fits into the room: allowed, and tat moves to the right by it
 *
 * `ahead` is never more than the burst, wherever the clock has been stepped to.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import { roundUp, stepsFraction, stepsUs, wholeSteps } from './arithmetic.js';
import type { State } from './rules.js';

export function freshSchedule(now: Micros): State {
  return [now, 0];
}

/** `queues`: what is allowed waits until its turn comes. */
export function judgeSchedule(
  state: Readonly<State>,
  limit: Limit,
  now: Micros,
  cost: number,
  queues: boolean,
): Decision {
  const { burst, burstUs, burstFraction, fractions } = limit;
  let aheadUs = (state[0] ?? 0) - now;
  let aheadFraction = state[1] ?? 0;
  if (aheadUs < 0) {
    aheadUs = 0;
    aheadFraction = 0;
  } else if (aheadUs > burstUs || (aheadUs === burstUs && aheadFraction > burstFraction)) {
    aheadUs = burstUs;
    aheadFraction = burstFraction;
  }
  if (cost > burst) return refused(limit, aheadUs, aheadFraction, Number.POSITIVE_INFINITY);
  let afterUs = aheadUs + stepsUs(limit, cost);
  let afterFraction = aheadFraction + stepsFraction(limit, cost);
  if (afterFraction >= fractions) {
    afterUs += 1;
    afterFraction -= fractions;
  }
  if (afterUs > burstUs || (afterUs === burstUs && afterFraction > burstFraction)) {
    // The difference's fraction may be negative: then the whole microseconds are one too many, as rounding up wants.
    const wait = roundUp(afterUs - burstUs, afterFraction - burstFraction);
    return refused(limit, aheadUs, aheadFraction, wait);
  }
  return {
    allowed: true,
    limit: burst,
    remaining: room(limit, afterUs, afterFraction),
    retryAfterUs: 0,
    resetAfterUs: roundUp(afterUs, afterFraction),
    delayUs: queues && cost > 0 ? roundUp(aheadUs, aheadFraction) : 0,
  };
}

function refused(limit: Limit, aheadUs: number, aheadFraction: number, retryAfterUs: number): Decision {
  return {
    allowed: false,
    limit: limit.burst,
    remaining: room(limit, aheadUs, aheadFraction),
    retryAfterUs,
    resetAfterUs: roundUp(aheadUs, aheadFraction),
    delayUs: 0,
  };
}

/** How many fit between `ahead` and the end of the burst. */
function room(limit: Limit, aheadUs: number, aheadFraction: number): number {
  if (aheadUs === 0 && aheadFraction === 0) return limit.burst;
  const fraction = limit.burstFraction - aheadFraction;
  const us = limit.burstUs - aheadUs;
  return fraction < 0 ? wholeSteps(limit, us - 1, fraction + limit.fractions) : wholeSteps(limit, us, fraction);
}

export function takeSchedule(state: State, limit: Limit, now: Micros, cost: number): void {
  bound(state, limit, now);
  let fraction = (state[1] ?? 0) + stepsFraction(limit, cost);
  let us = (state[0] ?? 0) + stepsUs(limit, cost);
  if (fraction >= limit.fractions) {
    us += 1;
    fraction -= limit.fractions;
  }
  state[0] = us;
  state[1] = fraction;
}

export function refundSchedule(state: State, limit: Limit, now: Micros, cost: number): void {
  if (cost >= limit.burst) {
    state[0] = now;
    state[1] = 0;
    return;
  }
  bound(state, limit, now);
  let fraction = (state[1] ?? 0) - stepsFraction(limit, cost);
  let us = (state[0] ?? 0) - stepsUs(limit, cost);
  if (fraction < 0) {
    us -= 1;
    fraction += limit.fractions;
  }
  state[0] = us;
  state[1] = fraction;
  bound(state, limit, now);
}

/** Brings the state between now and now + burst. */
function bound(state: State, limit: Limit, now: Micros): void {
  if ((state[0] ?? 0) < now) {
    state[0] = now;
    state[1] = 0;
  } else pullBack(state, limit, now);
}

/** Brings the state to now + burst at most. True when it was beyond. */
function pullBack(state: State, { burstUs, burstFraction }: Limit, now: Micros): boolean {
  const aheadUs = (state[0] ?? 0) - now;
  if (aheadUs < burstUs || (aheadUs === burstUs && (state[1] ?? 0) <= burstFraction)) return false;
  state[0] = now + burstUs;
  state[1] = burstFraction;
  return true;
}

export function scheduleFreshAt(state: Readonly<State>): Micros {
  return roundUp(state[0] ?? 0, state[1] ?? 0);
}

/** A fraction of other parts is rounded up: at most a microsecond, and never in the caller's favour. */
export function settleSchedule(state: State, countedBy: Limit, limit: Limit, now: Micros): boolean {
  const reparted = countedBy.fractions !== limit.fractions;
  if (reparted) {
    state[0] = roundUp(state[0] ?? 0, state[1] ?? 0);
    state[1] = 0;
  }
  return pullBack(state, limit, now) || reparted;
}
