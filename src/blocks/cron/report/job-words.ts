/** A job in a line. */
import type { Job } from '../book.js';
import type { Action } from '../job.js';

/** What it runs: a command, `GET https://…`, `runs elsewhere`. */
export function sayAction(action: Action): string {
  switch (action.kind) {
    case 'command':
      return action.command;
    case 'http':
      return `${action.method} ${action.url}`;
    case 'external':
      return 'runs elsewhere';
  }
}

/** `0 2 * * *`, `after backup`, `when asked`; `paused` is said where it is. */
export function sayJob({ spec, paused }: Job): string {
  const { schedule, after } = spec;
  const when = schedule.expression ?? (after === undefined ? 'when asked' : `after ${after.job}`);
  return paused ? `${when} (paused)` : when;
}
