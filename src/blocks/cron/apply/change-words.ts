/** What applying a file does, as JSON, as a row for a pipe and as lines for people. */
import type { SpecChange } from '../spec.js';
import type { JobChange } from './plan.js';

const MARKS = { added: '+', removed: '-', changed: '~', unchanged: ' ' } as const;
const LONGEST_SHOWN = 120;

export function changeJson(change: JobChange): Readonly<Record<string, unknown>> {
  const { kind, name } = change;
  return { name, change: kind, ...(change.kind === 'changed' && { keys: change.changes }) };
}

/** For people with a line for each key, for a pipe a row for each job, between tabs. */
export function sayChanges(changes: readonly JobChange[], forPeople: boolean): string[] {
  return forPeople ? changes.flatMap(changeLines) : changes.map((change) => changeRow(change).join('\t'));
}

/** `changed`, `backup`, `schedule retries.most`. */
function changeRow(change: JobChange): readonly string[] {
  const keys = change.kind === 'changed' ? change.changes.map(({ key }) => key) : [];
  return [change.kind, change.name, keys.join(' ')];
}

/** `~ backup`, and a line for each key. */
function changeLines(change: JobChange): string[] {
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
