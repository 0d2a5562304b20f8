/** What the limiter's daemon counts. Plain numbers on the hot path; prom-client reads them when it is scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { Latency, LatencyHistogram } from '../../../platform/daemon/latency.js';
import type { Demand, LimiterCounts, Outcome } from '../limiter.js';

export interface GaugeSources {
  counts(): Promise<LimiterCounts>;
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
      help: 'Keys by state: used are those that are not as new.',
      labelNames: ['state'],
      registers,
      async collect() {
        const { keys, blocked } = await sources.counts();
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
