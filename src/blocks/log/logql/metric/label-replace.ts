/** label_replace(v, target, replacement, source, pattern): where the whole of `source` matches, `target` is set from it. */
import { logErrors } from '../../errors.js';
import { emptyLabels, formatLabels, labelsKey } from '../../labels.js';
import { compileRegex, type RegexMatch } from '../../regex/index.js';
import type { MetricExpression } from '../syntax/ast.js';
import type { Matrix } from './matrix.js';

const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

export function labelReplace(
  { target, replacement, source, pattern }: Extract<MetricExpression, { kind: 'labelReplace' }>,
  of: Matrix,
): Matrix {
  const regex = compileRegex(pattern, { anchored: true });
  const results = of.map((series) => {
    const match = regex.find(series.labels[source] ?? '');
    if (match === undefined) return series;
    const labels = Object.assign(emptyLabels(), series.labels);
    const value = expand(replacement, match, regex.groupNames);
    if (value === '') delete labels[target];
    else labels[target] = value;
    return { ...series, labels };
  });
  checkUnique(results);
  return results;
}

function expand(replacement: string, { groups }: RegexMatch, names: readonly (string | undefined)[]): string {
  return replacement.replace(REFERENCE, (all, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (all === '$$' || name === undefined) return '$';
    return groups[/^\d+$/.test(name) ? Number(name) : names.indexOf(name)] ?? '';
  });
}

function checkUnique(matrix: Matrix): void {
  const keys = new Set<string>();
  for (const { labels } of matrix) {
    const key = labelsKey(labels);
    if (keys.has(key)) {
      throw logErrors.error('log.bad_query', `label_replace gives several series the labels ${formatLabels(labels)}`, {
        hint: 'replace into a label of its own',
      });
    }
    keys.add(key);
  }
}
