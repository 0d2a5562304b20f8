/** What applying a file does, as JSON, as a row for a pipe and as lines for people. */
import type { SpecChange } from '../spec.js';
import type { JobChange } from './plan.js';

const MARKS = { added: '+', removed: '-', changed: '~', unchanged: ' ' } as const;
const LONGEST_SHOWN = 120;

export function changeJson(change: JobChange): Readonly<Record<string, unknown>> {
  const { kind, name } = change;
  return { name, change: kind, ...(change.kind === 'changed' && { keys: change.changes }) };
}

/** `changed`, `backup`, `schedule retries.most`. */
export function changeRow(change: JobChange): readonly string[] {
  const keys = change.kind === 'changed' ? change.changes.map(({ key }) => key) : [];
  return [change.kind, change.name, keys.join(' ')];
}

/** `~ backup`, and a line for each key. */
export function changeLines(change: JobChange): string[] {
  const keys = change.kind === 'changed' ? change.changes.map(sayKey) : [];
  return [`${MARKS[change.kind]} ${change.name}`, ...keys];
}

function sayKey({ key, before, after }: SpecChange): string {
  return `    ${key}: ${sayValue(before)} → ${sayValue(after)}`;
}

function sayValue(value: unknown): string {
  if (value === undefined) return '(default)';
  const text = typeof value === 'string' && /^\S(?:.*\S)?$/.test(value) ? value : JSON.stringify(value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
