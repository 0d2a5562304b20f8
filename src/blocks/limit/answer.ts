/** A decision as commands tell it: as a record, as fields between tabs, and in words. */
import type { Decision, Demand, Outcome } from './limiter.js';
import { retryAfterUs } from './waiting.js';
import { sayTime } from './words.js';

export interface Answer {
  readonly state: 'allowed' | 'limited' | 'blocked';
  readonly decision: Decision;
  /** Of this limit, or until a block ends; Infinity for never. */
  readonly retryUs: number;
}

/** One for each demand. */
export function answersOf(outcome: Outcome, demands: readonly Demand[]): Answer[] {
  const isBlocked = outcome.blockedForUs > 0;
  return outcome.decisions.map((decision, i) => {
    const state = isBlocked ? 'blocked' : decision.allowed ? 'allowed' : 'limited';
    const one = { ...outcome, decisions: [decision] };
    return { state, decision, retryUs: retryAfterUs(one, demands.slice(i, i + 1)) };
  });
}

/** For JSON; `retry_after_ms` is null for never. */
export function answerRecord({ state, decision, retryUs }: Answer) {
  const { limit, remaining, resetAfterUs, delayUs, lease } = decision;
  return {
    state,
    allowed: state === 'allowed',
    limit,
    remaining,
    retry_after_ms: retryUs === Number.POSITIVE_INFINITY ? null : retryUs / 1000,
    reset_after_ms: resetAfterUs / 1000,
    ...(delayUs === 0 ? {} : { delay_ms: delayUs / 1000 }),
    ...(lease === undefined ? {} : { lease }),
  };
}

/** State, left, of how many; seconds until a retry (`inf`: never), until all is given back, of delay; lease. */
export function answerFields({ state, decision, retryUs }: Answer): string {
  const { limit, remaining, resetAfterUs, delayUs, lease = '' } = decision;
  return [state, remaining, limit, seconds(retryUs), seconds(resetAfterUs), seconds(delayUs), lease].join('\t');
}

/** As `sleep` reads it. */
function seconds(us: number): string {
  if (us === Number.POSITIVE_INFINITY) return 'inf';
  return (us / 1e6).toFixed(6).replace(/\.?0+$/, '');
}

/** `4 of 5 left, all of it in 12s`; the state is not repeated. */
export function sayAnswer({ state, decision, retryUs }: Answer): string {
  const { limit, remaining, resetAfterUs, delayUs, lease } = decision;
  const facts = state === 'blocked' ? [] : [`${remaining} of ${limit} left`];
  if (state !== 'allowed')
    facts.push(retryUs === Number.POSITIVE_INFINITY ? 'more than ever fits' : `retry in ${sayTime(retryUs)}`);
  else if (resetAfterUs > 0) facts.push(`all of it in ${sayTime(resetAfterUs)}`);
  if (delayUs > 0) facts.push(`delay ${sayTime(delayUs)}`);
  if (lease !== undefined) facts.push(`lease ${lease}`);
  return facts.join(', ');
}
