/** Line filters as functions of the line's text. */
import { compileRegex } from '../../regex/index.js';
import type { LineOperator, LineText } from '../syntax/ast.js';
import { parseIpRange } from './ip.js';
import { compileLinePattern } from './pattern.js';
import type { StageFunction } from './stage.js';

export type LineTest = (line: string) => boolean;

/** Negated operators ask that none of the texts be there. */
export function lineTest(operator: LineOperator, texts: readonly LineText[]): LineTest {
  const tests = texts.map((text) => oneTest(operator, text));
  const [only] = tests;
  const hasOne: LineTest = tests.length === 1 && only !== undefined ? only : (line) => tests.some((test) => test(line));
  return operator.startsWith('!') ? (line) => !hasOne(line) : hasOne;
}

export function lineStage(operator: LineOperator, texts: readonly LineText[]): StageFunction {
  const test = lineTest(operator, texts);
  return ({ line }) => test(line);
}

function oneTest(operator: LineOperator, { ip, value }: LineText): LineTest {
  if (ip) {
    const range = parseIpRange(value);
    return (line) => range.isIn(line);
  }
  if (operator === '|=' || operator === '!=') return (line) => line.includes(value);
  if (operator === '|~' || operator === '!~') return compileRegex(value).test;
  const pattern = compileLinePattern(value);
  return (line) => pattern.matches(line);
}
