/**
 * A window that opens with the first request and lasts one period, as Redis's INCR with EXPIRE, and most middleware,
 * count.
 *
 *     state   [ start, used ]
 *
 * A clock that is set back before the start finds the window begun now: it lasts no longer than one period.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';
import type { Rules, State } from './rules.js';
import { judgeWindow } from './window.js';

const isOpen = (state: Readonly<State>, { periodUs }: Limit, now: Micros) =>
  (state[1] ?? 0) > 0 && now < (state[0] ?? 0) + periodUs;

function judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision {
  if (!isOpen(state, limit, now)) return judgeWindow(limit, 0, limit.periodUs, cost);
  return judgeWindow(limit, state[1] ?? 0, Math.min(state[0] ?? 0, now) + limit.periodUs - now, cost);
}

function add(state: State, limit: Limit, now: Micros, change: number): void {
  const open = isOpen(state, limit, now);
  state[0] = open ? Math.min(state[0] ?? 0, now) : now;
  state[1] = Math.max(0, (open ? (state[1] ?? 0) : 0) + change);
}

export const anchoredWindow: Rules = {
  fresh: (_limit, now) => [now, 0],
  settle(state, _countedBy, _limit, now) {
    if ((state[0] ?? 0) <= now) return false;
    state[0] = now;
    return true;
  },
  judge,
  take: (state, limit, now, cost) => add(state, limit, now, cost),
  refund: (state, limit, now, cost) => add(state, limit, now, -cost),
  freshAt: (state, limit) => ((state[1] ?? 0) === 0 ? (state[0] ?? 0) : (state[0] ?? 0) + limit.periodUs),
};
