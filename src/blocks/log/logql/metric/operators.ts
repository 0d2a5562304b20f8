/** What operators do with two numbers. */
import type { BinaryOperator, MetricExpression } from '../syntax/ast.js';

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
export function apply(
  { operator, bool }: BinaryExpression,
  left: number,
  right: number,
  kept: number,
): number | undefined {
  const compare = COMPARISONS.get(operator);
  if (compare === undefined) return ARITHMETIC.get(operator)?.(left, right);
  const isTrue = compare(left, right);
  if (bool) return isTrue ? 1 : 0;
  return isTrue ? kept : undefined;
}
