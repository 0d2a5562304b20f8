/**
 * A histogram cheap enough for every command. prom-client's own costs about a microsecond per observation, because it
 * hashes the labels each time; here a command holds its counters, and the exposition is made when it is asked for.
 */
import { Histogram, type Registry } from 'prom-client';

const HELP = 'From the request being read to its answer being ready.';
/** Upper ends in milliseconds; the exposition gives them in seconds, as Prometheus wants. */
const BOUNDS_MS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

export class Latency {
  /** One per bound, and one beyond the last. */
  readonly counts = new Float64Array(BOUNDS_MS.length + 1);
  sumMs = 0;

  observe(ms: number): void {
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && ms > (BOUNDS_MS[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumMs += ms;
  }
}

type Values = Awaited<ReturnType<Histogram<'command'>['get']>>['values'];

/** A histogram of seconds by command, over latencies that somebody else keeps. */
export class LatencyHistogram extends Histogram<'command'> {
  readonly #name: string;
  readonly #latencies: ReadonlyMap<string, Latency>;

  /** Gives name, help and type in prom-client's own form. */
  readonly #empty: Histogram<'command'>;

  /** `name`: `ds_seq_request_duration_seconds` */
  constructor(name: string, latencies: ReadonlyMap<string, Latency>, registry: Registry) {
    super({ name, help: HELP, labelNames: ['command'], registers: [registry] });
    this.#name = name;
    this.#empty = new Histogram({ name, help: HELP, registers: [] });
    this.#latencies = latencies;
  }

  override async get() {
    const values = [...this.#latencies].flatMap(([command, latency]) => exposition(this.#name, command, latency));
    return { ...(await this.#empty.get()), values };
  }

  /** What Registry.metrics() of prom-client 15 asks a histogram for, though its types do not say so. */
  getForPromString() {
    return this.get();
  }
}

function exposition(name: string, command: string, { counts, sumMs }: Latency): Values {
  let total = 0;
  const buckets = [...counts].map((count, index) => {
    total += count;
    const bound = BOUNDS_MS[index];
    const le = bound === undefined ? '+Inf' : bound / 1000;
    return { labels: { command, le }, value: total, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels: { command }, value: sumMs / 1000, metricName: `${name}_sum` },
    { labels: { command }, value: total, metricName: `${name}_count` },
  ];
}
