/**
 * The sliding-window log: every request of the last period, so that in no period whatever more than the limit passes.
 *
 *     state   [ at, cost,  at, cost, … ]      oldest first; requests of one instant are one entry
 *
 * It takes as much room as the limit allows requests, which is why limit.ts bounds the count. What lies ahead of a clock
 * that was set back counts as taken now.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import type { Rules, State } from './rules.js';

/** Index of the first entry that is still in sight: (now - period, now]. */
function firstLive(state: Readonly<State>, { periodUs }: Limit, now: Micros): number {
  const horizon = now - periodUs;
  let index = 0;
  while (index < state.length && (state[index] ?? 0) <= horizon) index += 2;
  return index;
}

function total(state: Readonly<State>, from: number): number {
  let sum = 0;
  for (let index = from + 1; index < state.length; index += 2) sum += state[index] ?? 0;
  return sum;
}

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  const { count, periodUs } = limit;
  const from = firstLive(state, limit, now);
  const used = total(state, from);
  const allowed = used + cost <= count;
  const newest = allowed && cost > 0 ? now : Math.min(now, state.at(-2) ?? 0);
  const empty = used === 0 && (!allowed || cost === 0);
  return {
    allowed,
    limit: count,
    remaining: Math.max(0, count - used - (allowed ? cost : 0)),
    retryAfterUs: allowed ? 0 : retryAfter(state, limit, now, { from, excess: used + cost - count, cost }),
    resetAfterUs: empty ? 0 : newest + periodUs - now,
    delayUs: 0,
  };
}

interface Shortage {
  readonly from: number;
  /** How much has to go out of sight first. */
  readonly excess: number;
  readonly cost: number;
}

function retryAfter(state: Readonly<State>, { count, periodUs }: Limit, now: Micros, shortage: Shortage): number {
  if (shortage.cost > count) return Number.POSITIVE_INFINITY;
  let left = shortage.excess;
  for (let index = shortage.from; index < state.length; index += 2) {
    left -= state[index + 1] ?? 0;
    if (left <= 0) return Math.min(state[index] ?? 0, now) + periodUs - now;
  }
  return periodUs;
}

function settle(state: State, now: Micros): boolean {
  const changed = (state.at(-2) ?? 0) > now;
  for (let index = state.length - 2; index >= 0 && (state[index] ?? 0) > now; index -= 2) state[index] = now;
  return changed;
}

function forget(state: State, limit: Limit, now: Micros): void {
  const gone = firstLive(state, limit, now);
  if (gone > 0) state.splice(0, gone);
}

function take(state: State, limit: Limit, now: Micros, cost: number): void {
  forget(state, limit, now);
  if (cost === 0) return;
  const last = state.length - 2;
  if (last >= 0 && state[last] === now) state[last + 1] = (state[last + 1] ?? 0) + cost;
  else state.push(now, cost);
}

function refund(state: State, limit: Limit, now: Micros, cost: number): void {
  forget(state, limit, now);
  let left = cost;
  while (left > 0 && state.length > 0) {
    const newest = state.at(-1) ?? 0;
    if (newest > left) state[state.length - 1] = newest - left;
    else state.length -= 2;
    left -= newest;
  }
}

export const slidingLog: Rules = {
  fresh: () => [],
  settle: (state, _countedBy, _limit, now) => settle(state, now),
  judge,
  take,
  refund,
  freshAt: (state, limit) => (state.length === 0 ? 0 : (state.at(-2) ?? 0) + limit.periodUs),
};
