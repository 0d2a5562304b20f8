/** One run against a target: what was sent, and the budgets that end it. */
import { jitterOf, usualDelay } from './jitter.js';
import type { Observation, Target, Variation } from './observation.js';
import { type Arrival, arrivalsOf } from './trace.js';

export interface Budgets {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly maxTimeMs: number;
}

/** The run ends with what is known. */
class BudgetSpent extends Error {
  constructor(readonly budget: 'requests' | 'bytes' | 'time') {
    super(`the budget of ${budget} is spent`);
  }
}

/** The server has become slow: to go on would do harm, and measure it. */
class LatencyRises extends Error {
  constructor(fromMs: number, toMs: number) {
    super(`answers took ${Math.round(fromMs)} ms and now take ${Math.round(toMs)} ms: the server is left alone`);
  }
}

/** Why a run may end before all is clear. */
export const isCutShort = (error: unknown): error is Error =>
  error instanceof BudgetSpent || error instanceof LatencyRises;

/** Answers to single requests are compared: so many of the last ones with so many of the first ones. */
const COMPARED = 5;
/** Slow is what takes so many times as long, and so many milliseconds longer. */
const SLOWER = 8;
const SLOWER_MS = 500;

export interface SessionOptions extends Budgets {
  /** Whether nothing is sent before the instant that a refusal named. */
  readonly obeysRetryAfter: boolean;
  readonly signal?: AbortSignal;
}

export class Session {
  readonly observations: Observation[] = [];
  readonly originMs: number;
  /** The wall clock at the origin, to tell a window that stands on it. */
  readonly originWallMs: number;
  bytes = 0;
  /** Of requests in flight when many are sent. One by one until it is known that this is too slow. */
  concurrency = 1;
  private notBefore = 0;
  private aside = 0;
  private readonly singles: number[] = [];
  /** Of each pause, by how much it was longer than asked for: milliseconds. */
  private readonly lates: number[] = [];

  constructor(
    readonly target: Target,
    readonly options: SessionOptions,
  ) {
    this.originMs = target.clock.monotonic();
    this.originWallMs = target.clock.now();
  }

  /** Milliseconds since the run began. */
  get nowMs(): number {
    return this.target.clock.monotonic() - this.originMs;
  }

  get requests(): number {
    return this.observations.length + this.aside;
  }

  get requestsLeft(): number {
    return this.options.maxRequests - this.requests;
  }

  get timeLeftMs(): number {
    return this.options.maxTimeMs - this.nowMs;
  }

  get notBeforeMs(): number {
    return this.notBefore;
  }

  /** How late this machine's timers are: milliseconds. */
  get jitterMs(): number {
    return jitterOf(this.lates);
  }

  arrivals(): Arrival[] {
    return arrivalsOf(this.observations, this.originMs, usualDelay(this.lates));
  }

  async one(): Promise<Observation> {
    const [only] = await this.send(1, 1);
    if (only === undefined) throw new Error('a request without an observation');
    this.watch(only);
    return only;
  }

  /** At once, as far as the budget goes. */
  async parallel(count: number): Promise<Observation[]> {
    return this.send(count, count);
  }

  /** Always so many in flight: each answer makes room for the next one. */
  async stream(count: number, concurrency: number): Promise<Observation[]> {
    return this.send(count, concurrency);
  }

  /** One after another (or `concurrency` at a time), until one is refused. Resolves to how many were accepted. */
  async untilRefused(most: number): Promise<number> {
    let accepted = 0;
    while (accepted < most) {
      const together = Math.min(this.concurrency, most - accepted);
      const seen = together === 1 ? [await this.one()] : await this.send(together, together);
      accepted += seen.filter((one) => one.accepted).length;
      if (seen.some((one) => !one.accepted)) break;
    }
    return accepted;
  }

  /** Error: BudgetSpent, at once, where the pause would outlast the budget. */
  async wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    if (ms > this.timeLeftMs) throw new BudgetSpent('time');
    const until = this.nowMs + ms;
    await this.target.clock.sleep(ms, this.options.signal);
    this.lates.push(this.nowMs - until);
  }

  /** Not of the run that the models explain: it may be counted elsewhere. */
  async varied(variation: Variation): Promise<Observation> {
    await this.admit(1);
    const [seen] = await this.target.send(1, 1, variation);
    if (seen === undefined) throw new Error('a request without an observation');
    this.aside++;
    this.note(seen);
    return seen;
  }

  private async admit(count: number): Promise<void> {
    await this.wait(this.notBefore - this.nowMs);
    this.options.signal?.throwIfAborted();
    if (count > this.requestsLeft) throw new BudgetSpent('requests');
    if (this.timeLeftMs <= 0) throw new BudgetSpent('time');
    if (this.bytes >= this.options.maxBytes) throw new BudgetSpent('bytes');
  }

  private async send(count: number, concurrency: number): Promise<Observation[]> {
    await this.admit(count);
    const seen = await this.target.send(count, concurrency);
    for (const observation of seen) {
      this.observations.push(observation);
      this.note(observation);
    }
    return seen;
  }

  /** Whether these answers take much longer than the first ones did. Error: LatencyRises. */
  checkLatency(latencies: readonly number[]): void {
    if (this.singles.length < COMPARED) return;
    const [first, last] = [median(this.singles.slice(0, COMPARED)), median(latencies)];
    if (last > first * SLOWER && last > first + SLOWER_MS) throw new LatencyRises(first, last);
  }

  private watch(single: Observation): void {
    if (!single.accepted) return;
    this.singles.push(latencyOf(single));
    if (this.singles.length >= COMPARED * 2) this.checkLatency(this.singles.slice(-COMPARED));
  }

  private note({ bytes, retryAfterMs, receivedMs }: Observation): void {
    this.bytes += bytes;
    if (!this.options.obeysRetryAfter || retryAfterMs === undefined) return;
    this.notBefore = Math.max(this.notBefore, receivedMs - this.originMs + retryAfterMs);
  }
}

export const latencyOf = ({ sentMs, receivedMs }: Observation): number => receivedMs - sentMs;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
