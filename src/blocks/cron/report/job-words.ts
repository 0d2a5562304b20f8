/** A job in a line, and what is wrong with all of them. */
import type { Job, Status } from '../book.js';
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

/** Until when a job is paused, and why; empty where nobody said. @param time says an instant */
export function sayPause({ pauseReason, pausedUntil }: Job, time: (instant: number) => string): string {
  const until = pausedUntil === undefined ? [] : [`until ${time(pausedUntil)}`];
  return [...until, ...(pauseReason === undefined ? [] : [pauseReason])].join(': ');
}

/** A slot is due, and nobody decides what becomes of it. */
export function isLate({ leader, nextAt }: Status, now: number): boolean {
  return leader === undefined && nextAt !== undefined && nextAt < now;
}
