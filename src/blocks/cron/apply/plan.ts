/** From the jobs that there are to those that should be. */
import type { ApplyPlan } from '../book.js';
import { cronErrors } from '../errors.js';
import type { JobSpec } from '../job.js';
import { diffSpecs, type SpecChange } from '../spec.js';

export type JobChange =
  | { readonly kind: 'added' | 'removed' | 'unchanged'; readonly name: string }
  | { readonly kind: 'changed'; readonly name: string; readonly changes: readonly SpecChange[] };

export interface ApplyOptions {
  /** Jobs that are not wanted are removed, with their history; otherwise they stay as they are. */
  readonly prune: boolean;
}

export interface PlannedApply {
  readonly plan: ApplyPlan;
  /** In the order of the file, then what is removed. */
  readonly changes: readonly JobChange[];
}

export function planApply(
  present: readonly JobSpec[],
  desired: readonly JobSpec[],
  { prune }: ApplyOptions,
): PlannedApply {
  const byName = new Map(present.map((spec) => [spec.name, spec]));
  const wanted = new Set(desired.map(({ name }) => name));
  const changes = desired.map((spec) => changeOf(byName.get(spec.name), spec));
  const remove = prune ? present.map(({ name }) => name).filter((name) => !wanted.has(name)) : [];
  return {
    plan: { put: desired.filter((_, index) => changes[index]?.kind !== 'unchanged'), remove },
    changes: [...changes, ...remove.map((name): JobChange => ({ kind: 'removed', name }))],
  };
}

const MOST_NAMES = 5;

/** For whoever only adds. Error: `cron.job_exists` (details: jobs). @param hint what replaces them */
export function refuseReplacing(changes: readonly JobChange[], hint: string): void {
  const names = changes.flatMap(({ kind, name }) => (kind === 'changed' ? [name] : []));
  if (names.length === 0) return;
  const others = names.length === 1 ? 'is another job of this name' : 'are other jobs of these names';
  throw cronErrors.error('cron.job_exists', `there ${others} already: ${sayNames(names)}`, {
    hint,
    details: { jobs: names.join(' ') },
  });
}

/** The first of them, and how many there are besides. */
export function sayNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}

function changeOf(before: JobSpec | undefined, after: JobSpec): JobChange {
  const { name } = after;
  if (before === undefined) return { kind: 'added', name };
  const changes = diffSpecs(before, after);
  return changes.length === 0 ? { kind: 'unchanged', name } : { kind: 'changed', name, changes };
}
