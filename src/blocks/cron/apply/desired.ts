/** The jobs of a file, whichever of both forms it has. */
import { type CrontabOptions, readCrontab } from '../crontab.js';
import type { JobSpec } from '../job.js';
import { readYamlJobs } from './yaml-jobs.js';

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
