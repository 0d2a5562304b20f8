/**
 * What a source is told of a query, so that it can skip: matchers of streams, texts that every selected entry has in its line, and values
 * that it has in its stream or its structured metadata.
 *
 * `| json | level="error"` gives nothing: JSON may write any letter as \u0065. Who wants such a query to skip adds `|= "error"`.
 */
import type { LabelMatcher, RequiredText, RequiredValue } from '../entry-source.js';
import { compileRegex } from '../regex/index.js';
import type { Part } from '../regex/parts.js';
import { valueTest } from './pipeline/label-filter.js';
import { compileLinePattern } from './pipeline/pattern.js';
import type { LabelFilter, LineOperator, LogSelector, Matcher, Stage } from './syntax/ast.js';

export function compileMatchers(matchers: readonly Matcher[]): LabelMatcher[] {
  return matchers.map((matcher) => ({ ...matcher, matches: valueTest(matcher) }));
}

/** Whether at least one matcher asks for something: Loki refuses selectors that every stream matches. */
export function isSelective({ matchers }: LogSelector): boolean {
  return compileMatchers(matchers).some((matcher) => !matcher.matches(''));
}

/** Stages behind which a line is no longer the one that is stored. */
const CHANGES_LINE: ReadonlySet<Stage['kind']> = new Set<Stage['kind']>(['lineFormat', 'decolorize', 'unpack']);

/** The line filters that see lines as they are stored. Filters only take away, so they may as well come first. */
export function storedLineFilters(stages: readonly Stage[]): Extract<Stage, { kind: 'line' }>[] {
  const end = stages.findIndex(({ kind }) => CHANGES_LINE.has(kind));
  return stages.slice(0, end === -1 ? stages.length : end).filter((stage) => stage.kind === 'line');
}

export function requiredTexts(stages: readonly Stage[]): RequiredText[] {
  return storedLineFilters(stages).flatMap(({ operator, texts }) => {
    const [only] = texts;
    return texts.length === 1 && only !== undefined && !only.ip ? textsOf(operator, only.value) : [];
  });
}

/** Of label filters in front of whatever makes labels: there they are of the stream or of metadata, as they were stored. */
export function requiredValues(stages: readonly Stage[]): RequiredValue[] {
  const end = stages.findIndex(({ kind }) => kind !== 'line' && kind !== 'labels');
  return stages
    .slice(0, end === -1 ? stages.length : end)
    .flatMap((stage) => (stage.kind === 'labels' ? valuesOf(stage.filter) : []));
}

function valuesOf(filter: LabelFilter): RequiredValue[] {
  if (filter.kind === 'and') return [...valuesOf(filter.left), ...valuesOf(filter.right)];
  if (filter.kind !== 'text' || filter.matcher.operator !== '=') return [];
  const { name, value } = filter.matcher;
  // Labels of errors are made by the query itself.
  return name.startsWith('__') || !isSearchable(value) ? [] : [{ name, value }];
}

function textsOf(operator: LineOperator, value: string): RequiredText[] {
  if (operator === '|=') return open(value);
  if (operator === '|>') return compileLinePattern(value).literals.flatMap(open);
  if (operator !== '|~') return [];
  const { analysis } = compileRegex(value);
  const literals = analysis.parts.flatMap((_part, index) => closedLiteral(analysis.parts, index));
  return literals.length > 0 ? literals : open(analysis.required);
}

function open(text: string): RequiredText[] {
  return isSearchable(text) ? [{ text, closedLeft: false, closedRight: false }] : [];
}

/** A literal of a sequence. `\b` and the ends of the line are ends of tokens: tokens are made of RE2's word characters. */
function closedLiteral(parts: readonly Part[], index: number): RequiredText[] {
  const part = parts[index];
  const [text, another] = part?.kind === 'literals' ? part.literals : [];
  if (text === undefined || another !== undefined || !isSearchable(text)) return [];
  const [before, after] = [parts[index - 1]?.kind, parts[index + 1]?.kind];
  return [
    {
      text,
      closedLeft: before === 'boundary' || before === 'begin',
      closedRight: after === 'boundary' || after === 'end',
    },
  ];
}

const UNSEARCHABLE = /[\uFFFD\uD800-\uDFFF]/u;

/** U+FFFD is what bytes that are no UTF-8 are read as, too, and half a surrogate pair has no bytes: neither can be looked for. */
export function isSearchable(text: string): boolean {
  return text !== '' && !UNSEARCHABLE.test(text);
}
