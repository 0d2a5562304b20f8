/**
 * Operators between numbers and vectors, as Prometheus has them.
 *
 *     number ∘ number     a number
 *     vector ∘ number     each sample; a comparison keeps those for which it is true, with `bool` all become 0 or 1
 *     vector ∘ vector     samples whose labels match (`on`, `ignoring`), one to one, or many to one with group_left and group_right
 *     and, or, unless     samples of one side by whether the other one has a match
 */
import { logErrors } from '../../errors.js';
import { emptyLabels, formatLabels, type Labels, labelsKey } from '../../labels.js';
import type { BinaryOperator, MetricExpression, VectorMatching } from '../syntax/ast.js';
import { checkCells, hasValues, type Matrix, type MatrixSeries, newSeries, put } from './matrix.js';
import { onlyLabels, withoutLabels } from './sample-series.js';

export type BinaryExpression = Extract<MetricExpression, { kind: 'binary' }>;

type Operation = (left: number, right: number) => number;

const COMPARISONS: ReadonlyMap<BinaryOperator, (left: number, right: number) => boolean> = new Map([
  ['==', (left: number, right: number) => left === right],
  ['!=', (left: number, right: number) => left !== right],
  ['>', (left: number, right: number) => left > right],
  ['>=', (left: number, right: number) => left >= right],
  ['<', (left: number, right: number) => left < right],
  ['<=', (left: number, right: number) => left <= right],
]);

/** Loki has no infinity of a division by 0. */
const ARITHMETIC: ReadonlyMap<BinaryOperator, Operation> = new Map<BinaryOperator, Operation>([
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => (right === 0 ? Number.NaN : left / right)],
  ['%', (left, right) => (right === 0 ? Number.NaN : left % right)],
  ['^', (left, right) => left ** right],
]);

/** The value of `left ∘ right`; undefined where a comparison without `bool` is not true. `kept`: what stays where it is. */
function apply({ operator, bool }: BinaryExpression, left: number, right: number, kept: number): number | undefined {
  const compare = COMPARISONS.get(operator);
  if (compare === undefined) return ARITHMETIC.get(operator)?.(left, right);
  const isTrue = compare(left, right);
  if (bool) return isTrue ? 1 : 0;
  return isTrue ? kept : undefined;
}

/** Between numbers a comparison is 0 or 1. */
export function ofNumbers(expression: BinaryExpression, left: number, right: number): number {
  return apply({ ...expression, bool: true }, left, right, left) ?? 0;
}

/** `numberIsLeft`: number ∘ vector. */
export function withNumber(
  expression: BinaryExpression,
  vector: Matrix,
  number: number,
  numberIsLeft: boolean,
): Matrix {
  const results = vector.map(({ labels, values, isThere }) => {
    const series = newSeries(labels, values.length);
    for (let k = 0; k < values.length; k++) {
      if (isThere[k] === 0) continue;
      const value = values[k] ?? 0;
      const result = numberIsLeft ? apply(expression, number, value, value) : apply(expression, value, number, value);
      if (result !== undefined) put(series, k, result);
    }
    return series;
  });
  return results.filter(hasValues);
}

export function ofVectors(expression: BinaryExpression, left: Matrix, right: Matrix, points: number): Matrix {
  const signatures = new Signatures(expression.matching);
  const [leftIds, rightIds] = [signatures.of(left), signatures.of(right)];
  const { operator } = expression;
  if (operator === 'and' || operator === 'or' || operator === 'unless') {
    const ids = { left: leftIds, right: rightIds, count: signatures.count };
    return joined(operator, left, right, ids, points);
  }
  const isRightMany = expression.matching?.many === 'right';
  const match = new VectorMatch(expression, isRightMany ? right : left, isRightMany ? left : right, points);
  match.run(isRightMany ? rightIds : leftIds, isRightMany ? leftIds : rightIds, signatures.count);
  return match.results();
}

/** Numbers for the labels that are matched. */
class Signatures {
  readonly #numbers = new Map<string, number>();
  readonly #matching: VectorMatching | undefined;
  readonly #names: ReadonlySet<string>;

  constructor(matching: VectorMatching | undefined) {
    this.#matching = matching;
    this.#names = new Set(matching?.labels);
  }

  get count(): number {
    return this.#numbers.size;
  }

