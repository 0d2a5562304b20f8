/** What the daemon counts. Labels are names of operations and statuses, and never what a peer wrote. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { Latency, LatencyHistogram } from '../../../platform/daemon/latency.js';
import type { StoreFigures } from './figures.js';

export class BlobMetrics {
  readonly #latencies = new Map<string, Latency>();
  readonly #requests: Counter<'operation' | 'status'>;
  readonly #received: Counter;
  readonly #sent: Counter;
  readonly #collected: Counter<'what'>;
  readonly #expired: Counter<'what'>;

  constructor(registry: Registry, sources: { readonly figures: () => StoreFigures; readonly active: () => number }) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'ds_blob_requests_total',
      help: 'Requests that were answered, by operation of S3 and status.',
      labelNames: ['operation', 'status'],
      registers,
    });
    new LatencyHistogram('ds_blob_request_duration_seconds', this.#latencies, registry);
    this.#received = new Counter({
      name: 'ds_blob_received_bytes_total',
      help: 'Bytes of bodies that came.',
      registers,
    });
    this.#sent = new Counter({ name: 'ds_blob_sent_bytes_total', help: 'Bytes of bodies that went out.', registers });
    this.#collected = new Counter({
      name: 'ds_blob_gc_total',
      help: 'What gc did: contents, chunks and packs removed, packs rewritten, bytes freed.',
      labelNames: ['what'],
      registers,
    });
    this.#expired = new Counter({
      name: 'ds_blob_lifecycle_total',
      help: 'What lifecycle rules did, by kind.',
      labelNames: ['what'],
      registers,
    });
    new Gauge({
      name: 'ds_blob_active_requests',
      help: 'Requests that are being answered.',
      registers,
      collect() {
        this.set(sources.active());
      },
    });
    figureGauges(registers, sources.figures);
  }

  answered(operation: string, status: number, ms: number): void {
    this.#requests.inc({ operation, status });
    let latency = this.#latencies.get(operation);
    if (latency === undefined) {
      latency = new Latency();
      this.#latencies.set(operation, latency);
    }
    latency.observe(ms);
  }

  received(bytes: number): void {
    this.#received.inc(bytes);
  }

  sent(bytes: number): void {
    this.#sent.inc(bytes);
  }

  collected(counts: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(counts)) this.#collected.inc({ what }, count);
  }

  expired(what: string): void {
    this.#expired.inc({ what });
  }
}

function figureGauges(registers: Registry[], figures: () => StoreFigures): void {
  const gauge = (name: string, help: string, value: (figures: StoreFigures) => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value(figures()));
      },
    });
  gauge('ds_blob_buckets', 'Buckets.', ({ buckets }) => buckets);
  gauge('ds_blob_objects', 'Current versions of objects.', ({ objects }) => objects);
  gauge('ds_blob_logical_bytes', 'Bytes of all versions, as clients see them.', ({ logicalBytes }) => logicalBytes);
  gauge('ds_blob_packed_bytes', 'Bytes in pack files: each chunk once, compressed.', ({ packedBytes }) => packedBytes);
}
