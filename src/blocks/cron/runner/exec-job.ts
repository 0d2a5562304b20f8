/** The job that `ds cron exec` makes when there is none of the name: no schedule, one run at a time, everything else by default. */
import type { Random } from '../../../platform/clock.js';
import type { JobSpec } from '../job.js';
import { newPingKey } from '../ping-key.js';
import { readJobSpec } from '../spec.js';

export interface ExecJobOptions {
  /** 0 is never. Milliseconds. */
  readonly timeoutMs: number;
  readonly mutexes: readonly string[];
  readonly random: Random;
}

/** Error: `cron.bad_job`, for a name of the job or of a mutex that is none. */
export function execJobSpec(name: string, { timeoutMs, mutexes, random }: ExecJobOptions): JobSpec {
  const raw = { name, mutex: mutexes, external: { 'ping-key': newPingKey(random) } };
  return { ...readJobSpec(raw, '', { timeZone: 'UTC' }), timeoutMs };
}
