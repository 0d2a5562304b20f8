/** A job in a line. */
import type { Action, JobSpec } from '../job.js';

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

/** `0 2 * * *`, `after backup`, `when asked`. */
export function sayWhen({ schedule, after }: JobSpec): string {
  return schedule.expression ?? (after === undefined ? 'when asked' : `after ${after.job}`);
}
