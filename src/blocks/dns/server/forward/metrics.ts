/** The forwarder's counts for Prometheus, read when it is scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ForwardCounts } from './counts.js';
import type { Forwarder } from './forwarder.js';

const outcomes: readonly (readonly [string, keyof ForwardCounts])[] = [
  ['hit', 'hits'],
  ['nxdomain_cut', 'cutHits'],
  ['miss', 'misses'],
  ['stale', 'stale'],
  ['prefetch', 'prefetches'],
  ['failure', 'failures'],
  ['cached_failure', 'cachedFailures'],
  ['overload', 'overloads'],
];

export function registerForwardMetrics(registry: Registry, forwarder: Forwarder): void {
  const registers = [registry];
  new Counter({
    name: 'ds_dns_forward_total',
    help: 'Questions to the forwarder by what became of them; nxdomain_cut is part of hit.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, key] of outcomes) this.inc({ outcome }, forwarder.counts[key]);
    },
  });
  const gauge = (name: string, help: string, read: () => number) => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('ds_dns_cache_entries', 'Forwarded answers in memory.', () => forwarder.entries);
  gauge('ds_dns_cache_bytes', 'Memory that they take, roughly.', () => forwarder.bytes);
  gauge('ds_dns_forward_in_flight', 'Questions that upstream has not answered yet.', () => forwarder.inFlight);
  gauge('ds_dns_cache_failed_writes', 'Writes of the cache to its file that failed.', () => forwarder.failedWrites);
  registerUpstreams(registers, forwarder);
}

function registerUpstreams(registers: Registry[], forwarder: Forwarder): void {
  new Counter({
    name: 'ds_dns_upstream_queries_total',
    help: 'Queries by upstream and outcome.',
    labelNames: ['upstream', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { server, queries, failedQueries } of forwarder.upstreams) {
        this.inc({ upstream: server.shown, outcome: 'answered' }, queries - failedQueries);
        this.inc({ upstream: server.shown, outcome: 'failed' }, failedQueries);
      }
    },
  });
}
