/** Where a job that runs elsewhere tells of its runs. */
import type { JobSpec } from '../job.js';
import { type CronTarget, daemonUrl } from '../target.js';

/**
 * Undefined for jobs that run here. At the daemon that was asked; where jobs are in a file or a PostgreSQL at `usual`, since any
 * daemon of theirs takes pings.
 */
export function pingUrl({ action }: JobSpec, target: CronTarget, usual: string): string | undefined {
  if (action.kind !== 'external') return undefined;
  return `${new URL(daemonUrl(target) ?? usual).origin}/ping/${action.pingKey}`;
}
