/** Transfers for Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { TransferCounts } from './counts.js';

export interface TransferGauges {
  sending(): number;
  followed(): number;
  expired(): number;
}

export function registerTransferMetrics(registry: Registry, counts: TransferCounts, gauges: TransferGauges): void {
  const registers = [registry];
  const labelled = (name: string, help: string, label: string, values: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(values())) this.inc({ [label]: value }, count);
      },
    });
  labelled('ds_dns_transfers_sent_total', 'Zone transfers over streams, by how they ended.', 'form', () => ({
    ...counts.sent,
    unfinished: counts.unfinished,
  }));
  labelled('ds_dns_zone_checks_total', 'Checks of zones that are followed, by what they brought.', 'form', () => ({
    ...counts.received,
    failed: counts.failed,
  }));
  labelled('ds_dns_notifies_total', 'NOTIFY messages by what came of them.', 'outcome', () => counts.notifies);
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('ds_dns_transfers_sending', 'Zone transfers under way to peers.', gauges.sending);
  gauge('ds_dns_zones_followed', 'Zones that are copies of what another server is primary for.', gauges.followed);
  gauge('ds_dns_zones_expired', 'Those that are no longer answered from, for no primary was reached.', gauges.expired);
}
