/** The daemon's counts for Prometheus: read when it is scraped, so that answering costs plain additions only. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { DnsCounts } from './counts.js';

export interface GaugeSources {
  zones(): number;
  connections(): { readonly tcp: number; readonly tls: number; readonly https: number };
  hotAnswers(): number;
  /** Checked targets by state. */
  targets(): Readonly<Record<string, number>>;
}

export function registerMetrics(registry: Registry, counts: DnsCounts, sources: GaugeSources): void {
  const registers = [registry];
  new Counter({
    name: 'ds_dns_responses_total',
    help: 'Responses by question type, response code, and where the answer came from.',
    labelNames: ['type', 'rcode', 'source'],
    registers,
    collect() {
      this.reset();
      for (const { type, rcode, source, count } of counts.answers.values()) this.inc({ type, rcode, source }, count);
    },
  });
  new Counter({
    name: 'ds_dns_queries_total',
    help: 'Queries by transport.',
    labelNames: ['transport'],
    registers,
    collect() {
      this.reset();
      for (const [transport, count] of Object.entries(counts.queries)) this.inc({ transport }, count);
    },
  });
  const plain = {
    dropped: 'Packets without a response: too short, responses themselves, or too many waiting for upstream.',
    malformed: 'Queries that broke the wire format.',
    truncated: 'Responses that were cut to fit (TC).',
    hot: 'Responses from finished octets in memory.',
  } as const;
  for (const key of ['dropped', 'malformed', 'truncated', 'hot'] as const) {
    new Counter({
      name: `ds_dns_${key}_total`,
      help: plain[key],
      registers,
      collect() {
        this.reset();
        this.inc(counts[key]);
      },
    });
  }
  registerGauges(registry, sources);
}

function registerGauges(registry: Registry, sources: GaugeSources): void {
  const registers = [registry];
  new Gauge({
    name: 'ds_dns_zones',
    help: 'Zones served.',
    registers,
    collect() {
      this.set(sources.zones());
    },
  });
  new Gauge({
    name: 'ds_dns_hot_answers',
    help: 'Finished answers in memory.',
    registers,
    collect() {
      this.set(sources.hotAnswers());
    },
  });
  new Gauge({
    name: 'ds_dns_targets',
    help: 'Health-checked targets by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(sources.targets())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'ds_dns_connections',
    help: 'Open connections.',
    labelNames: ['transport'],
    registers,
    collect() {
      for (const [transport, count] of Object.entries(sources.connections())) this.set({ transport }, count);
    },
  });
}
