/** What changes when a job is replaced: for `ds cron apply` and `edit`. */
import type { JobSpec } from '../job.js';
import { writeJobSpec } from './write.js';

export interface SpecChange {
  /** As in the compact form, with dots: `retries.delay`, `env.PATH`. */
  readonly key: string;
  /** Absent: the default. Lists are whole. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Sorted as the compact form is written; empty when both mean the same. */
export function diffSpecs(before: JobSpec, after: JobSpec): SpecChange[] {
  const old = flatten(expand(writeJobSpec(before)));
  const now = flatten(expand(writeJobSpec(after)));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ key, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

/** Keys that are a single value where nothing else is said, and the key of that value. */
const shorthands = { retries: 'most', 'catch-up': 'policy', after: 'job' } as const;

function expand(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const expanded = { ...values };
  for (const [key, inner] of Object.entries(shorthands)) {
    const value = expanded[key];
    if (value !== undefined && typeof value !== 'object') expanded[key] = { [inner]: value };
  }
  return expanded;
}

function flatten(values: Readonly<Record<string, unknown>>, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [name, value] of Object.entries(values)) {
    const key = `${prefix}${name}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) flat.set(key, value);
    else for (const [inner, leaf] of flatten({ ...value }, `${key}.`)) flat.set(inner, leaf);
  }
  return flat;
}
