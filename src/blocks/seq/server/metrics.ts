/** What the sequencer's daemon counts. Plain numbers on the hot path; prom-client reads them when it is scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { Latency, LatencyHistogram } from '../../../platform/daemon/latency.js';

export interface GaugeSources {
  leases(): number;
  connections(): { readonly redis: number; readonly http: number };
}

export class SeqMetrics {
  /** IDs given out, by layout space. Bounded, because the layouts are. */
  readonly ids = new Map<string, number>();
  tickets = 0;
  readonly #latencies = new Map<string, Latency>();

  constructor(registry: Registry, sources: GaugeSources) {
    const { ids } = this;
    const ticketCount = () => this.tickets;
    const registers = [registry];
    new Counter({
      name: 'ds_seq_ids_issued_total',
      help: 'IDs given out.',
      labelNames: ['layout'],
      registers,
      collect() {
        this.reset();
        for (const [layout, count] of ids) this.inc({ layout }, count);
      },
    });
    new Counter({
      name: 'ds_seq_tickets_issued_total',
      help: 'Numbers of sequences of the block kind given out.',
      registers,
      collect() {
        this.reset();
        this.inc(ticketCount());
      },
    });
    new Gauge({
      name: 'ds_seq_workers_leased',
      help: 'Worker numbers under a lease that has not run out, of all layouts and holders.',
      registers,
      collect() {
        this.set(sources.leases());
      },
    });
    new Gauge({
      name: 'ds_seq_connections',
      help: 'Open connections.',
      labelNames: ['protocol'],
      registers,
      collect() {
        const { redis, http } = sources.connections();
        this.set({ protocol: 'redis' }, redis);
        this.set({ protocol: 'http' }, http);
      },
    });
    new LatencyHistogram('ds_seq_request_duration_seconds', this.#latencies, registry);
  }

  issued(space: string, count: number): void {
    this.ids.set(space, (this.ids.get(space) ?? 0) + count);
  }

  /** The latency of one command; `command` comes from the daemon's own list, never from a peer. */
  latency(command: string): Latency {
    const latency = this.#latencies.get(command) ?? new Latency();
    this.#latencies.set(command, latency);
    return latency;
  }
}
