/** The rate limiter of a `ds limit serve`: every call is one command, in the form that wire.ts defines. */
import type { WireCommand } from '../../../platform/protocol/resp/wire-command.js';
import { call } from '../../../platform/protocol/resp-client/call.js';
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { checkBlockTime, checkDemand, checkDemands } from '../engine/checks.js';
import { checkKey } from '../key.js';
import {
  type BlockedKey,
  type Decision,
  type Demand,
  type KeyReport,
  type LimiterCounts,
  NOTHING_ASKED,
  type Outcome,
  type RateLimiter,
  type RefundDemand,
} from '../limiter.js';
import type { Inspection } from '../wire/reports.js';
import { limitWire, MOST_TOP } from '../wire.js';

/** What it refuses by itself the daemon would refuse as well: a key of a gigabyte is not sent to hear that. */
export class DaemonLimiter implements RateLimiter {
  readonly #connection: RemoteConnection;

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  check(demands: readonly Demand[]): Promise<Outcome> {
    return this.#decide(limitWire.check, demands);
  }

  peek(demands: readonly Demand[]): Promise<Outcome> {
    return this.#decide(limitWire.peek, demands);
  }

  async refund(demand: RefundDemand): Promise<Decision> {
    checkDemand(demand);
    const { lease, ...rest } = demand;
    // A lease that is no number is nobody's.
    return this.#call(limitWire.refund, Number.isSafeInteger(lease) ? demand : rest);
  }

  async reset(key: string, scope?: string): Promise<boolean> {
    checkKey(key);
    return this.#call(limitWire.reset, scope === undefined ? { key } : { key, scope });
  }

  async block(key: string, forUs: number): Promise<void> {
    checkKey(key);
    checkBlockTime(forUs);
    return this.#call(limitWire.block, { key, forUs });
  }

  async inspect(key: string): Promise<Inspection> {
    checkKey(key);
    return this.#call(limitWire.inspect, { key });
  }

  /** At most MOST_TOP. */
  top(count: number): Promise<readonly KeyReport[]> {
    return this.#call(limitWire.top, { count: Math.min(count, MOST_TOP) });
  }

  blocked(): Promise<readonly BlockedKey[]> {
    return this.#call(limitWire.blocked, {});
  }

  counts(): Promise<LimiterCounts> {
    return this.#call(limitWire.counts, {});
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #decide(command: typeof limitWire.check, demands: readonly Demand[]): Promise<Outcome> {
    checkDemands(demands);
    return demands.length === 0 ? NOTHING_ASKED : this.#call(command, { demands });
  }

  #call<Request, Result>(command: WireCommand<Request, Result>, request: Request): Promise<Result> {
    return call(this.#connection, command, request);
  }
}
