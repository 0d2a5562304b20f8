/** Which series a sample belongs to: the labels that are left of those of the entry after grouping. */
import { logErrors } from '../../errors.js';
import { emptyLabels, formatLabels, type Labels, labelsKey } from '../../labels.js';
import { type EntryLabels, ERROR_LABEL } from '../pipeline/entry-labels.js';
import type { NeededLabels } from '../pipeline/stage.js';
import type { Grouping, LogRange } from '../syntax/ast.js';

export class SampleGrouping {
  readonly #by: readonly string[] | undefined;
  readonly #without: ReadonlySet<string>;

  constructor(grouping: Grouping | undefined, unwrapped: string | undefined) {
    this.#by = grouping !== undefined && !grouping.without ? grouping.labels : undefined;
    this.#without = new Set([...(grouping?.labels ?? []), ...(unwrapped === undefined ? [] : [unwrapped])]);
  }

  /** Labels that are looked at; undefined: all. */
  get needed(): NeededLabels {
    return this.#by === undefined ? undefined : new Set(this.#by);
  }

  /** Whether all entries of a stream are of one series, as long as no stage and no metadata gives them labels. */
  get isByNothing(): boolean {
    return this.#by?.length === 0;
  }

  /** The same text for entries of the same series; cheap where the grouping is. */
  keyOf(labels: EntryLabels): string {
    if (this.#by === undefined) return labelsKey(this.labelsOf(labels));
    let key = '';
    for (const name of this.#by) {
      const value = labels.get(name) ?? '';
      key += `${value.length}:${value}`;
    }
    return key;
  }

  labelsOf(labels: EntryLabels): Labels {
    return this.#by === undefined
      ? withoutLabels(labels.toLabels(), this.#without)
      : onlyLabels((name) => labels.get(name), this.#by);
  }
}

export function onlyLabels(get: (name: string) => string | undefined, names: readonly string[]): Labels {
  const kept = emptyLabels();
  for (const name of names) {
    const value = get(name);
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

/** Empty values count as absent. */
export function withoutLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept = emptyLabels();
  for (const name in labels) {
    const value = labels[name];
    if (value !== undefined && value !== '' && !names.has(name)) kept[name] = value;
  }
  return kept;
}

/** Makes (does not throw) the error that a sample cannot be counted on: Loki refuses the query rather than leave it out. */
export function sampleError(labels: EntryLabels): Error {
  const error = labels.get(ERROR_LABEL) ?? '';
  const details = labels.get('__error_details__') ?? '';
  return logErrors.error(
    'log.pipeline_error',
    `pipeline error: '${error}' for series ${formatLabels(labels.toLabels())}${details === '' ? '' : `: ${details}`}`,
    { hint: `leave such entries out with: | ${ERROR_LABEL}=""`, details: { error } },
  );
}

/** What is looked at behind the pipeline. */
export function neededBehind(
  grouping: NeededLabels,
  { unwrap }: LogRange,
  filterNames: readonly string[],
): NeededLabels {
  if (grouping === undefined) return undefined;
  return new Set([...grouping, ...(unwrap === undefined ? [] : [unwrap.label]), ...filterNames]);
}
