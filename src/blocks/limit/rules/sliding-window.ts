/**
 * The sliding-window counter: two windows of the wall clock, the earlier one weighted by the part of it that the last
 * period still covers. An estimate that takes what came in the earlier window as evenly spread; it costs three numbers.
 *
 *     state   [ start, current, previous ]
 *
 *         previous            current
 *     ├───────────────────┼─────────●─────────┤
 *               │◀── last period ──▶│                weight of previous = (period - elapsed) / period
 *                         │◀ elapsed▶
 *
 * The weighted part is rounded up, so that never more is let through than the estimate says. A clock that is set back
 * by up to one period finds the state's window just begun; by more, nothing counted.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import { multiplyDivide } from './arithmetic.js';
import type { Rules, State } from './rules.js';

interface View {
  readonly start: number;
  readonly elapsed: number;
  readonly current: number;
  readonly previous: number;
}

function viewAt(state: Readonly<State>, { periodUs }: Limit, now: Micros): View {
  const [stored = 0, current = 0, previous = 0] = state;
  const start = now - (now % periodUs);
  const elapsed = now - start;
  if (stored === start) return { start, elapsed, current, previous };
  if (stored === start - periodUs) return { start, elapsed, current: 0, previous: current };
  if (stored > start && stored - start <= periodUs) return { start: stored, elapsed: 0, current, previous };
  return { start, elapsed, current: 0, previous: 0 };
}

/** previous × (period - elapsed) / period, rounded up. */
function weighted(previous: number, elapsed: number, periodUs: number): number {
  return previous - multiplyDivide(previous, elapsed, periodUs);
}

/** How far into a window the weighted `previous` has come down to `room`. */
function elapsedUntil(previous: number, room: number, periodUs: number): number {
  if (previous <= room) return 0;
  // The least e with floor(previous × e / period) ≥ previous - room.
  const sunk = previous - room;
  const down = multiplyDivide(sunk, periodUs, previous);
  return multiplyDivide(previous, down, periodUs) >= sunk ? down : down + 1;
}

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  const { count, periodUs } = limit;
  const view = viewAt(state, limit, now);
  const used = weighted(view.previous, view.elapsed, periodUs) + view.current;
  const allowed = used + cost <= count;
  return {
    allowed,
    limit: count,
    remaining: Math.max(0, count - used - (allowed ? cost : 0)),
    retryAfterUs: allowed ? 0 : retryAfter(view, limit, now, cost),
    resetAfterUs: resetAfter(view, limit, now, allowed ? cost : 0),
    delayUs: 0,
  };
}

function retryAfter({ start, current, previous }: View, { count, periodUs }: Limit, now: Micros, cost: number): number {
  if (cost > count) return Number.POSITIVE_INFINITY;
  const room = count - current - cost;
  if (room >= 0) return start + elapsedUntil(previous, room, periodUs) - now;
  return start + periodUs + elapsedUntil(current, count - cost, periodUs) - now;
}

function resetAfter({ start, current, previous }: View, { periodUs }: Limit, now: Micros, cost: number): number {
  if (current + cost > 0) return start + 2 * periodUs - now;
  return previous > 0 ? start + periodUs - now : 0;
}

function add(state: State, limit: Limit, now: Micros, change: number): void {
  const { start, current, previous } = viewAt(state, limit, now);
  // What is given back beyond the present window was taken in the earlier one.
  const over = Math.min(0, current + change);
  state[0] = start;
  state[1] = Math.max(0, current + change);
  state[2] = Math.max(0, previous + over);
}

export const slidingWindow: Rules = {
  fresh: (limit, now) => [now - (now % limit.periodUs), 0, 0],
  settle(state, countedBy, limit, now) {
    if (countedBy.periodUs === limit.periodUs) return false;
    const { elapsed, current, previous } = viewAt(state, countedBy, now);
    state[0] = now - (now % limit.periodUs);
    state[1] = current + weighted(previous, elapsed, countedBy.periodUs);
    state[2] = 0;
    return true;
  },
  judge,
  take: (state, limit, now, cost) => add(state, limit, now, cost),
  refund: (state, limit, now, cost) => add(state, limit, now, -cost),
  freshAt([start = 0, current = 0, previous = 0], { periodUs }) {
    if (current > 0) return start + 2 * periodUs;
    return previous > 0 ? start + periodUs : start;
  },
};
