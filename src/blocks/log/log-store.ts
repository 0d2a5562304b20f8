/**
 * What can be asked of logs, wherever they are: the file (store/), a `ds log serve` or a Loki (remote/), files as they lie on disk (files/).
 * Queries are text, in LogQL.
 */
import type { DsError } from '../../platform/errors.js';
import type { EntryBatch } from './entry-batch.js';
import type { Direction, ScanTotals } from './entry-source.js';
import type { Labels } from './labels.js';

/** An entry as a query answers it. */
export interface Entry {
  /** Nanoseconds since the Unix epoch. */
  readonly timestamp: bigint;
  /** After the query's formatting. */
  readonly line: string;
  /** Of the stream, of structured metadata, and what the query extracted. */
  readonly labels: Labels;
  /** Of the stream alone. */
  readonly stream: Labels;
  /** Structured metadata as it was stored; absent where there is none, and where it is not known (a Loki). */
  readonly metadata?: Labels | undefined;
}

/** Nanoseconds since the Unix epoch; `end` is not included. */
export interface TimeRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** All that a column of timestamps can say. */
export const ALL_TIME: TimeRange = { start: -(2n ** 63n), end: 2n ** 63n - 1n };

export interface LogRequest extends TimeRange {
  readonly query: string;
  /** Entries at most; absent: all. */
  readonly limit?: number;
  readonly direction: Direction;
  readonly signal?: AbortSignal;
  /** Bytes of entries that may be held in memory to put them into order; absent: 256 MB. */
  readonly mostHeld?: number;
}

/** Points from `start` to `end`, both included, as in Loki. */
export interface MetricRequest extends TimeRange {
  readonly query: string;
  /** Nanoseconds between two points; undefined: one point, at `end` (an instant query). At most 11,000 points. */
  readonly step?: bigint;
  readonly signal?: AbortSignal;
}

/** Points of one series; `timestamps` in milliseconds since the Unix epoch. */
export interface Series {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export type MetricResult =
  | { readonly kind: 'scalar'; readonly timestamp: number; readonly value: number }
  | { readonly kind: 'vector' | 'matrix'; readonly series: readonly Series[] };

/** What an answer has cost. */
export interface Answered<T> {
  readonly result: T;
  readonly totals: ScanTotals;
}

export interface LogStore {
  /** What was left out of answers so far because it is damaged; absent, or undefined: nothing. */
  readonly damage?: DsError | undefined;
  /** Resolves when the entries are on disk, or were acknowledged by the server. */
  append(batch: EntryBatch): Promise<void>;
  /** Entries in order of time, each once. */
  entries(request: LogRequest): AsyncIterable<Entry>;
  metric(request: MetricRequest): Promise<Answered<MetricResult>>;
  /** Names of labels of streams with entries in the range. */
  labelNames(range: TimeRange): Promise<readonly string[]>;
  labelValues(name: string, range: TimeRange): Promise<readonly string[]>;
  /** Streams that match one of the selectors (`{app="shop"}`); all, where there is none. */
  series(selectors: readonly string[], range: TimeRange): Promise<readonly Labels[]>;
  /** New entries from `start` on as they arrive, until the signal. Order is that of arrival. */
  tail(request: { readonly query: string; readonly start: bigint; readonly signal: AbortSignal }): AsyncIterable<Entry>;
  close(): Promise<void>;
}

/** Whose entries: each tenant sees its own alone. */
export type Tenant = string;

/** Where no other is named. Loki's own word for «no tenants». */
export const DEFAULT_TENANT: Tenant = 'fake';
