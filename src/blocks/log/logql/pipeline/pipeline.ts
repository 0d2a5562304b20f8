/** The stages of a query as one function. */
import { compileRegex } from '../../regex/index.js';
import type { Stage } from '../syntax/ast.js';
import { compileTemplate } from '../template/index.js';
import {
  decolorizeStage,
  dropStage,
  keepStage,
  labelFormatStage,
  lineFormatStage,
  type Now,
  unpackStage,
} from './format-stages.js';
import { parseJsonPath } from './json-path.js';
import { jsonExpressionStage, jsonStage } from './json-stage.js';
import { labelFilterStage, namesOfFilter } from './label-filter.js';
import { lineStage } from './line-filter.js';
import { logfmtExpressionStage, logfmtStage } from './logfmt-stage.js';
import { compilePattern } from './pattern.js';
import { regexpStage } from './regexp-stage.js';
import type { NeededLabels, StageFunction } from './stage.js';

/**
 * Compiles stages; `needed` are the labels that are looked at behind them (undefined: all). A stage is told what it and those behind it
 * look at, so that parsers leave out the rest.
 */
export function compilePipeline(stages: readonly Stage[], needed: NeededLabels, now: Now): readonly StageFunction[] {
  const functions: StageFunction[] = [];
  let behind = needed;
  for (const stage of stages.toReversed()) {
    functions.unshift(compileStage(stage, behind, now));
    behind = neededBefore(stage, behind);
  }
  return functions;
}

function compileStage(stage: Stage, needed: NeededLabels, now: Now): StageFunction {
  switch (stage.kind) {
    case 'line':
      return lineStage(stage.operator, stage.texts);
    case 'json':
      return stage.extractions.length === 0
        ? jsonStage(needed)
        : jsonExpressionStage(
            stage.extractions.map(({ name, expression }) => ({ name, path: parseJsonPath(expression) })),
            needed,
          );
    case 'logfmt':
      return stage.extractions.length === 0
        ? logfmtStage(stage, needed)
        : logfmtExpressionStage(
            stage.extractions.map(({ name, expression }) => ({ name, key: String(parseJsonPath(expression)[0]) })),
            stage,
            needed,
          );
    case 'pattern':
      return patternStage(stage.pattern, needed);
    case 'regexp':
      return regexpStage(compileRegex(stage.pattern), needed);
    case 'unpack':
      return unpackStage(needed);
    case 'decolorize':
      return decolorizeStage();
    case 'labels':
      return labelFilterStage(stage.filter);
    case 'lineFormat':
      return lineFormatStage(stage.template, now);
    case 'labelFormat':
      return labelFormatStage(stage.formats, now);
    case 'drop':
      return dropStage(stage.targets);
    case 'keep':
      return keepStage(stage.targets);
  }
}

function patternStage(text: string, needed: NeededLabels): StageFunction {
  const pattern = compilePattern(text);
  return ({ line, labels }) => {
    if (line === '') return true;
    for (const [index, value] of pattern.capture(line).entries()) {
      const free = labels.nameFor(pattern.names[index] ?? '');
      if (needed === undefined || needed.has(free)) labels.setParsed(free, value);
    }
    return true;
  };
}

/** What is looked at by the stage, or by those behind it. */
function neededBefore(stage: Stage, behind: NeededLabels): NeededLabels {
  if (behind === undefined) return undefined;
  const looked = namesOfStage(stage);
  return looked === undefined ? undefined : new Set([...behind, ...looked]);
}

function namesOfStage(stage: Stage): readonly string[] | undefined {
  switch (stage.kind) {
    case 'labels':
      return namesOfFilter(stage.filter);
    case 'lineFormat':
      return compileTemplate(stage.template).labels;
    case 'labelFormat': {
      const names: string[] = [];
      for (const format of stage.formats) {
        const looked = format.kind === 'rename' ? [format.from] : compileTemplate(format.template).labels;
        if (looked === undefined) return undefined;
        names.push(...looked);
      }
      return names;
    }
    case 'drop':
    case 'keep':
      return stage.targets.map(({ name }) => name);
    default:
      return [];
  }
}
