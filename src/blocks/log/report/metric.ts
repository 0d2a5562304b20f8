/** Numbers that a query answers, as rows, as JSON, and as what is drawn. */
import { isoTime } from '../../../platform/relative-time.js';
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import type { ScanTotals } from '../entry-source.js';
import { formatLabels } from '../labels.js';
import type { Answered, MetricResult, Series } from '../log-store.js';

export interface MetricRow {
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** `{app="shop"}`; `{}` for a number without a series. */
  readonly labels: string;
  readonly value: number;
}

/** Series by series, each by time. */
export function metricRows(result: MetricResult): MetricRow[] {
  if (result.kind === 'scalar') return [{ timestamp: result.timestamp, labels: '{}', value: result.value }];
  return result.series.flatMap(({ labels, timestamps, values }) => {
    const name = formatLabels(labels);
    return timestamps.map((timestamp, i) => ({ timestamp, labels: name, value: values[i] ?? Number.NaN }));
  });
}

/** As Prometheus writes numbers that JSON has no form for. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

/** `{result_type, series: [{labels, points: [{timestamp, value}]}], totals}`; a value that is no number for JSON is its text. */
export function metricJson({ result, totals }: Answered<MetricResult>) {
  const series: readonly Series[] =
    result.kind === 'scalar' ? [{ labels: {}, timestamps: [result.timestamp], values: [result.value] }] : result.series;
  return {
    result_type: result.kind,
    series: series.map(({ labels, timestamps, values }) => ({
      labels,
      points: timestamps.map((timestamp, i) => ({ timestamp: isoTime(timestamp), value: jsonNumber(values[i]) })),
    })),
    totals: totalsJson(totals),
  };
}

function totalsJson({ blocks, skippedBlocks, damagedBlocks, bytes, entries }: ScanTotals) {
  return { blocks, skipped_blocks: skippedBlocks, damaged_blocks: damagedBlocks, read_bytes: bytes, entries };
}

function jsonNumber(value = Number.NaN): number | string {
  return Number.isFinite(value) ? value : numberText(value);
}

/** Series that are drawn: more lines than that are a tangle. */
const MOST_DRAWN = 8;

export interface DrawnSeries {
  readonly label: string;
  /** Seconds since the Unix epoch, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

/** Those with the largest values, and how many are left out. */
export function drawnSeries(series: readonly Series[]): {
  readonly drawn: readonly DrawnSeries[];
  readonly left: number;
} {
  const most = ({ values }: Series) => values.reduce((greatest, value) => Math.max(greatest, value), -Infinity);
  const chosen =
    series.length <= MOST_DRAWN ? series : series.toSorted((a, b) => most(b) - most(a)).slice(0, MOST_DRAWN);
  const drawn = chosen.map(({ labels, timestamps, values }) => ({
    label: escapeForTerminal(formatLabels(labels)),
    points: timestamps.map((timestamp, i) => [timestamp / 1000, values[i] ?? Number.NaN] as const),
  }));
  return { drawn, left: series.length - chosen.length };
}
