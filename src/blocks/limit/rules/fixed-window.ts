/**
 * So many in each window of the wall clock. Windows begin at whole multiples of the period since the epoch: a minute's
 * at second 0, a day's at midnight UTC.
 *
 *     state   [ start, used ]
 *
 * A clock that is set back by up to one period finds the later window still open; by more, a new one.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import type { Rules, State } from './rules.js';
import { judgeWindow } from './window.js';

/** Start of the window that counts now, and whether it is the state's. */
function currentStart(state: Readonly<State>, { periodUs }: Limit, now: Micros): number {
  const start = now - (now % periodUs);
  const stored = state[0] ?? 0;
  return stored > start && stored - start <= periodUs ? stored : start;
}

function usedIn(state: Readonly<State>, start: number): number {
  return state[0] === start ? (state[1] ?? 0) : 0;
}

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  const start = currentStart(state, limit, now);
  return judgeWindow(limit, usedIn(state, start), start + limit.periodUs - now, cost);
}

function add(state: State, limit: Limit, now: Micros, change: number): void {
  const start = currentStart(state, limit, now);
  const used = usedIn(state, start);
  state[0] = start;
  state[1] = Math.max(0, used + change);
}

export const fixedWindow: Rules = {
  fresh: (limit, now) => [now - (now % limit.periodUs), 0],
  settle(state, countedBy, limit, now) {
    if (countedBy.periodUs === limit.periodUs) return false;
    // What was used in the window that is open stays used in the one of the new length.
    state[1] = usedIn(state, currentStart(state, countedBy, now));
    state[0] = now - (now % limit.periodUs);
    return true;
  },
  judge,
  take: (state, limit, now, cost) => add(state, limit, now, cost),
  refund: (state, limit, now, cost) => add(state, limit, now, -cost),
  freshAt: (state, limit) => ((state[1] ?? 0) === 0 ? (state[0] ?? 0) : (state[0] ?? 0) + limit.periodUs),
};
