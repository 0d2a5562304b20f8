/** What the daemon's ports stand on: the limiter, the policies, the counters. */
import type { Clock } from '../../../platform/clock.js';
import type { Latency } from '../../../platform/daemon/latency.js';
import type { Demand, Outcome, RateLimiter } from '../limiter.js';
import type { PolicySet } from '../policy/index.js';
import type { LimitMetrics } from './metrics.js';

/** What the commands of the RESP port need of it. */
export interface RespLimitEngine {
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  /** Counts the demands and the decisions on them; answers at once where the limiter can. */
  check(demands: readonly Demand[]): Outcome | Promise<Outcome>;
  /** The latencies of a command; asked for once. */
  latency(command: string): Latency;
}

export interface LimitEngine extends RespLimitEngine {
  /** None were given: /auth and the proxy have nothing to apply. */
  readonly policies: PolicySet | undefined;
  readonly metrics: LimitMetrics;
  /** Answers carry X-RateLimit fields, too. */
  readonly legacyHeaders: boolean;
  /** Aborted when the daemon has no time left to stop. */
  readonly stopping: AbortSignal;
}

export interface EngineParts {
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly policies: PolicySet | undefined;
  readonly metrics: LimitMetrics;
  readonly legacyHeaders: boolean;
  readonly stopping: AbortSignal;
}

export function createEngine(parts: EngineParts): LimitEngine {
  const { limiter, metrics } = parts;
  return {
    ...parts,
    latency: (command) => metrics.latency(command),
    check(demands) {
      const outcome: Outcome | Promise<Outcome> = limiter.check(demands);
      return outcome.then((settled) => counted(metrics, demands, settled));
    },
  };
}

function counted(metrics: LimitMetrics, demands: readonly Demand[], outcome: Outcome): Outcome {
  metrics.decided(demands, outcome);
  return outcome;
}
