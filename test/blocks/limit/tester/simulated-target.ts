/**
 * Servers in virtual time. Requests travel, arrive in the order of their arrival, are judged by the limiter's own rules or
 * by those of a foreign server, and travel back: thousands of scenarios a minute.
 */
import { defineLimit, type LimitRequest } from '../../../../src/blocks/limit/limit.js';
import { rulesOf } from '../../../../src/blocks/limit/rules/index.js';
import { type Chance, chanceFrom } from '../../../../src/blocks/limit/tester/chance.js';
import type { Observation, Target } from '../../../../src/blocks/limit/tester/observation.js';
import { RunningClock } from '../../../helpers/running-clock.js';

/** Undefined: refused. Else how long it is made to wait, in milliseconds. */
export type Server = (wallMs: number) => number | undefined;

export interface Network {
  /** Milliseconds there and back, without jitter. */
  readonly rttMs?: number;
  /** Up to so much more each way. */
  readonly jitterMs?: number;
  /** A busy machine: so many of the trips, as a share, take longer by so much on average (exponentially distributed). */
  readonly stalls?: { readonly share: number; readonly meanMs: number };
  /** How long the server works on a request. */
  readonly serviceMs?: number;
  readonly seed?: number;
  readonly startMs?: number;
}

export class SimulatedTarget implements Target {
  readonly clock: RunningClock;
  private readonly chance: Chance;

  constructor(
    private readonly server: Server,
    private readonly network: Network = {},
  ) {
    this.chance = chanceFrom(network.seed ?? 1);
    this.clock = new RunningClock(network.startMs ?? 1_750_000_000_123 + Math.floor(this.chance() * 60_000));
  }

  async send(count: number, concurrency: number): Promise<Observation[]> {
    const { serviceMs = 0 } = this.network;
    const from = this.clock.monotonic();
    const wall = this.clock.now() - from;
    const lanes = Array.from({ length: Math.min(count, concurrency) }, (_, i) => from + i * 0.05);
    const seen: Observation[] = [];
    for (let sent = 0; sent < count; sent++) {
      const lane = lanes.indexOf(Math.min(...lanes));
      const sentMs = lanes[lane] ?? from;
      const arrivedMs = sentMs + this.trip();
      const delay = this.server(wall + arrivedMs);
      const receivedMs = arrivedMs + this.trip() + (delay === undefined ? 0 : delay + serviceMs);
      lanes[lane] = receivedMs;
      const accepted = delay !== undefined;
      seen.push({
        sentMs,
        receivedMs,
        accepted,
        status: accepted ? 200 : 429,
        bytes: 100,
        ...(accepted ? {} : { refusal: '429' }),
      });
    }
    this.clock.advance(Math.max(...lanes) - from);
    return seen;
  }

  private trip(): number {
    const { rttMs = 0.6, jitterMs = 0.3, stalls } = this.network;
    const stall =
      stalls !== undefined && this.chance() < stalls.share ? -Math.log(1 - this.chance()) * stalls.meanMs : 0;
    return rttMs / 2 + this.chance() * jitterMs + stall;
  }
}

/** As `ds limit serve` decides. Concurrency gives its places back after `holdMs`. */
export function limiterServer(request: LimitRequest, holdMs = 0): Server {
  const limit = defineLimit(request);
  const rules = rulesOf(limit.algorithm);
  let state: number[] | undefined;
  let lease = 0;
  let held: { lease: number; until: number }[] = [];
  return (wallMs) => {
    const now = Math.round(wallMs * 1000);
    state ??= rules.fresh(limit, now);
    for (const { lease } of held.filter(({ until }) => until <= wallMs)) rules.refund(state, limit, now, 1, lease);
    held = held.filter(({ until }) => until > wallMs);
    const decision = rules.judge(state, limit, now, 1);
    if (!decision.allowed) return undefined;
    rules.take(state, limit, now, 1, ++lease);
    if (limit.algorithm === 'concurrency') held.push({ lease, until: wallMs + holdMs });
    return decision.delayUs / 1000;
  };
}

/** haproxy's http_req_rate: windows from the first request on, an estimate that is rounded down, and everybody counted. */
export function haproxyServer(count: number, periodMs: number): Server {
  let [start, current, previous] = [0, 0, 0];
  return (wallMs) => {
    const now = Math.floor(wallMs);
    if (now - start >= periodMs) {
      previous = now - start >= 2 * periodMs ? 0 : current;
      start = now - start >= 2 * periodMs ? now : start + periodMs;
      current = 0;
    }
    current++;
    const left = start + periodMs - now;
    return Math.floor((previous * left) / periodMs + current) > count ? undefined : 0;
  };
}

/** Windows that follow one another from when the server was started (bottleneck's reservoir). */
export function phasedWindowServer(count: number, periodMs: number, phaseMs: number): Server {
  let [window, used] = [Number.NaN, 0];
  return (wallMs) => {
    const at = Math.floor((wallMs - phaseMs) / periodMs);
    if (at !== window) [window, used] = [at, 0];
    if (used >= count) return undefined;
    used++;
    return 0;
  };
}

/** A sliding log that remembers who was refused, too. */
export function strictLogServer(count: number, periodMs: number): Server {
  const times: number[] = [];
  return (wallMs) => {
    times.push(wallMs);
    const oldest = times[times.length - 1 - count];
    return oldest !== undefined && oldest > wallMs - periodMs ? undefined : 0;
  };
}

/** One at a time, each for so long; who finds so many in it is refused. From idle it takes as long: no queue by that sign. */
export function serialServer(places: number, workMs: number): Server {
  let busyUntil = 0;
  return (wallMs) => {
    if (busyUntil - wallMs > (places - 1) * workMs) return undefined;
    busyUntil = Math.max(busyUntil, wallMs) + workMs;
    return busyUntil - wallMs;
  };
}
