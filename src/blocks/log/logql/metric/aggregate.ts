/** sum, avg, min, max, count, stddev, stdvar, topk, bottomk and sort: of the series of a group, point by point. */
import { type Labels, labelsKey } from '../../labels.js';
import type { Grouping, MetricExpression, VectorOperation } from '../syntax/ast.js';
import { hasValues, type Matrix, type MatrixSeries, newSeries, put } from './matrix.js';
import { onlyLabels, withoutLabels } from './sample-series.js';

export type AggregateExpression = Extract<MetricExpression, { kind: 'aggregate' }>;

interface Group {
  readonly labels: Labels;
  readonly members: MatrixSeries[];
}

export function aggregate(
  { operation, parameter = 0, grouping }: AggregateExpression,
  of: Matrix,
  points: number,
): Matrix {
  if (operation === 'sort' || operation === 'sort_desc') return sortAtEnd(of, points, operation === 'sort');
  const groups = groupsOf(of, grouping);
  const matrix = groups.flatMap((group) =>
    operation === 'topk' || operation === 'bottomk'
      ? ranked(group.members, points, parameter, operation === 'topk')
      : reduced(group, points, REDUCERS[operation]),
  );
  return matrix.filter(hasValues);
}

/** Whether series come in the order of their values, and not of their labels. */
export function isOrdering(operation: VectorOperation): boolean {
  return operation === 'sort' || operation === 'sort_desc' || operation === 'topk' || operation === 'bottomk';
}

function groupsOf(of: Matrix, grouping: Grouping | undefined): Group[] {
  const without = new Set(grouping?.labels);
  const groups = new Map<string, Group>();
  for (const series of of) {
    const labels =
      grouping?.without === true
        ? withoutLabels(series.labels, without)
        : onlyLabels((name) => series.labels[name], grouping?.labels ?? []);
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [series] });
    else group.members.push(series);
  }
  return [...groups.values()];
}

type Reducer = (values: readonly number[]) => number;

const REDUCERS: Readonly<Record<'sum' | 'avg' | 'min' | 'max' | 'count' | 'stddev' | 'stdvar', Reducer>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least)),
  max: (values) => values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most)),
  count: (values) => values.length,
  stddev: (values) => Math.sqrt(variance(values)),
  stdvar: variance,
};

function variance(values: readonly number[]): number {
  let [mean, squares, count] = [0, 0, 0];
  for (const value of values) {
    const delta = value - mean;
    mean += delta / ++count;
    squares += delta * (value - mean);
  }
  return squares / count;
}

function reduced({ labels, members }: Group, points: number, reduce: Reducer): MatrixSeries[] {
  const series = newSeries(labels, points);
  const values: number[] = [];
  for (let k = 0; k < points; k++) {
    values.length = 0;
    for (const { values: all, isThere } of members) if (isThere[k] === 1) values.push(all[k] ?? 0);
    if (values.length > 0) put(series, k, reduce(values));
  }
  return [series];
}

/** The `count` largest or smallest at each point; those of the last point first, in their order. */
function ranked(
  members: readonly MatrixSeries[],
  points: number,
  count: number,
  wantsLargest: boolean,
): MatrixSeries[] {
  const results = members.map(({ labels }) => newSeries(labels, points));
  for (let k = 0; k < points; k++) {
    for (const index of orderAt(members, k, wantsLargest).slice(0, count)) {
      const result = results[index];
      if (result !== undefined) put(result, k, members[index]?.values[k] ?? 0);
    }
  }
  return sortAtEnd(results, points, !wantsLargest);
}

function orderAt(members: readonly MatrixSeries[], point: number, descending: boolean): number[] {
  const indexes = members.flatMap(({ isThere }, index) => (isThere[point] === 1 ? [index] : []));
  return indexes.sort((a, b) => compareValues(members[a]?.values[point], members[b]?.values[point], descending));
}

/** Not a number comes last, either way. */
function compareValues(a = Number.NaN, b = Number.NaN, descending = false): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return descending ? b - a : a - b;
}

function sortAtEnd(matrix: Matrix, points: number, ascending: boolean): MatrixSeries[] {
  const last = points - 1;
  const lastValue = ({ values, isThere }: MatrixSeries) => (isThere[last] === 1 ? values[last] : Number.NaN);
  return matrix.toSorted((a, b) => compareValues(lastValue(a), lastValue(b), !ascending));
}
