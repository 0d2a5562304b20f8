/**
 * The leaky bucket as a queue (Turner, 1986; nginx's limit_req): the same schedule as GCRA's, but who comes early is not
 * let through early: `delayUs` says when its turn is. The burst is the number of places in the queue.
 */
import { gcra } from './gcra.js';
import type { Rules } from './rules.js';
import { judgeSchedule } from './virtual-scheduling.js';

export const leakyBucket: Rules = {
  ...gcra,
  judge: (state, limit, now, cost) => judgeSchedule(state, limit, now, cost, true),
};
