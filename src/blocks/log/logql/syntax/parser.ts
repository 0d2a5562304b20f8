/**
 * Reads LogQL by recursive descent; operators by their precedence, as Prometheus has them:
 *
 *     or  <  and, unless  <  == != > >= < <=  <  + -  <  * / %  <  ^ (which groups to the right)
 */
import {
  BINARY_OPERATORS,
  type BinaryOperator,
  type LogSelector,
  type MetricExpression,
  type Query,
  type VectorMatching,
} from './ast.js';
import { isMetric, type Parsed, parsePrimary } from './parse-metric.js';
import { queryError } from './query-error.js';
import { TokenReader } from './token-reader.js';

const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  BINARY_OPERATORS.map((operator) => [operator, precedenceOf(operator)]),
);

/** Throws `log.bad_query` and nothing else. */
export function parseQuery(text: string): Query {
  const reader = new TokenReader(text);
  const query = parseExpression(reader, 0);
  if (reader.token.kind !== 'end') throw reader.unexpected('an operator or the end of the query');
  return query;
}

/** A query that selects entries; `{app="shop"} |= "x"`. */
export function parseLogSelector(text: string): LogSelector {
  const query = parseQuery(text);
  if (query.kind !== 'log') throw queryError('this is a metric query, where a query for lines is needed');
  return query;
}

function parseExpression(reader: TokenReader, least: number): Parsed {
  let left = parsePrimary(reader, parseExpression);
  for (;;) {
    const token = reader.token;
    const operator = token.kind === 'symbol' || token.kind === 'word' ? token.raw.toLowerCase() : '';
    const precedence = PRECEDENCE.get(operator);
    if (precedence === undefined || precedence < least || !isBinaryOperator(operator)) return left;
    reader.next();
    const { bool, matching } = parseModifiers(reader, operator);
    const next = operator === '^' ? precedence : precedence + 1;
    const right = reader.nested(() => parseExpression(reader, next));
    left = binary(
      operator,
      asMetric(left, 'left', operator, token),
      asMetric(right, 'right', operator, token),
      bool,
      matching,
    );
    checkSetOperands(left, token);
  }
}

function precedenceOf(operator: BinaryOperator): number {
  if (operator === 'or') return 1;
  if (operator === 'and' || operator === 'unless') return 2;
  if (operator === '+' || operator === '-') return 4;
  if (operator === '*' || operator === '/' || operator === '%') return 5;
  return operator === '^' ? 6 : 3;
}

function isBinaryOperator(operator: string): operator is BinaryOperator {
  return PRECEDENCE.has(operator);
}

function binary(
  operator: BinaryOperator,
  left: MetricExpression,
  right: MetricExpression,
  bool: boolean,
  matching: VectorMatching | undefined,
): MetricExpression {
  return { kind: 'binary', operator, left, right, bool, ...(matching !== undefined && { matching }) };
}

function asMetric(
  side: Parsed,
  name: string,
  operator: string,
  place: { line: number; column: number },
): MetricExpression {
  if (isMetric(side)) return side;
  throw queryError(
    `unexpected type for ${name} leg of binary operation (${operator}): a log selector has no value`,
    place,
  );
}

function checkSetOperands(expression: MetricExpression, place: { line: number; column: number }): void {
  if (expression.kind !== 'binary' || !['and', 'or', 'unless'].includes(expression.operator)) return;
  for (const [name, side] of [['left', expression.left] as const, ['right', expression.right] as const]) {
    if (!isScalar(side)) continue;
    throw queryError(
      `unexpected literal for ${name} leg of logical/set binary operation (${expression.operator})`,
      place,
    );
  }
}

/** Whether the expression is a number and not a vector. */
function isScalar(expression: MetricExpression): boolean {
  if (expression.kind === 'binary') return isScalar(expression.left) && isScalar(expression.right);
  return expression.kind === 'number';
}

interface Modifiers {
  readonly bool: boolean;
  readonly matching: VectorMatching | undefined;
}

function parseModifiers(reader: TokenReader, operator: BinaryOperator): Modifiers {
  const begin = reader.token;
  const bool = reader.takeWord('bool');
  if (bool && precedenceOf(operator) !== 3)
    throw queryError('bool modifier can only be used on comparison operators', begin);
  const on = reader.isWord('on') && reader.isSymbol('(', 1);
  if (!on && !(reader.isWord('ignoring') && reader.isSymbol('(', 1))) return { bool, matching: undefined };
  reader.next();
  const labels = reader.names();
  const many = reader.isWord('group_left') ? 'left' : reader.isWord('group_right') ? 'right' : undefined;
  if (many === undefined) return { bool, matching: { on, labels, include: [] } };
  if (precedenceOf(operator) < 3) throw queryError(`no grouping allowed for ${operator} operation`, reader.token);
  reader.next();
  return { bool, matching: { on, labels, many, include: reader.isSymbol('(') ? reader.names() : [] } };
}
