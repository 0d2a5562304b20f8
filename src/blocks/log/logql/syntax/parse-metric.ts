/** The operands of a metric query: functions of ranges, aggregations, numbers, and what is in parentheses. */
import { compileRegex } from '../../regex/index.js';
import {
  type LogRange,
  type LogSelector,
  type MetricExpression,
  RANGE_OPERATIONS,
  type RangeOperation,
  VECTOR_OPERATIONS,
  type VectorOperation,
} from './ast.js';
import { parseGrouping } from './grouping.js';
import type { Token } from './lexer.js';
import { parseSelector } from './parse-labels.js';
import { parseLogRange } from './parse-range.js';
import { parseStages } from './parse-stages.js';
import { queryError } from './query-error.js';
import type { TokenReader } from './token-reader.js';

export type Parsed = LogSelector | MetricExpression;
export type ParseExpression = (reader: TokenReader, least: number) => Parsed;

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['approx_topk', 'approx_topk is not supported; topk is exact'],
  ['label_join', 'label_join is not supported; label_replace is'],
  ['absent', 'absent is not supported; absent_over_time is'],
]);

const GROUPED: ReadonlySet<RangeOperation> = new Set<RangeOperation>([
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'first_over_time',
  'last_over_time',
]);
const WITHOUT_UNWRAP: ReadonlySet<RangeOperation> = new Set<RangeOperation>([
  'count_over_time',
  'bytes_over_time',
  'bytes_rate',
]);
const WITH_OR_WITHOUT: ReadonlySet<RangeOperation> = new Set<RangeOperation>(['rate', 'absent_over_time']);

export function isMetric(parsed: Parsed): parsed is MetricExpression {
  return parsed.kind !== 'log';
}

export function parsePrimary(reader: TokenReader, parseExpression: ParseExpression): Parsed {
  const token = reader.token;
  if (reader.isSymbol('{')) return { kind: 'log', matchers: parseSelector(reader), stages: parseStages(reader) };
  if (reader.takeSymbol('(')) {
    const inner = reader.nested(() => parseExpression(reader, 0));
    reader.expectSymbol(')');
    return inner;
  }
  if (token.kind === 'number' || reader.isSymbol('-') || reader.isSymbol('+')) {
    return { kind: 'number', value: parseNumber(reader) };
  }
  if (token.kind === 'word') return parseCall(reader, parseExpression);
  throw reader.unexpected('a selector such as {app="shop"}, a function or a number');
}

function parseNumber(reader: TokenReader): number {
  const negative = reader.takeSymbol('-');
  if (!negative) reader.takeSymbol('+');
  const { value } = reader.expect('number');
  return negative ? -value : value;
}

function parseCall(reader: TokenReader, parseExpression: ParseExpression): MetricExpression {
  const token = reader.next();
  const name = token.raw.toLowerCase();
  const operand = () => reader.nested(() => metricOperand(reader, parseExpression));
  if (isOneOf(RANGE_OPERATIONS, name)) return reader.nested(() => parseRangeAggregation(reader, name, token));
  if (isOneOf(VECTOR_OPERATIONS, name)) return parseVectorAggregation(reader, name, token, operand);
  if (name === 'vector') {
    reader.expectSymbol('(');
    const value = parseNumber(reader);
    reader.expectSymbol(')');
    return { kind: 'vector', value };
  }
  if (name === 'label_replace') return parseLabelReplace(reader, operand);
  throw queryError(
    REFUSED.get(name) ?? `syntax error: unexpected identifier ${token.raw}: there is no such function`,
    token,
  );
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}

function metricOperand(reader: TokenReader, parseExpression: ParseExpression): MetricExpression {
  const place = reader.token;
  const parsed = parseExpression(reader, 0);
  if (isMetric(parsed)) return parsed;
  throw queryError('syntax error: a log selector has no value: give it a range, as in rate({app="shop"}[5m])', place);
}

function parseRangeAggregation(reader: TokenReader, operation: RangeOperation, place: Token): MetricExpression {
  reader.expectSymbol('(');
  let parameter: number | undefined;
  if (reader.token.kind === 'number') {
    parameter = parseNumber(reader);
    reader.expectSymbol(',');
  }
  const range = parseLogRange(reader);
  reader.expectSymbol(')');
  const groupingPlace = reader.token;
  const grouping = parseGrouping(reader);
  if (grouping !== undefined && !GROUPED.has(operation)) {
    throw queryError(`grouping not allowed for ${operation} aggregation`, groupingPlace);
  }
  checkParameter(operation, parameter, operation === 'quantile_over_time', place);
  checkUnwrap(operation, range, place);
  return {
    kind: 'range',
    operation,
    range,
    ...(parameter !== undefined && { parameter }),
    ...(grouping !== undefined && { grouping }),
  };
}

function checkUnwrap(operation: RangeOperation, { unwrap }: LogRange, place: Token): void {
  if (WITH_OR_WITHOUT.has(operation)) return;
  const refused = WITHOUT_UNWRAP.has(operation);
  if (unwrap !== undefined && refused) throw queryError(`invalid aggregation ${operation} with unwrap`, place);
  if (unwrap === undefined && !refused) throw queryError(`invalid aggregation ${operation} without unwrap`, place);
}

function checkParameter(operation: string, parameter: number | undefined, needed: boolean, place: Token): void {
  if (needed && parameter === undefined) throw queryError(`parameter required for operation ${operation}`, place);
  if (!needed && parameter !== undefined)
    throw queryError(`parameter ${parameter} not supported for operation ${operation}`, place);
}

function parseVectorAggregation(
  reader: TokenReader,
  operation: VectorOperation,
  place: Token,
  operand: () => MetricExpression,
): MetricExpression {
  const before = parseGrouping(reader);
  reader.expectSymbol('(');
  let parameter: number | undefined;
  if (reader.token.kind === 'number' && reader.isSymbol(',', 1)) {
    parameter = parseNumber(reader);
    reader.expectSymbol(',');
  }
  const of = operand();
  reader.expectSymbol(')');
  const grouping = before ?? parseGrouping(reader);
  const ranked = operation === 'topk' || operation === 'bottomk';
  checkParameter(operation, parameter, ranked, place);
  if (ranked && !(Number.isInteger(parameter) && (parameter ?? 0) > 0)) {
    throw queryError(`invalid parameter (must be a whole number greater than 0) ${operation}(${parameter},`, place);
  }
  if (grouping !== undefined && (operation === 'sort' || operation === 'sort_desc')) {
    throw queryError(`grouping not allowed for ${operation} aggregation`, place);
  }
  return {
    kind: 'aggregate',
    operation,
    of,
    ...(parameter !== undefined && { parameter }),
    ...(grouping !== undefined && { grouping }),
  };
}

function parseLabelReplace(reader: TokenReader, operand: () => MetricExpression): MetricExpression {
  reader.expectSymbol('(');
  const of = operand();
  const texts: Token[] = [];
  for (let i = 0; i < 4; i++) {
    reader.expectSymbol(',');
    texts.push(reader.expect('text'));
  }
  reader.expectSymbol(')');
  const [target = '', replacement = '', source = '', pattern = ''] = texts.map(({ text }) => text);
  const patternToken = texts[3];
  if (patternToken !== undefined) {
    reader.check('regex in label_replace', patternToken, () => compileRegex(pattern, { anchored: true }));
  }
  return { kind: 'labelReplace', of, target, replacement, source, pattern };
}
