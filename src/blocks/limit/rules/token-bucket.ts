/**
 * The token bucket (RFC 2697 and everyday use): it holds at most `burst` tokens, starts full, and gains one with every
 * step of the rate. Time between two tokens is not lost: the instant of the last one is kept exactly.
 *
 *     state   [ tokens, atUs, atFraction ]      tokens there were at the instant when the last one came
 *
 * A full bucket gains nothing: its next token comes a step after the first one is taken, as in GCRA, and the two decide
 * alike (a test holds them to it). What differs is what they tell of themselves.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import { roundUp, stepsFraction, stepsUs, wholeSteps } from './arithmetic.js';
import type { Rules, State } from './rules.js';

/** The state at `now`: tokens, and how long ago the last one came, in two parts. */
interface Level {
  readonly tokens: number;
  readonly sinceUs: number;
  readonly sinceFraction: number;
}

const FULL: Pick<Level, 'sinceUs' | 'sinceFraction'> = { sinceUs: 0, sinceFraction: 0 };

function levelAt(state: Readonly<State>, limit: Limit, now: Micros): Level {
  const tokens = Math.min(state[0] ?? 0, limit.burst);
  const atFraction = state[2] ?? 0;
  // now - at, with a fraction from 0.
  const us = now - (state[1] ?? 0) - (atFraction > 0 ? 1 : 0);
  if (tokens >= limit.burst) return { tokens, ...FULL };
  const fraction = atFraction > 0 ? limit.fractions - atFraction : 0;
  // The clock was set back a little: no token has come since.
  if (us < 0) return { tokens, sinceUs: us, sinceFraction: fraction };
  if (us > limit.burstUs) return { tokens: limit.burst, ...FULL };
  const gained = wholeSteps(limit, us, fraction);
  if (tokens + gained >= limit.burst) return { tokens: limit.burst, ...FULL };
  let sinceUs = us - stepsUs(limit, gained);
  let sinceFraction = fraction - stepsFraction(limit, gained);
  if (sinceFraction < 0) {
    sinceUs -= 1;
    sinceFraction += limit.fractions;
  }
  return { tokens: tokens + gained, sinceUs, sinceFraction };
}

/** Microseconds until `tokens` more have come than there are, rounded up. */
function timeFor(limit: Limit, tokens: number, level: Level): number {
  if (tokens <= 0) return 0;
  const us = stepsUs(limit, tokens) - level.sinceUs;
  return roundUp(us, stepsFraction(limit, tokens) - level.sinceFraction);
}

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  const { burst } = limit;
  const level = levelAt(state, limit, now);
  const allowed = cost <= level.tokens;
  const remaining = allowed ? level.tokens - cost : level.tokens;
  return {
    allowed,
    limit: burst,
    remaining,
    retryAfterUs: allowed ? 0 : cost > burst ? Number.POSITIVE_INFINITY : timeFor(limit, cost - level.tokens, level),
    resetAfterUs: timeFor(limit, burst - remaining, level),
    delayUs: 0,
  };
}

/** A larger burst is not an empty bucket: as many are missing as before. A fraction of other parts is rounded up. */
function settle(state: State, countedBy: Limit, limit: Limit, now: Micros): boolean {
  const tokens = Math.max(0, limit.burst - Math.max(0, countedBy.burst - (state[0] ?? 0)));
  const reparted = countedBy.fractions !== limit.fractions;
  const changed = tokens !== state[0] || reparted;
  state[0] = tokens;
  if (reparted) {
    state[1] = roundUp(state[1] ?? 0, state[2] ?? 0);
    state[2] = 0;
  }
  // By less than a step, the clock may be another process's that reads it a moment earlier.
  if ((state[1] ?? 0) <= now + limit.stepUs) return changed;
  state[1] = now;
  state[2] = 0;
  return true;
}

/** Writes the level at `now`, with `by` tokens more. */
function change(state: State, limit: Limit, now: Micros, by: number): void {
  const { tokens, sinceUs, sinceFraction } = levelAt(state, limit, now);
  state[0] = Math.min(limit.burst, tokens + by);
  state[1] = sinceFraction > 0 ? now - sinceUs - 1 : now - sinceUs;
  state[2] = sinceFraction > 0 ? limit.fractions - sinceFraction : 0;
}

export const tokenBucket: Rules = {
  fresh: (limit, now) => [limit.burst, now, 0],
  settle,
  judge,
  take: (state, limit, now, cost) => change(state, limit, now, -cost),
  refund: (state, limit, now, cost) => change(state, limit, now, cost),
  freshAt(state, limit) {
    const missing = Math.max(0, limit.burst - (state[0] ?? 0));
    return roundUp((state[1] ?? 0) + stepsUs(limit, missing), (state[2] ?? 0) + stepsFraction(limit, missing)) + 1;
  },
};
