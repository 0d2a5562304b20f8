/**
 * So many at once. Who is let in gets a lease, and gives it back by refund(); one that is not given back ends by itself
 * after the limit's period.
 *
 *     state   [ endsAt, lease, cost,  endsAt, lease, cost, … ]      in the order of taking
 *
 * No lease lasts longer than a period from now, wherever the clock has been stepped to.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import type { Rules, State } from './rules.js';

/** Of the leases that have not ended: how much they hold. */
function held(state: Readonly<State>, now: Micros): number {
  let sum = 0;
  for (let index = 0; index < state.length; index += 3) if ((state[index] ?? 0) > now) sum += state[index + 2] ?? 0;
  return sum;
}

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  const { count, periodUs } = limit;
  const used = held(state, now);
  const allowed = used + cost <= count;
  const lastEnd = allowed && cost > 0 ? periodUs : used === 0 ? 0 : latestEnd(state, limit, now);
  return {
    allowed,
    limit: count,
    remaining: Math.max(0, count - used - (allowed ? cost : 0)),
    retryAfterUs: allowed ? 0 : retryAfter(state, limit, now, used + cost - count, cost),
    resetAfterUs: lastEnd,
    delayUs: 0,
  };
}

function latestEnd(state: Readonly<State>, { periodUs }: Limit, now: Micros): number {
  let latest = 0;
  for (let index = 0; index < state.length; index += 3) latest = Math.max(latest, (state[index] ?? 0) - now);
  return Math.min(latest, periodUs);
}

/** Until enough leases have ended by themselves; they may well be given back before. */
function retryAfter(state: Readonly<State>, limit: Limit, now: Micros, excess: number, cost: number): number {
  if (cost > limit.count) return Number.POSITIVE_INFINITY;
  const leases: { readonly leftUs: number; readonly cost: number }[] = [];
  for (let index = 0; index < state.length; index += 3) {
    const leftUs = Math.min((state[index] ?? 0) - now, limit.periodUs);
    if (leftUs > 0) leases.push({ leftUs, cost: state[index + 2] ?? 0 });
  }
  leases.sort((a, b) => a.leftUs - b.leftUs);
  let left = excess;
  for (const lease of leases) {
    left -= lease.cost;
    if (left <= 0) return lease.leftUs;
  }
  return limit.periodUs;
}

function settle(state: State, { periodUs }: Limit, now: Micros): boolean {
  let changed = false;
  for (let index = 0; index < state.length; index += 3) {
    if ((state[index] ?? 0) <= now + periodUs) continue;
    state[index] = now + periodUs;
    changed = true;
  }
  return changed;
}

/** Leaves out the leases that have ended and, where told, one more. */
function forget(state: State, now: Micros, released: number | undefined): void {
  let kept = 0;
  for (let index = 0; index < state.length; index += 3) {
    const endsAt = state[index] ?? 0;
    const lease = state[index + 1] ?? 0;
    if (endsAt <= now || lease === released) continue;
    state[kept] = endsAt;
    state[kept + 1] = lease;
    state[kept + 2] = state[index + 2] ?? 0;
    kept += 3;
  }
  state.length = kept;
}

export const concurrency: Rules = {
  fresh: () => [],
  settle: (state, _countedBy, limit, now) => settle(state, limit, now),
  judge,
  take(state, limit, now, cost, lease) {
    forget(state, now, undefined);
    if (cost > 0) state.push(now + limit.periodUs, lease, cost);
  },
  refund: (state, _limit, now, _cost, lease) => forget(state, now, lease),
  freshAt(state) {
    let latest = 0;
    for (let index = 0; index < state.length; index += 3) latest = Math.max(latest, state[index] ?? 0);
    return latest;
  },
};
