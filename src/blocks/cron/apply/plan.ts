/** From the jobs that there are to those that should be. */
import type { ApplyPlan } from '../book.js';
import type { JobSpec } from '../job.js';
import { diffSpecs, type SpecChange } from '../spec.js';

export type JobChange =
  | { readonly kind: 'added' | 'removed' | 'unchanged'; readonly name: string }
  | { readonly kind: 'changed'; readonly name: string; readonly changes: readonly SpecChange[] };

export interface ApplyOptions {
  /** Jobs that are not wanted stay. */
  readonly keep: boolean;
}

export interface PlannedApply {
  readonly plan: ApplyPlan;
  /** In the order of the file, then what is removed. */
  readonly changes: readonly JobChange[];
}

export function planApply(
  present: readonly JobSpec[],
  desired: readonly JobSpec[],
  { keep }: ApplyOptions,
): PlannedApply {
  const byName = new Map(present.map((spec) => [spec.name, spec]));
  const wanted = new Set(desired.map(({ name }) => name));
  const changes = desired.map((spec) => changeOf(byName.get(spec.name), spec));
  const remove = keep ? [] : present.map(({ name }) => name).filter((name) => !wanted.has(name));
  return {
    plan: { put: desired.filter((_, index) => changes[index]?.kind !== 'unchanged'), remove },
    changes: [...changes, ...remove.map((name): JobChange => ({ kind: 'removed', name }))],
  };
}

function changeOf(before: JobSpec | undefined, after: JobSpec): JobChange {
  const { name } = after;
  if (before === undefined) return { kind: 'added', name };
  const changes = diffSpecs(before, after);
  return changes.length === 0 ? { kind: 'unchanged', name } : { kind: 'changed', name, changes };
}
