/** What the collector counts: entries that came and what became of them, queries, what is stored. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../../platform/clock.js';
import { Latency, LatencyHistogram } from '../../../platform/daemon/latency.js';
import { DsError } from '../../../platform/errors.js';
import type { Refusals } from '../wire/refusals.js';
import type { LogFigures } from './logs.js';
import type { Origin } from './writer.js';

export interface MetricSources {
  readonly figures: () => LogFigures;
  readonly pendingBytes: () => number;
  readonly heldBytes: () => number;
  readonly tails: () => number;
}

/** Figures are read from the store once for all gauges of a scrape. Milliseconds. */
const FIGURES_FOR_MS = 1_000;

export class LogMetrics {
  readonly #entries: Counter<'protocol'>;
  readonly #bytes: Counter<'protocol'>;
  readonly #refused: Counter<'reason'>;
  readonly #tailDropped: Counter;
  readonly #latencies = new Map<string, Latency>();

  constructor(registry: Registry, sources: MetricSources, clock: Clock) {
    const registers = [registry];
    this.#entries = new Counter({
      name: 'ds_log_entries_total',
      help: 'Entries that were stored, by protocol.',
      labelNames: ['protocol'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'ds_log_line_bytes_total',
      help: 'Bytes of their lines.',
      labelNames: ['protocol'],
      registers,
    });
    this.#refused = new Counter({
      name: 'ds_log_refused_entries_total',
      help: 'Entries that were not taken; their senders were told, but for those of syslog.',
      registers,
      labelNames: ['reason'],
    });
    this.#tailDropped = new Counter({
      name: 'ds_log_tail_dropped_entries_total',
      help: 'Entries left out of tails whose reader was too slow.',
      registers,
    });
    new LatencyHistogram('ds_log_request_duration_seconds', this.#latencies, registry);
    gauges(registers, sources, clock);
  }

  stored(protocol: Origin, entries: number, bytes: number): void {
    this.#entries.inc({ protocol }, entries);
    this.#bytes.inc({ protocol }, bytes);
  }

  refused({ byReason }: Refusals): void {
    for (const [reason, count] of byReason) this.#refused.inc({ reason }, count);
  }

  /** A push of which nothing was kept. */
  failed(error: unknown, entries: number): void {
    this.#refused.inc({ reason: error instanceof DsError ? error.code : 'unexpected' }, entries);
  }

  dropped(count: number): void {
    this.#tailDropped.inc(count);
  }

  /** `route`: its name, never a peer's path. */
  answered(route: string, ms: number): void {
    let latency = this.#latencies.get(route);
    if (latency === undefined) {
      latency = new Latency();
      this.#latencies.set(route, latency);
    }
    latency.observe(ms);
  }
}

function gauges(registers: Registry[], sources: MetricSources, clock: Clock): void {
  const gauge = (name: string, help: string, collect: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(collect());
      },
    });
  let known: { readonly figures: LogFigures; readonly at: number } | undefined;
  const figures = () => {
    const now = clock.monotonic();
    if (known === undefined || now - known.at > FIGURES_FOR_MS) known = { figures: sources.figures(), at: now };
    return known.figures;
  };
  gauge('ds_log_streams', 'Streams that are stored.', () => figures().streams);
  gauge('ds_log_damaged_blocks', 'Blocks that could not be read since the start.', () => figures().damagedBlocks);
  gauge('ds_log_blocks', 'Blocks that are stored.', () => figures().blocks);
  gauge('ds_log_stored_entries', 'Entries that are stored.', () => figures().entries);
  gauge('ds_log_raw_bytes', 'Bytes of the lines that are stored, before compression.', () => figures().rawBytes);
  gauge('ds_log_stored_bytes', 'Bytes of the blocks that they are stored in.', () => figures().storedBytes);
  gauge('ds_log_pending_bytes', 'Bytes that were pushed and are not on disk yet.', sources.pendingBytes);
  gauge('ds_log_request_bytes', 'Bytes of requests in memory.', sources.heldBytes);
  gauge('ds_log_tails', 'Readers that follow by WebSocket.', sources.tails);
}
