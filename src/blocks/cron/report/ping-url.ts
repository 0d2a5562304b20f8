/** Where a job that runs elsewhere tells of its runs. */
import type { JobSpec } from '../job.js';

interface PingPlace {
  readonly kind: 'file' | 'url';
  readonly url?: string;
}

/**
 * Undefined for jobs that run here. At the daemon that was asked; where jobs are in a file or a PostgreSQL at `usual`, since any
 * daemon of theirs takes pings.
 */
export function pingUrl({ action }: JobSpec, { kind, url }: PingPlace, usual: string): string | undefined {
  if (action.kind !== 'external') return undefined;
  const isDaemon = kind === 'url' && url !== undefined && /^https?:/.test(url);
  return `${isDaemon ? new URL(url).origin : usual}/ping/${action.pingKey}`;
}
