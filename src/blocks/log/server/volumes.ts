/**
 * How many bytes there are by label, as Loki's volume endpoints tell it: series (`{app="shop"} 4711`) of the labels that the selector or
 * targetLabels name, or one for each label (`{app=""}`). They are counted exactly, by a query of the language.
 */
import { emptyLabels, type Labels } from '../labels.js';
import type { MetricResult, Series } from '../log-store.js';
import type { QueryKind } from './logs.js';
import { badParameter, type Params } from './params.js';

const USUAL_VOLUMES = 100;

export interface VolumeOrder {
  /** A selector that has each of the names. */
  readonly selector: string;
  /** Empty: all labels of streams. */
  readonly names: readonly string[];
  readonly by: 'series' | 'labels';
  readonly limit: number;
}

const LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Error: `log.bad_parameter`. */
export function readVolumeOrder(params: Params, { kind, selector, names }: QueryKind): VolumeOrder {
  if (kind === 'metric') throw badParameter('only a selector has a volume, as in {app="shop"}');
  const by = params.text('aggregateBy') ?? 'series';
  if (by !== 'series' && by !== 'labels') throw badParameter('invalid aggregation option');
  const limit = params.text('limit') === '0' ? USUAL_VOLUMES : params.count('limit', USUAL_VOLUMES);
  const targets = params.text('targetLabels')?.split(',') ?? [];
  const wrong = targets.find((target) => !LABEL.test(target));
  if (wrong !== undefined) throw badParameter(`targetLabels cannot have ${JSON.stringify(wrong)}`);
  if (targets.length === 0) return { selector, names, by, limit };
  // As in Loki: only streams that have the labels.
  const added = targets.filter((target) => !names.includes(target)).map((target) => `${target}=~".+"`);
  const inner = [selector.trim().slice(1, -1), ...added].filter((part) => part !== '').join(', ');
  return { selector: `{${inner}}`, names: targets, by, limit };
}

/** `range`: nanoseconds before each point that are counted. `names`: of all labels that there are, where the order names none. */
export function volumeQuery({ selector }: VolumeOrder, names: readonly string[], range: bigint): string {
  return `sum by (${names.filter((name) => LABEL.test(name)).join(', ')}) (bytes_over_time(${selector}[${range}ns]))`;
}

/** By size, the largest first; no more than the limit. */
export function volumesOf(result: MetricResult, { by, limit }: VolumeOrder): MetricResult {
  if (result.kind === 'scalar') return result;
  const series = by === 'labels' ? byLabels(result.series) : result.series;
  const size = ({ values }: Series) => values.reduce((sum, value) => sum + value, 0);
  const sized = series.map((one) => ({ one, size: size(one) })).sort((a, b) => b.size - a.size);
  return { kind: result.kind, series: sized.slice(0, limit).map(({ one }) => one) };
}

function byLabels(series: readonly Series[]): Series[] {
  const totals = new Map<string, Map<number, number>>();
  for (const { labels, timestamps, values } of series) {
    for (const name in labels) {
      const points = totals.get(name) ?? new Map<number, number>();
      totals.set(name, points);
      for (const [i, at] of timestamps.entries()) points.set(at, (points.get(at) ?? 0) + (values[i] ?? 0));
    }
  }
  return [...totals].map(([name, points]) => {
    const sorted = [...points].sort(([a], [b]) => a - b);
    return { labels: only(name), timestamps: sorted.map(([at]) => at), values: sorted.map(([, value]) => value) };
  });
}

function only(name: string): Labels {
  const labels = emptyLabels();
  labels[name] = '';
  return labels;
}
