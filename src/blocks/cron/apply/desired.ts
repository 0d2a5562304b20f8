/** The jobs of a file, whichever of both forms it has. */

import { badCrontab } from '../crontab/errors.js';
import { type CrontabOptions, readCrontab } from '../crontab.js';
import type { JobSpec } from '../job.js';
import { readYamlJobs, saysNoJobs } from './yaml-jobs.js';

export interface DesiredOptions extends CrontabOptions {
  /** Ping keys of external jobs that the file does not tell: that of the job that is there, or a new one. */
  readonly pingKey: (name: string) => string;
}

export interface Desired {
  readonly jobs: readonly JobSpec[];
  readonly warnings: readonly string[];
}

/** Error: `cron.bad_crontab`, with the line. */
export function readDesired(text: string, options: DesiredOptions): Desired {
  return isYaml(text, options.filename)
    ? { jobs: readYamlJobs(text, options).map(({ spec }) => spec), warnings: [] }
    : readCrontab(text, options);
}

/**
 * Pruning by a file without jobs removes all of them: an empty pipe must not do that.
 *
 * Error: `cron.bad_crontab`, but where the YAML says `jobs: []`.
 */
export function refuseEmptyPrune(text: string, filename: string, { jobs }: Desired): void {
  if (jobs.length > 0 || (isYaml(text, filename) && saysNoJobs(text))) return;
  const hint = 'to remove all jobs, write YAML: jobs: []; or one by one: ds cron delete NAME';
  throw badCrontab(filename, 1, 'there is no job in it, and --prune would remove all that there are', hint);
}

/** Of the jobs that there are, and new ones for others: a file need not tell them. */
export function pingKeysOf(present: readonly JobSpec[], makePingKey: () => string): DesiredOptions['pingKey'] {
  const keys = new Map(
    present.flatMap(({ name, action }) => (action.kind === 'external' ? [[name, action.pingKey] as const] : [])),
  );
  return (name) => keys.get(name) ?? makePingKey();
}

/** By its name, or by what no crontab can begin a line with. */
export function isYaml(text: string, filename: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(filename) || /^(?:---|["']?jobs["']?[ \t]*:|\{)/m.test(text);
}
