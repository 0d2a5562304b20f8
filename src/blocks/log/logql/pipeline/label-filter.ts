/**
 * Label filters as functions. Where a value cannot be read as what it is compared with, the entry goes on with __error__, as in Loki:
 * it is not hidden that the comparison made no sense. An entry without the label is left out, also where that is for an error of its parser;
 * of __error__ itself only comparisons of text know. (All as in Loki 3; in Loki 2 an entry with an error passed.)
 */
import { compileRegex } from '../../regex/index.js';
import type { CompareOperator, LabelFilter, Matcher } from '../syntax/ast.js';
import { parseBytes, parseDuration, parseFloatText } from '../syntax/units.js';
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from './entry-labels.js';
import { parseIpRange } from './ip.js';
import type { StageFunction } from './stage.js';

type ReadValue = (text: string) => number | undefined;

const READERS: Readonly<Record<'number' | 'duration' | 'bytes', ReadValue>> = {
  number: parseFloatText,
  duration: parseDuration,
  bytes: parseBytes,
};

export function labelFilterStage(filter: LabelFilter): StageFunction {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [labelFilterStage(filter.left), labelFilterStage(filter.right)];
      return (entry) => left(entry) && right(entry);
    }
    case 'or': {
      const [left, right] = [labelFilterStage(filter.left), labelFilterStage(filter.right)];
      return (entry) => left(entry) || right(entry);
    }
    case 'text': {
      const test = valueTest(filter.matcher);
      const { name } = filter.matcher;
      return ({ labels }) => test(labels.get(name) ?? '');
    }
    case 'ip':
      return ipStage(filter.name, filter.operator === '=', filter.value);
    default:
      return compareStage(filter.name, filter.operator, filter.value, READERS[filter.kind], filter.kind);
  }
}

/** Whether a value matches `="…"`, `!=`, `=~` or `!~`; expressions are of the whole value. */
export function valueTest({ operator, value }: Matcher): (text: string) => boolean {
  if (operator === '=') return (text) => text === value;
  if (operator === '!=') return (text) => text !== value;
  const regex = compileRegex(value, { anchored: true });
  return operator === '=~' ? regex.test : (text) => !regex.test(text);
}

function ipStage(name: string, wanted: boolean, value: string): StageFunction {
  const range = parseIpRange(value);
  return ({ labels }) => {
    if (labels.hasError) return true;
    const text = labels.get(name);
    return text !== undefined && range.contains(text) === wanted;
  };
}

function compareStage(
  name: string,
  operator: CompareOperator,
  value: number,
  read: ReadValue,
  kind: string,
): StageFunction {
  const compare = COMPARISONS[operator];
  const isOfError = name === ERROR_LABEL || name === ERROR_DETAILS_LABEL;
  return ({ labels }) => {
    const text = isOfError ? undefined : labels.get(name);
    if (text === undefined) return false;
    const found = read(text);
    if (found !== undefined) return compare(found, value);
    labels.setFirstError('LabelFilterErr', `${name} is no ${kind}: ${JSON.stringify(text.slice(0, 100))}`);
    return true;
  };
}

const COMPARISONS: Readonly<Record<CompareOperator, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
};

/** Names of the labels that a filter looks at. */
export function namesOfFilter(filter: LabelFilter): string[] {
  if ('left' in filter) return [...namesOfFilter(filter.left), ...namesOfFilter(filter.right)];
  return [filter.kind === 'text' ? filter.matcher.name : filter.name];
}
