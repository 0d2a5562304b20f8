/** A function of a range, over a source: reads the entries once, and answers all points. */
import { type EntryBatch, streamOf } from '../../entry-batch.js';
import type { EntrySource, ScannedBatch, ScanTotals } from '../../entry-source.js';
import { logErrors } from '../../errors.js';
import { type Labels, makeLabels } from '../../labels.js';
import { NANOS_PER_MS } from '../../nanos.js';
import { CompiledSelector, isSelectedAt } from '../engine/compiled-selector.js';
import { EntryLabels } from '../pipeline/entry-labels.js';
import type { Now } from '../pipeline/format-stages.js';
import { namesOfFilter } from '../pipeline/label-filter.js';
import type { Grouping, MetricExpression } from '../syntax/ast.js';
import type { Accumulator } from './accumulator.js';
import { isCount, makeAccumulator, type RangeFunction } from './accumulators.js';
import { CellCount, type CellsUsed, cellsOfMatrix, hasValues, type Matrix, newSeries, put } from './matrix.js';
import { neededBehind, SampleGrouping, sampleError } from './sample-series.js';
import { SampleValue } from './sample-value.js';
import { type Steps, Windows } from './steps.js';

export type RangeExpression = Extract<MetricExpression, { kind: 'range' }>;

export interface MetricContext {
  readonly source: EntrySource;
  readonly totals: ScanTotals;
  readonly steps: Steps;
  readonly signal: AbortSignal | undefined;
  readonly now: Now;
  readonly used: CellsUsed;
}

/** Samples of quantile_over_time and rate_counter that are kept at once. */
const MAX_SAMPLES = 5_000_000;

interface SampleSeries {
  readonly labels: Labels;
  readonly accumulator: Accumulator;
}

/** `grouping`: of the aggregation around it, which needs no more of the series than that. */
export async function evaluateRange(
  expression: RangeExpression,
  grouping: Grouping | undefined,
  context: MetricContext,
): Promise<Matrix> {
  const scan = new RangeScan(expression, grouping, context);
  const { matchers, required, requiredValues } = scan.selector;
  const { start, end } = scan.windows.span;
  if (context.steps.times.length === 0) return [];
  const request = { start, end, matchers, direction: 'forward', required, requiredValues } as const;
  for await (const scanned of context.source.scan(request, context.totals)) {
    context.signal?.throwIfAborted();
    scan.add(scanned, context.source.order !== 'arrival');
  }
  context.signal?.throwIfAborted();
  const matrix = expression.operation === 'absent_over_time' ? scan.absent() : scan.answer();
  context.used.cells += cellsOfMatrix(matrix, context.steps.times.length);
  return matrix;
}

class RangeScan {
  readonly windows: Windows;
  readonly selector: CompiledSelector;
  readonly #expression: RangeExpression;
  readonly #points: number;
  readonly #function: RangeFunction;
  readonly #grouping: SampleGrouping;
  readonly #value: SampleValue;
  readonly #series = new Map<string, SampleSeries>();
  /** Of streams whose entries are all of one series; by identity, for as long as a batch. */
  readonly #streamSeries = new Map<Labels, SampleSeries>();
  readonly #streamLabels = new EntryLabels();
  readonly #cells: CellCount;
  #samples = 0;

