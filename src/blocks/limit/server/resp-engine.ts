import type { Clock } from '../../../platform/clock.js';
import type { Latency } from '../../../platform/daemon/latency.js';
import type { Demand, Outcome, RateLimiter } from '../limiter.js';

/** What the commands of the RESP port stand on. */
export interface RespLimitEngine {
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  /** Counts the demands and the decisions on them; answers at once where the limiter can. */
  check(demands: readonly Demand[]): Outcome | Promise<Outcome>;
  /** The latencies of a command; asked for once. */
  latency(command: string): Latency;
}
