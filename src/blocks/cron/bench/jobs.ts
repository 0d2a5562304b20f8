/**
 * Jobs of which exactly so many are due at each second, R of them, in turn:
 *
 *     second of the minute    0          1           2             …    59
 *     jobs that are due       0 … R-1    R … 2R-1    2R … 3R-1          …      after the last one the first again
 *
 * More jobs than have a turn within a minute make groups, G of them and of the same size but for one; of each hour the first group has the
 * minutes 0, G, 2G …, the second 1, G + 1 … A jitter of a second spreads the R over it: a crontab's runs would all start at once.
 */
import type { JobSpec } from '../job.js';
import { readJobSpec } from '../spec.js';

export interface BenchJobs {
  /** From {@link fewestJobs} to {@link mostJobs}. */
  readonly count: number;
  /** Due at each second; whole. */
  readonly perSecond: number;
  /** Asked by each run; without it a run is the shell command `true`. */
  readonly url?: string;
}

const SECONDS = 60;
const MINUTES = 60;

/** A job is due once in a second at most. */
export function fewestJobs(perSecond: number): number {
  return perSecond;
}

/** A job is due once in an hour at least. */
export function mostJobs(perSecond: number): number {
  return perSecond * SECONDS * MINUTES;
}

export function benchJobs({ count, perSecond, url }: BenchJobs): JobSpec[] {
  const groups = Math.ceil(count / (perSecond * SECONDS));
  const startOf = (group: number) => Math.floor((group * count) / groups);
  return Array.from({ length: groups }, (_, group) => {
    const minutes = groups === 1 ? '*' : `${group}-${MINUTES - 1}/${groups}`;
    const size = startOf(group + 1) - startOf(group);
    return Array.from({ length: size }, (_, turn) => {
      const raw = {
        name: `bench-${startOf(group) + turn}`,
        schedule: `${secondsOf(turn, size, perSecond).join(',')} ${minutes} * * * *`,
        jitter: '1s',
        // What cannot start in time is to wait, and to be counted as late, instead of being dropped.
        concurrency: 'buffer-all',
        ...(url === undefined ? { command: 'true' } : { http: { url } }),
      };
      return readJobSpec(raw, 'the benchmark', { timeZone: 'UTC' });
    });
  }).flat();
}

function secondsOf(turn: number, size: number, perSecond: number): number[] {
  const seconds: number[] = [];
  for (let at = turn; at < perSecond * SECONDS; at += size) seconds.push(Math.floor(at / perSecond));
  return seconds;
}
