/** What the daemon of the key-value store tells Prometheus. Everything is read when it is asked for. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RespServer } from '../../../platform/protocol/resp/index.js';
import type { Keyspace } from '../store/keyspace.js';
import type { DurableTurns } from './durable-turns.js';
import type { Maintenance } from './maintenance.js';

export interface MetricSources {
  readonly keyspace: Keyspace;
  readonly resp: RespServer;
  readonly turns: DurableTurns;
  readonly maintenance: Maintenance;
}

export function registerMetrics(registry: Registry, { keyspace, resp, turns, maintenance }: MetricSources): void {
  const registers = [registry];
  new Gauge({
    name: 'ds_kv_keys',
    help: 'Keys by database.',
    labelNames: ['database'],
    registers,
    collect() {
      this.reset();
      for (const { number, size } of keyspace.databases) if (size > 0) this.set({ database: number }, size);
    },
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  gauge('ds_kv_revision', 'Of the last change.', () => keyspace.revision);
  gauge(
    'ds_kv_unfolded_keys',
    'Keys that are in the journal alone.',
    () => keyspace.memory.fresh.length + keyspace.memory.folding.length,
  );
  gauge('ds_kv_cache_bytes', 'Memory held by keys and values, roughly.', () => keyspace.memory.bytes);
  gauge('ds_kv_waiting_turns', 'Turns whose answers wait for the disk.', () => turns.pending);
  gauge('ds_kv_connections', 'Open connections.', () => resp.connections);
  counter('ds_kv_commands_total', 'Commands received.', () => resp.counters.commands);
  counter('ds_kv_expired_keys_total', 'Keys removed since their time had come.', () => maintenance.expiredKeys);
}
