/**
 * Conditions on entries, in the words of LogQL's filters:
 *
 *     level="error"     level!="debug"     host=~"web-\\d+"     path!~"/health.*"     status>=500
 *     |= "timeout"      != "healthz"       |~ "time(out|d out)"     !~ "probe"
 *     level="error" and status>=500 or |= "panic"      `and` (a comma) binds before `or`; there are no parentheses
 *
 * A label is looked for in the metadata of the entry (what parse= made), then in its stream; one that is missing is empty. =~ and !~ of a label
 * are about its whole value; |~ and !~ of the line about any part of it.
 */
import { type EntryBatch, lineText } from '../entry-batch.js';
import { compileRegex } from '../regex/index.js';
import { badTransform } from './bad-transform.js';
import { labelOf } from './columns.js';

export type Condition = (batch: EntryBatch, index: number) => boolean;

const MOST_TERMS = 100;
const TERM =
  /\s*(?:(\|=|\|~|!=|!~)|([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|==|=|>=|<=|>|<))\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|([^\s",`]+))\s*/y;
const JOIN = /(and\b|,|or\b)/iy;

/** Error: `log.bad_transform`, `log.bad_pattern`. */
export function readCondition(text: string, transform: string): Condition {
  const alternatives: Condition[][] = [[]];
  let at = 0;
  for (let terms = 0; ; terms++) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    if (match === null || terms >= MOST_TERMS) {
      throw badTransform(
        `${transform}: "${text.slice(at, at + 40)}" is no condition`,
        `${transform}='level="error" or |= "panic"'`,
      );
    }
    alternatives.at(-1)?.push(conditionOf(match, transform));
    at = TERM.lastIndex;
    if (at >= text.length) break;
    JOIN.lastIndex = at;
    const join = JOIN.exec(text)?.[1]?.toLowerCase();
    if (join === undefined) {
      throw badTransform(
        `${transform}: "and" or "or" is missing before "${text.slice(at, at + 40)}"`,
        `${transform}='a="1" and b="2"'`,
      );
    }
    if (join === 'or') alternatives.push([]);
    at = JOIN.lastIndex;
  }
  return (batch, index) => alternatives.some((all) => all.every((one) => one(batch, index)));
}

function conditionOf(match: RegExpExecArray, transform: string): Condition {
  const [, lineOperator, name = '', operator = '', quoted, raw, bare] = match;
  const value = quoted === undefined ? (raw ?? bare ?? '') : unquoted(quoted);
  return lineOperator === undefined
    ? labelCondition(name, operator, value, transform)
    : lineCondition(lineOperator, value);
}

function lineCondition(operator: string, value: string): Condition {
  const wanted = operator.startsWith('|');
  if (operator.endsWith('=')) {
    const bytes = Buffer.from(value);
    return (batch, index) => batch.bytes.subarray(batch.starts[index], batch.ends[index]).includes(bytes) === wanted;
  }
  const regex = compileRegex(value);
  return (batch, index) => regex.test(lineText(batch, index)) === wanted;
}

function labelCondition(name: string, operator: string, value: string, transform: string): Condition {
  switch (operator) {
    case '=':
    case '==':
      return (batch, index) => (labelOf(batch, index, name) ?? '') === value;
    case '!=':
      return (batch, index) => (labelOf(batch, index, name) ?? '') !== value;
    case '=~':
    case '!~': {
      const regex = compileRegex(value, { anchored: true });
      const wanted = operator === '=~';
      return (batch, index) => regex.test(labelOf(batch, index, name) ?? '') === wanted;
    }
    default:
      return numberCondition(name, operator, value, transform);
  }
}

/** False where the label is no number. */
function numberCondition(name: string, operator: string, text: string, transform: string): Condition {
  const bound = text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(bound)) throw badTransform(`${transform}: "${text}" is no number`, `${transform}='status>=500'`);
  const compare = COMPARE[operator] ?? (() => false);
  return (batch, index) => {
    const label = labelOf(batch, index, name);
    return label !== undefined && label !== '' && compare(Number(label), bound);
  };
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** As in LogQL, `"\\d"` is `\d`; a backslash before what is no escape stays, so that `"\d"` is, too. */
function unquoted(text: string): string {
  return text.replace(
    /\\(.)/g,
    (whole, character: string) => ESCAPES[character] ?? ('"\\'.includes(character) ? character : whole),
  );
}
