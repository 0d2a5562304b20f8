/** Writes a query out, in one way for each meaning: parseQuery() of it gives the same tree. */

import { namesOfFilter } from '../pipeline/label-filter.js';
import type {
  Grouping,
  LabelFilter,
  LogRange,
  LogSelector,
  Matcher,
  MetricExpression,
  Query,
  Stage,
  VectorMatching,
} from './ast.js';
import { isStageWord } from './parse-stages.js';
import { quote } from './quote.js';
import { formatDuration } from './units.js';

export function printQuery(query: Query): string {
  return query.kind === 'log' ? printSelector(query) : printMetric(query);
}

function printSelector({ matchers, stages }: LogSelector): string {
  return [`{${matchers.map(printMatcher).join(', ')}}`, ...stages.map(printStage)].join(' ');
}

function printMatcher({ name, operator, value }: Matcher): string {
  return `${name}${operator}${quote(value)}`;
}

function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'line': {
      const texts = stage.texts.map(({ ip, value }) => (ip ? `ip(${quote(value)})` : quote(value)));
      return `${stage.operator} ${texts.join(' or ')}`;
    }
    case 'json':
      return ['| json', ...printExtractions(stage.extractions)].join(' ');
    case 'logfmt': {
      const flags = [stage.strict ? '--strict' : '', stage.keepEmpty ? '--keep-empty' : ''].filter(
        (flag) => flag !== '',
      );
      return ['| logfmt', ...flags, ...printExtractions(stage.extractions)].join(' ');
    }
    case 'pattern':
    case 'regexp':
      return `| ${stage.kind} ${quote(stage.pattern)}`;
    case 'unpack':
    case 'decolorize':
      return `| ${stage.kind}`;
    case 'labels':
      return `| ${printFirstFilter(stage.filter)}`;
    case 'lineFormat':
      return `| line_format ${quote(stage.template)}`;
    case 'labelFormat': {
      const formats = stage.formats.map((format) =>
        format.kind === 'rename' ? `${format.name}=${format.from}` : `${format.name}=${quote(format.template)}`,
      );
      return `| label_format ${formats.join(', ')}`;
    }
    case 'drop':
    case 'keep': {
      const targets = stage.targets.map(({ name, matcher }) => (matcher === undefined ? name : printMatcher(matcher)));
      return `| ${stage.kind} ${targets.join(', ')}`;
    }
  }
}

function printExtractions(extractions: readonly { readonly name: string; readonly expression: string }[]): string[] {
  if (extractions.length === 0) return [];
  return [extractions.map(({ name, expression }) => `${name}=${quote(expression)}`).join(', ')];
}

/** Behind a pipe a label that is called as a parser is needs parentheses. */
function printFirstFilter(filter: LabelFilter): string {
  const [name = ''] = 'left' in filter ? [] : namesOfFilter(filter);
  return isStageWord(name) ? `(${printLabelFilter(filter)})` : printLabelFilter(filter);
}

function printLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${printLabelFilter(filter.left)} ${filter.kind} ${printLabelFilter(filter.right)})`;
    case 'text':
      return printMatcher(filter.matcher);
    case 'ip':
      return `${filter.name}${filter.operator}ip(${quote(filter.value)})`;
    case 'number':
      return `${filter.name}${filter.operator}${filter.value}`;
    case 'duration':
      return `${filter.name}${filter.operator}${formatDuration(filter.value)}`;
    case 'bytes':
      return `${filter.name}${filter.operator}${filter.value}B`;
  }
}

function printMetric(expression: MetricExpression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'vector':
      return `vector(${expression.value})`;
    case 'range': {
      const parameter = expression.parameter === undefined ? '' : `${expression.parameter}, `;
      return `${expression.operation}(${parameter}${printRange(expression.range)})${printGrouping(expression.grouping)}`;
    }
    case 'aggregate': {
      const parameter = expression.parameter === undefined ? '' : `${expression.parameter}, `;
      return `${expression.operation}${printGrouping(expression.grouping)}(${parameter}${printMetric(expression.of)})`;
    }
    case 'labelReplace': {
      const texts = [expression.target, expression.replacement, expression.source, expression.pattern].map(quote);
      return `label_replace(${printMetric(expression.of)}, ${texts.join(', ')})`;
    }
    case 'binary': {
      const modifiers = `${expression.bool ? ' bool' : ''}${printMatching(expression.matching)}`;
      return `(${printMetric(expression.left)} ${expression.operator}${modifiers} ${printMetric(expression.right)})`;
    }
  }
}

function printRange({ selector, unwrap, interval, offset }: LogRange): string {
  const parts = [printSelector(selector)];
  if (unwrap !== undefined) {
    const { label, conversion, filters } = unwrap;
    parts.push(`| unwrap ${conversion === undefined ? label : `${conversion}(${label})`}`);
    parts.push(...filters.map((filter) => `| ${printFirstFilter(filter)}`));
  }
  const shift = offset === 0 ? '' : ` offset ${formatDuration(offset)}`;
  return `${parts.join(' ')} [${formatDuration(interval)}]${shift}`;
}

function printGrouping(grouping: Grouping | undefined): string {
  if (grouping === undefined) return '';
  return ` ${grouping.without ? 'without' : 'by'} (${grouping.labels.join(', ')}) `.trimEnd();
}

function printMatching(matching: VectorMatching | undefined): string {
  if (matching === undefined) return '';
  const { on, labels, many, include } = matching;
  const group = many === undefined ? '' : ` group_${many}(${include.join(', ')})`;
  return ` ${on ? 'on' : 'ignoring'} (${labels.join(', ')})${group}`;
}
