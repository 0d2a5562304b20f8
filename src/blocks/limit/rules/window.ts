/** What fixed and anchored windows share: so many used, and a time until all of it is given again at once. */
import type { Limit } from '../limit.js';
import type { Decision } from '../limiter.js';

export function judgeWindow({ count }: Limit, used: number, leftUs: number, cost: number): Decision {
  const allowed = used + cost <= count;
  const after = allowed ? used + cost : used;
  return {
    allowed,
    limit: count,
    // A limit may have been lowered since.
    remaining: Math.max(0, count - after),
    retryAfterUs: allowed ? 0 : cost > count ? Number.POSITIVE_INFINITY : leftUs,
    resetAfterUs: after === 0 ? 0 : leftUs,
    delayUs: 0,
  };
}
