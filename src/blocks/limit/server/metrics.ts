/** What the limiter's daemon counts. Plain numbers on the hot path; prom-client reads them when it is scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../../platform/clock.js';
import { Latency, LatencyHistogram } from '../../../platform/daemon/latency.js';
import type { Demand, LimiterCounts, Outcome } from '../limiter.js';

export interface GaugeSources {
  /** Walks every key: 0.4 s for a million. */
  counts(): Promise<LimiterCounts>;
  readonly clock: Clock;
  connections(): Readonly<Record<string, number>>;
}

/**
 * What became of a demand: allowed; limited by its own limit; blocked with its key; `shadow`, which would have been
 * limited; `untaken`, since a limit beside it refused.
 */
const outcomes = ['allowed', 'limited', 'blocked', 'shadow', 'untaken'] as const;
type OutcomeName = (typeof outcomes)[number];
type Tally = Record<OutcomeName, number>;

const newTally = (): Tally => ({ allowed: 0, limited: 0, blocked: 0, shadow: 0, untaken: 0 });

export class LimitMetrics {
  /** By scope of a policy's limit. Peers name scopes of their own, which are counted together. */
  readonly #tallies: Map<string, Tally>;
  readonly #others = newTally();
  readonly #latencies = new Map<string, Latency>();

  constructor(registry: Registry, scopes: Iterable<string>, sources: GaugeSources) {
    this.#tallies = new Map([...scopes].map((scope) => [scope, newTally()]));
    const registers = [registry];
    const counts = sharedCounts(sources);
    const tallies = () => [['', this.#others] as const, ...this.#tallies];
    new Counter({
      name: 'ds_limit_decisions_total',
      help: 'Demands by limit of a policy (empty for keys that are just named) and what became of them.',
      labelNames: ['limit', 'outcome'],
      registers,
      collect() {
        this.reset();
        for (const [limit, tally] of tallies()) {
          for (const outcome of outcomes) this.inc({ limit, outcome }, tally[outcome]);
        }
      },
    });
    new Gauge({
      name: 'ds_limit_keys',
      help: 'Keys by state: used are those that are not as new. Of many keys it may be some minutes old.',
      labelNames: ['state'],
      registers,
      async collect() {
        const { keys, blocked } = await counts();
        this.set({ state: 'used' }, keys);
        this.set({ state: 'blocked' }, blocked);
      },
    });
    new Gauge({
      name: 'ds_limit_connections',
      help: 'Open connections.',
      labelNames: ['protocol'],
      registers,
      collect() {
        for (const [protocol, count] of Object.entries(sources.connections())) this.set({ protocol }, count);
      },
    });
    new LatencyHistogram('ds_limit_request_duration_seconds', this.#latencies, registry);
  }

  decided(demands: readonly Demand[], { allowed, blockedForUs, decisions }: Outcome): void {
    for (let index = 0; index < demands.length; index++) {
      const demand = demands[index];
      const decision = decisions[index];
      if (demand === undefined || decision === undefined) continue;
      const tally = (demand.scope === '' ? undefined : this.#tallies.get(demand.scope)) ?? this.#others;
      if (blockedForUs > 0) tally.blocked++;
      else if (!decision.allowed) tally[demand.shadow === true ? 'shadow' : 'limited']++;
      else tally[allowed ? 'allowed' : 'untaken']++;
    }
  }

  /** For INFO. */
  totals(): Readonly<Record<OutcomeName, number>> {
    const total = newTally();
    for (const tally of [this.#others, ...this.#tallies.values()]) {
      for (const outcome of outcomes) total[outcome] += tally[outcome];
    }
    return total;
  }

  /** The latency of one command; `command` comes from the daemon's own list, never from a peer. */
  latency(command: string): Latency {
    const latency = this.#latencies.get(command) ?? new Latency();
    this.#latencies.set(command, latency);
    return latency;
  }
}

/** A count of the keys is told again for so many times as long as it took: it never takes more than a hundredth of the time. */
const KEPT_FOR_TIMES = 100;

/** The counts, shared by scrapes that come together or soon after one another. A failure is not kept. */
function sharedCounts({ counts, clock }: Pick<GaugeSources, 'counts' | 'clock'>): () => Promise<LimiterCounts> {
  let known: Promise<LimiterCounts> | undefined;
  let goodUntil = 0;
  return () => {
    const startedAt = clock.monotonic();
    if (known !== undefined && startedAt < goodUntil) return known;
    goodUntil = Number.POSITIVE_INFINITY;
    const counting = counts();
    known = counting;
    const ended = (times: number) => () => {
      const now = clock.monotonic();
      goodUntil = now + times * (now - startedAt);
    };
    counting.then(ended(KEPT_FOR_TIMES), ended(0));
    return counting;
  };
}