  constructor(expression: RangeExpression, grouping: Grouping | undefined, { steps, now, used }: MetricContext) {
    const { range, operation, parameter = 0 } = expression;
    const { unwrap } = range;
    this.#expression = expression;
    this.#points = steps.times.length;
    this.windows = new Windows(steps, BigInt(range.interval), BigInt(range.offset));
    this.#cells = new CellCount(Math.max(this.windows.count, this.#points), used);
    this.#function = { operation, parameter, seconds: range.interval / 1e9, isUnwrapped: unwrap !== undefined };
    this.#grouping = new SampleGrouping(grouping ?? expression.grouping, unwrap?.label);
    this.#value = new SampleValue(range, operation);
    const filterNames = (unwrap?.filters ?? []).flatMap(namesOfFilter);
    this.selector = new CompiledSelector(range.selector, neededBehind(this.#grouping.needed, range, filterNames), now);
  }

  add(scanned: ScannedBatch, inOrder: boolean): void {
    const { batch, from, to } = scanned;
    const counts = isCount(this.#function);
    // Neither the text of lines nor labels of single entries are looked at.
    const plain =
      this.selector.isPlain &&
      (counts || this.#value.isOfBytes) &&
      (batch.metadata === undefined || this.#grouping.isByNothing);
    this.#streamSeries.clear();
    const candidates = this.selector.candidates(batch, from, to);
    if (plain && counts && candidates === undefined && inOrder) this.#countRuns(scanned);
    else if (candidates === undefined) for (let i = from; i < to; i++) this.#addEntry(scanned, i, plain);
    else for (const i of candidates) this.#addEntry(scanned, i, plain);
  }

  /** Entries are in order of time, so that those of an interval are a run: nothing but its ends is looked at. */
  #countRuns(scanned: ScannedBatch): void {
    const { batch, to } = scanned;
    for (let i = scanned.from; i < to; ) {
      const { interval, until } = this.windows.rawIntervalOf(batch.timestamps[i] ?? 0n);
      const end = firstAfter(batch.timestamps, until, i, to);
      if (interval >= 0) this.#countRun(scanned, i, end, interval);
      i = end;
    }
  }

  #countRun(scanned: ScannedBatch, from: number, to: number, interval: number): void {
    const { batch, selected } = scanned;
    if (batch.streamOf === undefined) {
      if (selected[0] === true) this.#countMany(this.#seriesOfStream(batch, from), interval, to - from);
      return;
    }
    for (let i = from; i < to; i++) {
      if (isSelectedAt(scanned, i)) this.#countMany(this.#seriesOfStream(batch, i), interval, 1);
    }
  }

  #countMany({ accumulator }: SampleSeries, interval: number, count: number): void {
    if ('addMany' in accumulator && typeof accumulator.addMany === 'function') accumulator.addMany(interval, count);
  }

  #addEntry(scanned: ScannedBatch, index: number, plain: boolean): void {
    if (!isSelectedAt(scanned, index)) return;
    const { batch } = scanned;
    const time = batch.timestamps[index] ?? 0n;
    const interval = this.windows.intervalOf(time);
    if (interval < 0) return;
    if (plain) {
      const value = this.#value.isOfBytes ? (batch.ends[index] ?? 0) - (batch.starts[index] ?? 0) : 1;
      this.#seriesOfStream(batch, index).accumulator.add(interval, value, time);
      return;
    }
    const state = this.selector.process(batch, index);
    if (state === undefined) return;
    const value = this.#value.of(state);
    if (value === undefined) return;
    if (state.labels.hasError) throw sampleError(state.labels);
    const series = state.labels.untouched ? this.#seriesOfStream(batch, index) : this.#seriesOf(state.labels);
    this.#countSample();
    series.accumulator.add(interval, value, time);
  }

  #seriesOfStream(batch: EntryBatch, index: number): SampleSeries {
    const stream = streamOf(batch, index);
    let series = this.#streamSeries.get(stream);
    if (series === undefined) {
      this.#streamLabels.reset(stream, undefined);
      series = this.#seriesOf(this.#streamLabels);
      this.#streamSeries.set(stream, series);
    }
    return series;
  }

  #seriesOf(labels: EntryLabels): SampleSeries {
    const key = this.#grouping.keyOf(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      const kept = this.#grouping.labelsOf(labels);
      this.#cells.addSeries(kept, key);
      series = { labels: kept, accumulator: makeAccumulator(this.#function, this.windows.count) };
      this.#series.set(key, series);
    }
    return series;
  }

  #countSample(): void {
    const { operation } = this.#function;
    if (operation !== 'quantile_over_time' && operation !== 'rate_counter') return;
    if (++this.#samples <= MAX_SAMPLES) return;
    throw logErrors.error('log.query_limit', `${operation} would keep more than ${MAX_SAMPLES} samples`, {
      hint: 'ask for a shorter time, or filter more',
    });
  }

  answer(): Matrix {
    const { first, last, windowEnds } = this.windows;
    const matrix = [...this.#series.values()].map(({ labels, accumulator }) => {
      const series = newSeries(labels, this.#points);
      for (let k = 0; k < this.#points; k++) {
        const value = accumulator.answer(first[k] ?? 0, last[k] ?? 0, windowEnds[k] ?? 0n);
        if (value !== undefined) put(series, k, value);
      }
      return series;
    });
    return matrix.filter(hasValues);
  }

  /** 1 where no series has a sample, with the labels that the selector names. */
  absent(): Matrix {
    const present = this.answer();
    const series = newSeries(absentLabels(this.#expression), this.#points);
    for (let k = 0; k < this.#points; k++) if (!present.some(({ isThere }) => isThere[k] === 1)) put(series, k, 1);
    return hasValues(series) ? [series] : [];
  }
}

/** Labels that an equality matcher, and no other one, gives a value. */
function absentLabels({ range }: RangeExpression): Labels {
  const { matchers } = range.selector;
  const once = matchers.filter(({ name }) => matchers.filter((other) => other.name === name).length === 1);
  return makeLabels(
    once.filter(({ operator, value }) => operator === '=' && value !== '').map(({ name, value }) => [name, value]),
  );
}

/** The first entry from `from` on that is later; entries are in order of time. */
function firstAfter(timestamps: BigInt64Array, time: bigint, from: number, to: number): number {
  // Most runs are either short or reach the end: doubling steps find both quickly.
  let stride = 1;
  let low = from;
  while (low + stride < to && (timestamps[low + stride] ?? 0n) <= time) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(low + stride, to);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((timestamps[middle] ?? 0n) <= time) low = middle;
    else high = middle;
  }
  return high;
}

/** Milliseconds of the points, as results have them. */
export function pointTimes({ times }: Steps): number[] {
  return Array.from(times, (time) => Number(time / NANOS_PER_MS));
}
