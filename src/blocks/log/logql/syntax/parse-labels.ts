/** Matchers in braces, and label filters behind a pipe. */
import { compileRegex } from '../../regex/index.js';
import { parseIpRange } from '../pipeline/ip.js';
import type { CompareOperator, LabelFilter, Matcher, MatchOperator } from './ast.js';
import type { TokenReader } from './token-reader.js';

const MATCH_OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);
const COMPARE_OPERATORS: ReadonlySet<string> = new Set(['=', '==', '!=', '>', '>=', '<', '<=']);

export function isLabelOperator(operator: string): boolean {
  return MATCH_OPERATORS.has(operator) || COMPARE_OPERATORS.has(operator);
}

export function parseSelector(reader: TokenReader): Matcher[] {
  reader.expectSymbol('{');
  const matchers: Matcher[] = [];
  if (reader.takeSymbol('}')) return matchers;
  do {
    const name = reader.expect('word').raw;
    matchers.push(parseMatcher(reader, name));
  } while (reader.takeSymbol(','));
  reader.expectSymbol('}');
  return matchers;
}

/** What follows a name: `="value"`. */
export function parseMatcher(reader: TokenReader, name: string): Matcher {
  if (!isMatchOperator(reader.token.raw) || reader.token.kind !== 'symbol')
    throw reader.unexpected('one of = != =~ !~');
  const operator = reader.next().raw as MatchOperator;
  const token = reader.expect('text');
  if (operator === '=~' || operator === '!~') {
    reader.check('matcher', token, () => compileRegex(token.text, { anchored: true }));
  }
  return { name, operator, value: token.text };
}

function isMatchOperator(operator: string): operator is MatchOperator {
  return MATCH_OPERATORS.has(operator);
}

/** `or` binds less than `and`, a comma, or nothing between two filters. */
export function parseLabelFilter(reader: TokenReader): LabelFilter {
  let left = parseConjunction(reader);
  while (reader.takeWord('or')) left = { kind: 'or', left, right: parseConjunction(reader) };
  return left;
}

function parseConjunction(reader: TokenReader): LabelFilter {
  let left = parseOne(reader);
  while (reader.takeWord('and') || reader.takeSymbol(',') || beginsFilter(reader)) {
    left = { kind: 'and', left, right: parseOne(reader) };
  }
  return left;
}

function beginsFilter(reader: TokenReader): boolean {
  if (reader.isSymbol('(')) return true;
  const operator = reader.peek(1);
  return reader.token.kind === 'word' && operator.kind === 'symbol' && isLabelOperator(operator.raw);
}

function parseOne(reader: TokenReader): LabelFilter {
  if (reader.takeSymbol('(')) {
    const filter = reader.nested(() => parseLabelFilter(reader));
    reader.expectSymbol(')');
    return filter;
  }
  const name = reader.expect('word').raw;
  const operator = reader.token;
  if (operator.kind !== 'symbol' || !isLabelOperator(operator.raw)) {
    throw reader.unexpected('one of = != =~ !~ == > >= < <=');
  }
  const value = reader.peek(1);
  if (value.kind === 'text') return { kind: 'text', matcher: parseMatcher(reader, name) };
  if (value.kind === 'word' && value.raw.toLowerCase() === 'ip') return parseIpFilter(reader, name);
  if (!COMPARE_OPERATORS.has(operator.raw)) {
    reader.next();
    throw reader.unexpected('a string');
  }
  reader.next();
  return parseComparison(reader, name, operator.raw === '=' ? '==' : (operator.raw as CompareOperator));
}

function parseComparison(reader: TokenReader, name: string, operator: CompareOperator): LabelFilter {
  const { kind, value } = reader.token;
  if (kind === 'duration' || kind === 'bytes') {
    reader.next();
    return { kind, name, operator, value };
  }
  const negative = reader.takeSymbol('-');
  if (!negative) reader.takeSymbol('+');
  if (reader.token.kind !== 'number') throw reader.unexpected('a string, a number, a duration or a size');
  const number = reader.next().value;
  return { kind: 'number', name, operator, value: negative ? -number : number };
}

function parseIpFilter(reader: TokenReader, name: string): LabelFilter {
  const operator = reader.token.raw;
  if (operator !== '=' && operator !== '!=') throw reader.unexpected('= or !=');
  reader.next();
  return { kind: 'ip', name, operator, value: parseIpCall(reader) };
}

/** `ip("…")`. */
export function parseIpCall(reader: TokenReader): string {
  reader.next();
  reader.expectSymbol('(');
  const token = reader.expect('text');
  reader.check('ip filter', token, () => parseIpRange(token.text));
  reader.expectSymbol(')');
  return token.text;
}
