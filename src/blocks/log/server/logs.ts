/** What the daemon asks of the store and the query engine, by tenant. */
import type { EntryBatch } from '../entry-batch.js';
import type { ScanTotals } from '../entry-source.js';
import type { Labels } from '../labels.js';
import type { Answered, Entry, LogRequest, MetricRequest, MetricResult, Tenant, TimeRange } from '../log-store.js';
import type { IndexStats } from '../store/index-stats.js';

export interface TenantLogs {
  /** Counts what it costs while it goes on. */
  entries(request: LogRequest, totals: ScanTotals): AsyncIterable<Entry>;
  metric(request: MetricRequest): Promise<Answered<MetricResult>>;
  labelNames(range: TimeRange): Promise<readonly string[]>;
  labelValues(name: string, range: TimeRange): Promise<readonly string[]>;
  series(selectors: readonly string[], range: TimeRange): Promise<readonly Labels[]>;
  /** About how much a selector and a time are; cheap. */
  indexStats(selector: string, range: TimeRange, signal: AbortSignal): Promise<IndexStats>;
  /** Of what there is since the start the latest, oldest of them first; then what arrives, in order of arrival. Until the signal. */
  tail(request: TailRequest): AsyncIterable<Entry>;
}

interface TailRequest {
  readonly query: string;
  readonly start: bigint;
  /** Entries of what there is already. */
  readonly history: number;
  readonly signal: AbortSignal;
}

export interface LogFigures {
  readonly streams: number;
  readonly blocks: number;
  readonly entries: number;
  /** Of lines, before and after compression. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** Blocks that could not be read since the start, each once. */
  readonly damagedBlocks: number;
}

export interface Logs {
  readonly path: string;
  tenant(name: Tenant): TenantLogs;
  /** Resolves when it is on disk. */
  append(tenant: Tenant, batch: EntryBatch): Promise<void>;
  figures(): LogFigures;
}

/** What a query is, before it is run. */
export interface QueryKind {
  readonly kind: 'log' | 'metric';
  /** Of a query for lines: its selector alone, and the labels that its matchers name. */
  readonly selector: string;
  readonly names: readonly string[];
  /** As it is usually written. */
  readonly text: string;
}
