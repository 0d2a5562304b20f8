/**
 * Operators between numbers and vectors, as Prometheus has them.
 *
 *     number ∘ number     a number
 *     vector ∘ number     each sample; a comparison keeps those for which it is true, with `bool` all become 0 or 1
 *     vector ∘ vector     samples whose labels match (`on`, `ignoring`), one to one, or many to one with group_left and group_right
 *     and, or, unless     samples of one side by whether the other one has a match
 */
import { labelsKey } from '../../labels.js';
import { hasValues, type Matrix, type MatrixSeries, newSeries, put } from './matrix.js';
import { apply, type BinaryExpression } from './operators.js';
import { Signatures, VectorMatch } from './vector-match.js';

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
