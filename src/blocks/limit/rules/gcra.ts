/** GCRA, the generic cell rate algorithm: virtual scheduling without a queue. */
import type { Rules } from './rules.js';
import {
  freshSchedule,
  judgeSchedule,
  refundSchedule,
  scheduleFreshAt,
  settleSchedule,
  takeSchedule,
} from './virtual-scheduling.js';

export const gcra: Rules = {
  fresh: (_limit, now) => freshSchedule(now),
  settle: settleSchedule,
  judge: (state, limit, now, cost) => judgeSchedule(state, limit, now, cost, false),
  take: takeSchedule,
  refund: refundSchedule,
  freshAt: scheduleFreshAt,
};
