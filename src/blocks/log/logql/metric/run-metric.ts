/** Runs a metric query over a source. */
import type { EntrySource, ScanTotals } from '../../entry-source.js';
import { type Labels, labelsKey, NO_LABELS } from '../../labels.js';
import type { MetricResult, Series } from '../../log-store.js';
import type { Now } from '../pipeline/format-stages.js';
import type { Grouping, MetricExpression, RangeOperation } from '../syntax/ast.js';
import { parseQuery } from '../syntax/parser.js';
import { queryError } from '../syntax/query-error.js';
import { aggregate, isOrdering } from './aggregate.js';
import { ofNumbers, ofVectors, withNumber } from './binary.js';
import { labelReplace } from './label-replace.js';
import { type Matrix, type MatrixSeries, newSeries, put } from './matrix.js';
import { evaluateRange, type MetricContext, pointTimes } from './range-vector.js';
import { makeSteps, type Steps } from './steps.js';

export interface MetricQueryRequest {
  /** Nanoseconds since the Unix epoch: the first point. */
  readonly start: bigint;
  /** The last point, where a step reaches it; without a step the only one. */
  readonly end: bigint;
  readonly step?: bigint | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For templates that ask for it. */
  readonly now: Now;
}

/** Throws `log.bad_query`, `log.query_limit`, `log.pipeline_error`, and the signal's reason when it is aborted. */
export async function runMetricQuery(
  source: EntrySource,
  query: string,
  { start, end, step, signal, now }: MetricQueryRequest,
  totals: ScanTotals,
): Promise<MetricResult> {
  const expression = parseQuery(query);
  if (expression.kind === 'log')
    throw queryError('this query selects lines: give it a range, as in rate({app="shop"}[5m])');
  const steps = makeSteps(start, end, step);
  const value = await evaluate(expression, undefined, { source, totals, steps, signal, now, used: { cells: 0 } });
  if (typeof value === 'number') {
    if (steps.isInstant) return { kind: 'scalar', timestamp: pointTimes(steps)[0] ?? 0, value };
    return { kind: 'matrix', series: resultOf([constant(value, steps)], steps) };
  }
  const isOrdered = steps.isInstant && expression.kind === 'aggregate' && isOrdering(expression.operation);
  return {
    kind: steps.isInstant ? 'vector' : 'matrix',
    series: resultOf(isOrdered ? value : inOrderOfLabels(value), steps),
  };
}

async function evaluate(
  expression: MetricExpression,
  grouping: Grouping | undefined,
  context: MetricContext,
): Promise<Matrix | number> {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'vector':
      return [constant(expression.value, context.steps)];
    case 'range':
      return evaluateRange(expression, grouping, context);
    case 'labelReplace':
      return labelReplace(expression, await vectorOf(expression.of, undefined, context));
    case 'aggregate': {
      const pushed = groupingForRange(expression);
      return aggregate(expression, await vectorOf(expression.of, pushed, context), context.steps.times.length);
    }
    case 'binary': {
      const left = await evaluate(expression.left, undefined, context);
      const right = await evaluate(expression.right, undefined, context);
      if (typeof left === 'number') {
        return typeof right === 'number'
          ? ofNumbers(expression, left, right)
          : withNumber(expression, right, left, true);
      }
      if (typeof right === 'number') return withNumber(expression, left, right, false);
      return ofVectors(expression, left, right, context.steps.times.length);
    }
  }
}

/** A number where a vector is needed counts as one without labels, as in Loki. */
async function vectorOf(
  expression: MetricExpression,
  grouping: Grouping | undefined,
  context: MetricContext,
): Promise<Matrix> {
  const value = await evaluate(expression, grouping, context);
  return typeof value === 'number' ? [constant(value, context.steps)] : value;
}

/** Functions whose sum over series is the function over the entries of all of them. */
const SUMMABLE: ReadonlySet<RangeOperation> = new Set<RangeOperation>([
  'count_over_time',
  'rate',
  'bytes_over_time',
  'bytes_rate',
  'sum_over_time',
]);

/** `sum by (app) (rate(…))` needs no more series than apps: the range is told, and parsers extract no more than that. */
function groupingForRange(expression: Extract<MetricExpression, { kind: 'aggregate' }>): Grouping | undefined {
  const { operation, of, grouping } = expression;
  if (operation !== 'sum' || of.kind !== 'range' || !SUMMABLE.has(of.operation)) return undefined;
  return grouping ?? { without: false, labels: [] };
}

function constant(value: number, { times }: Steps): MatrixSeries {
  const series = newSeries(NO_LABELS, times.length);
  for (let k = 0; k < times.length; k++) put(series, k, value);
  return series;
}

function inOrderOfLabels(matrix: Matrix): Matrix {
  const keys = new Map<Labels, string>(matrix.map(({ labels }) => [labels, labelsKey(labels)]));
  return matrix.toSorted((a, b) => ((keys.get(a.labels) ?? '') < (keys.get(b.labels) ?? '') ? -1 : 1));
}

function resultOf(matrix: Matrix, steps: Steps): Series[] {
  const times = pointTimes(steps);
  return matrix.map(({ labels, values, isThere }) => {
    const timestamps: number[] = [];
    const kept: number[] = [];
    for (let k = 0; k < times.length; k++) {
      if (isThere[k] === 0) continue;
      timestamps.push(times[k] ?? 0);
      kept.push(values[k] ?? 0);
    }
    return { labels, timestamps, values: kept };
  });
}
