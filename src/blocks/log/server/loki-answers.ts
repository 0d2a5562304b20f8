/** What Loki's query API answers with (grafana.com/docs/loki/latest/reference/loki-http-api). */
import type { ScanTotals } from '../entry-source.js';
import { logErrors } from '../errors.js';
import { emptyLabels, type Labels, labelsKey, sizeOfLabels } from '../labels.js';
import type { Entry, MetricResult, Series } from '../log-store.js';

/** Characters of lines and labels in an answer; it is made in memory. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** `[nanoseconds, line]`, and where it was asked for what the labels are: of structured metadata, or extracted. */
type Value = readonly [string, string] | readonly [string, string, Readonly<Record<string, Labels>>];

interface StreamJson {
  readonly stream: Labels;
  readonly values: Value[];
}

/**
 * Entries by their labels, in the order in which they came. `categorized`: by their streams' labels alone, each with what it has besides.
 */
export class StreamsAnswer {
  readonly #streams = new Map<string, StreamJson>();
  readonly #isCategorized: boolean;
  /** The labels of the entry before are mostly those of this one. */
  #last: Labels | undefined;
  #lastStream: StreamJson | undefined;
  #bytes = 0;
  entries = 0;

  constructor(isCategorized = false) {
    this.#isCategorized = isCategorized;
  }

  /** Error: `log.query_limit`. */
  add(entry: Entry): void {
    const { timestamp, line, labels, stream } = entry;
    this.entries++;
    const isCategorized = this.#isCategorized;
    this.#bytes += sizeOfEntry(line, !isCategorized && labels === this.#last ? undefined : labels);
    if (this.#bytes > LARGEST_ANSWER) throw answerTooLarge('a lower limit, or a shorter time');
    const { values } = this.#streamOf(isCategorized ? stream : labels);
    if (isCategorized) values.push([String(timestamp), line, categoriesOf(entry)]);
    else values.push([String(timestamp), line]);
  }

  get streams(): readonly StreamJson[] {
    return [...this.#streams.values()];
  }

  #streamOf(labels: Labels): StreamJson {
    if (labels === this.#last && this.#lastStream !== undefined) return this.#lastStream;
    const key = labelsKey(labels);
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = { stream: labels, values: [] };
      this.#streams.set(key, stream);
    }
    this.#last = labels;
    this.#lastStream = stream;
    return stream;
  }
}

/** Loki's clients show the message alone, so that what helps is in it. */
function answerTooLarge(hint: string) {
  return logErrors.error('log.query_limit', `the answer would have more than ${LARGEST_ANSWER} bytes: ask for ${hint}`);
}

/** What an entry with a line of no length takes: its time, and what is around it. */
const ENTRY_OVERHEAD = 40;

/** About as many bytes as it takes in JSON, with labels that are told beside it. */
export function sizeOfEntry(line: string, labels: Labels | undefined): number {
  return ENTRY_OVERHEAD + line.length + sizeOfLabels(labels);
}

/** What an entry has beside its stream's labels: as it was stored with it, or made by the query. */
function categoriesOf({ labels, stream, metadata }: Entry): Readonly<Record<string, Labels>> {
  const categories: { structuredMetadata?: Record<string, string>; parsed?: Record<string, string> } = {};
  for (const name in labels) {
    const value = labels[name];
    if (value === undefined || stream[name] === value) continue;
    const category = metadata?.[name] === value ? 'structuredMetadata' : 'parsed';
    categories[category] ??= emptyLabels();
    categories[category][name] = value;
  }
  return categories;
}

/** Names, values or labels of streams. Error: `log.query_limit`; streams are of peers, and their labels may be long. */
export function successOf<T extends string | Labels>(data: readonly T[]) {
  let size = 0;
  for (const one of data) size += typeof one === 'string' ? sizeOfEntry(one, undefined) : sizeOfEntry('', one);
  if (size > LARGEST_ANSWER) throw answerTooLarge('a shorter time, or a narrower selector');
  return { status: 'success', data };
}

/** Bytes of JSON that a point takes at most: `[1700000000.123,"-1.7976931348623157e+308"],`. */
const POINT_SIZE = 48;

/** Error: `log.query_limit`. */
export function metricData(answer: MetricResult) {
  if (answer.kind !== 'scalar') checkSize(answer.series);
  switch (answer.kind) {
    case 'scalar':
      return { resultType: 'scalar', result: point(answer.timestamp, answer.value) };
    case 'vector':
      return { resultType: 'vector', result: answer.series.map(vectorSample) };
    case 'matrix':
      return { resultType: 'matrix', result: answer.series.map(matrixSeries) };
  }
}

function checkSize(series: readonly Series[]): void {
  let size = 0;
  for (const { labels, timestamps } of series) {
    size += sizeOfEntry('', labels) + POINT_SIZE * timestamps.length;
    if (size > LARGEST_ANSWER) throw answerTooLarge('a longer step, a shorter time, or fewer series (sum by, topk)');
  }
}

function vectorSample({ labels, timestamps, values }: Series) {
  return { metric: labels, value: point(timestamps[0] ?? 0, values[0] ?? Number.NaN) };
}

function matrixSeries({ labels, timestamps, values }: Series) {
  return { metric: labels, values: timestamps.map((at, i) => point(at, values[i] ?? Number.NaN)) };
}

/** Seconds, and the number as text: Prometheus' way, since JSON has neither NaN nor infinity. */
function point(timestampMs: number, value: number): readonly [number, string] {
  const text = value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
  return [timestampMs / 1000, text];
}

/** What the query has cost, under Loki's names; `subqueries` and the like, which there are none of here, are left out. */
export function statsOf(totals: ScanTotals, returned: number, ms: number) {
  const seconds = ms / 1000;
  const perSecond = (amount: number) => (seconds > 0 ? Math.round(amount / seconds) : 0);
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(totals.bytes),
      linesProcessedPerSecond: perSecond(totals.entries),
      totalBytesProcessed: totals.bytes,
      totalLinesProcessed: totals.entries,
      execTime: seconds,
      totalEntriesReturned: returned,
    },
    querier: {
      store: {
        totalChunksRef: totals.blocks + totals.skippedBlocks,
        totalChunksDownloaded: totals.blocks,
        chunk: { decompressedBytes: totals.bytes, decompressedLines: totals.entries },
      },
    },
  };
}
