/** Where a job that runs elsewhere tells of its runs. */
import { resolve } from 'node:path';
import type { RegistryEntry } from '../../../platform/daemon/registry.js';
import type { JobSpec } from '../job.js';
import { type CronTarget, daemonUrl } from '../target.js';

type KnownDaemon = Pick<RegistryEntry, 'block' | 'state' | 'db' | 'endpoints'>;

export interface PingPlaces {
  readonly target: CronTarget;
  /** Those that run on this machine. */
  readonly daemons: () => Promise<readonly KnownDaemon[]>;
  /** Where a daemon is to be thought where none is known. */
  readonly usual: string;
}

/**
 * Undefined for jobs that run here. At the daemon that was asked; else at one on this machine that runs on the same file, or at the usual
 * place, since any daemon of the jobs takes pings.
 */
export async function pingUrl(
  { action }: JobSpec,
  { target, daemons, usual }: PingPlaces,
): Promise<string | undefined> {
  if (action.kind !== 'external') return undefined;
  const place = daemonUrl(target) ?? urlOnFile(target, await daemons()) ?? usual;
  return `${new URL(place).origin}/ping/${action.pingKey}`;
}

function urlOnFile(target: CronTarget, daemons: readonly KnownDaemon[]): string | undefined {
  if (target.kind !== 'file') return undefined;
  const path = resolve(target.path);
  const daemon = daemons.find(
    ({ block, state, db }) => block === 'cron' && state === 'running' && db !== undefined && resolve(db) === path,
  );
  return daemon?.endpoints.find(({ name }) => name === 'http')?.url;
}