  of(matrix: Matrix): Int32Array {
    return Int32Array.from(matrix, ({ labels }) => this.#numberOf(labels));
  }

  #numberOf(labels: Labels): number {
    const on = this.#matching?.on === true;
    const matched = on ? onlyLabels((name) => labels[name], [...this.#names]) : withoutLabels(labels, this.#names);
    const key = labelsKey(matched);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

interface SideIds {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly count: number;
}

function joined(operator: 'and' | 'or' | 'unless', left: Matrix, right: Matrix, ids: SideIds, points: number): Matrix {
  const results = left.map(({ labels }) => newSeries(labels, points));
  const added = operator === 'or' ? right.map(({ labels }) => newSeries(labels, points)) : [];
  for (let k = 0; k < points; k++) {
    const [ofLeft, ofRight] = [presentAt(left, ids.left, ids.count, k), presentAt(right, ids.right, ids.count, k)];
    copyWhere(
      left,
      results,
      k,
      (index) => operator === 'or' || (ofRight[ids.left[index] ?? 0] === 1) === (operator === 'and'),
    );
    copyWhere(right, added, k, (index) => ofLeft[ids.right[index] ?? 0] === 0);
  }
  return merge([...results, ...added].filter(hasValues), points);
}

function presentAt(matrix: Matrix, ids: Int32Array, count: number, point: number): Uint8Array {
  const present = new Uint8Array(count);
  for (let i = 0; i < matrix.length; i++) if (matrix[i]?.isThere[point] === 1) present[ids[i] ?? 0] = 1;
  return present;
}

function copyWhere(from: Matrix, to: Matrix, point: number, wanted: (index: number) => boolean): void {
  for (let i = 0; i < to.length; i++) {
    const [source, target] = [from[i], to[i]];
    if (source?.isThere[point] === 1 && target !== undefined && wanted(i))
      put(target, point, source.values[point] ?? 0);
  }
}

/** Series of both sides may have the same labels, at different points: they are one. */
function merge(matrix: Matrix, points: number): Matrix {
  const merged = new Map<string, MatrixSeries>();
  for (const series of matrix) {
    const key = labelsKey(series.labels);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, series);
    else for (let k = 0; k < points; k++) if (series.isThere[k] === 1) put(known, k, series.values[k] ?? 0);
  }
  return [...merged.values()];
}

/** Samples of the side that may have many, with those of the side that has one. */
class VectorMatch {
  readonly #expression: BinaryExpression;
  readonly #many: Matrix;
  readonly #one: Matrix;
  readonly #points: number;
  readonly #isOneToOne: boolean;
  readonly #results = new Map<string, MatrixSeries>();

  constructor(expression: BinaryExpression, many: Matrix, one: Matrix, points: number) {
    this.#expression = expression;
    this.#many = many;
    this.#one = one;
    this.#points = points;
    this.#isOneToOne = expression.matching?.many === undefined;
  }

  results(): Matrix {
    return [...this.#results.values()].filter(hasValues);
  }

  run(manyIds: Int32Array, oneIds: Int32Array, count: number): void {
    // Of each series of the one side that a series meets, the series of results; most meet one.
    const known = new Map<number, MatrixSeries>();
    for (let k = 0; k < this.#points; k++) {
      const ones = this.#onesAt(oneIds, count, k);
      const matched = new Uint8Array(count);
      for (let i = 0; i < this.#many.length; i++) {
        const id = manyIds[i] ?? 0;
        const one = ones[id] ?? -1;
        if (one < 0 || this.#many[i]?.isThere[k] !== 1) continue;
        if (this.#isOneToOne && matched[id] === 1)
          throw tooMany('many-to-one matching must be explicit (group_left/group_right)');
        matched[id] = 1;
        const pair = i * this.#one.length + one;
        const series = known.get(pair) ?? this.#seriesOf(i, one);
        known.set(pair, series);
        this.#putAt(series, k, this.#many[i]?.values[k] ?? 0, this.#one[one]?.values[k] ?? 0);
      }
    }
  }

  #putAt(series: MatrixSeries, point: number, many: number, one: number): void {
    const isRightMany = this.#expression.matching?.many === 'right';
    const [left, right] = isRightMany ? [one, many] : [many, one];
    const value = apply(this.#expression, left, right, left);
    if (value === undefined) return;
    if (series.isThere[point] === 1) throw tooMany('grouping labels must ensure unique matches');
    put(series, point, value);
  }

  #onesAt(oneIds: Int32Array, count: number, point: number): Int32Array {
    const ones = new Int32Array(count).fill(-1);
    for (let i = 0; i < this.#one.length; i++) {
      if (this.#one[i]?.isThere[point] !== 1) continue;
      const id = oneIds[i] ?? 0;
      if ((ones[id] ?? -1) >= 0) {
        const side = this.#expression.matching?.many === 'right' ? 'left' : 'right';
        throw logErrors.error(
          'log.bad_query',
          `found duplicate series on the ${side} hand-side, ${formatLabels(this.#one[i]?.labels ?? emptyLabels())}: matching labels must be unique on one side`,
          { hint: 'name more labels in on (…)' },
        );
      }
      ones[id] = i;
    }
    return ones;
  }

  #seriesOf(many: number, one: number): MatrixSeries {
    const labels = resultLabels(
      this.#many[many]?.labels ?? emptyLabels(),
      this.#one[one]?.labels ?? emptyLabels(),
      this.#expression.matching,
    );
    const key = labelsKey(labels);
    let series = this.#results.get(key);
    if (series === undefined) {
      checkCells(this.#results.size + 1, this.#points);
      series = newSeries(labels, this.#points);
      this.#results.set(key, series);
    }
    return series;
  }
}

function tooMany(what: string) {
  return logErrors.error('log.bad_query', `multiple matches for labels: ${what}`, {
    hint: 'a / on (app) group_left () b',
  });
}

function resultLabels(many: Labels, one: Labels, matching: VectorMatching | undefined): Labels {
  if (matching === undefined) return many;
  const names = new Set(matching.labels);
  if (matching.many === undefined) {
    return matching.on ? onlyLabels((name) => many[name], matching.labels) : withoutLabels(many, names);
  }
  const labels = Object.assign(emptyLabels(), many);
  for (const name of matching.include) {
    const value = one[name];
    if (value === undefined || value === '') delete labels[name];
    else labels[name] = value;
  }
  return labels;
}
