/** Jobs that run after other jobs: which ends start them, and that they make no circle. */
import { closest } from '../../../platform/closest.js';
import { cronErrors } from '../errors.js';
import type { After } from '../job.js';
import type { RunState } from '../run.js';

/** A lost run counts as a failure: nobody knows that it went well. */
export function startsAfter(on: After['on'], state: RunState): boolean {
  if (state === 'succeeded') return on !== 'failure';
  if (state === 'failed' || state === 'fenced') return on !== 'success';
  return state === 'cancelled' && on === 'any';
}

/** Of those that run after a job that is to go; a message names no more. */
const MOST_NAMED = 3;

/**
 * Errors: `cron.bad_job` when a job runs after one that is not there, or after itself by however many others.
 *
 * @param after name of the job ─▶ name of the job that it runs after, of all jobs that have one
 * @param names of all jobs that are named by `after` and exist
 * @param removed names of jobs that have just been deleted
 */
export function checkAfter(
  after: ReadonlyMap<string, string>,
  names: ReadonlySet<string>,
  removed: readonly string[] = [],
): void {
  const sound = new Set<string>();
  for (const start of after.keys()) {
    const path = new Set<string>();
    for (let name: string | undefined = start; name !== undefined && !sound.has(name); name = after.get(name)) {
      if (path.has(name)) throw circle([...path].slice([...path].indexOf(name)), name);
      path.add(name);
      const previous = after.get(name);
      if (previous !== undefined && !names.has(previous)) {
        throw removed.includes(previous) ? followed(previous, after) : missing(name, previous, [...names]);
      }
    }
    for (const name of path) sound.add(name);
  }
}

function circle(path: readonly string[], name: string) {
  return cronErrors.error('cron.bad_job', `${name} would run after itself: ${[...path, name].join(' after ')}`, {
    hint: 'let one of them run by a schedule instead',
    details: { job: name },
  });
}

function followed(name: string, after: ReadonlyMap<string, string>) {
  const followers = [...after].flatMap(([follower, previous]) => (previous === name ? [follower] : []));
  const named = followers.slice(0, MOST_NAMED).join(', ');
  const others = followers.length - MOST_NAMED;
  const who = others > 0 ? `${named} and ${others} more run` : followers.length > 1 ? `${named} run` : `${named} runs`;
  return cronErrors.error('cron.bad_job', `${name} cannot be deleted: ${who} after it`, {
    hint: `let it run after another one: ds cron edit ${followers[0]} --after JOB; or delete both: ds cron delete ${name} ${followers[0]} --yes`,
    details: { job: name, followers: named },
  });
}

function missing(name: string, previous: string, names: readonly string[]) {
  const near = closest(previous, names);
  return cronErrors.error('cron.bad_job', `${name} runs after ${previous}, and there is no job of this name`, {
    hint: near === undefined ? 'see the jobs: ds cron list' : `did you mean ${near}?`,
    details: { job: name, after: previous },
  });
}
