/** What is measured, from what was asked for. */
import type { Rate } from '../../../platform/units.js';
import { cronErrors } from '../errors.js';
import { HIGHEST_BENCH_RATE, MOST_BENCH_JOBS } from './bounds.js';
import { fewestJobs, mostJobs } from './jobs.js';
import type { BenchPlan } from './run.js';

/** As the flags of `ds cron bench` tell it; durations in milliseconds. */
export interface AskedBench {
  readonly rate: Rate;
  readonly duration: number;
  readonly warmup: number;
  /** Default: each of them is due once a minute, as far as there may be so many. */
  readonly jobs?: number | undefined;
  readonly workers: number;
  readonly http: boolean;
  /** Of a PostgreSQL. */
  readonly url?: string | undefined;
}

/** Error: `cron.bad_load` (details: flag). */
export function planBench({ rate, duration, warmup, jobs: askedJobs, workers, http, url }: AskedBench): BenchPlan {
  const perSecond = (rate.count / rate.perMs) * 1000;
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > HIGHEST_BENCH_RATE) {
    throw badLoad('--rate', `${perSecond}/s`, `a whole number from 1 to ${HIGHEST_BENCH_RATE} a second`, '100/s');
  }
  if (duration % 1000 !== 0) throw badLoad('--duration', `${duration}ms`, 'whole seconds', '10s');
  const jobs = askedJobs ?? Math.min(60 * perSecond, MOST_BENCH_JOBS);
  const [least, most] = [fewestJobs(perSecond), mostJobs(perSecond)];
  if (jobs < least) {
    throw badLoad('--jobs', `${jobs}`, `${least} or more: a job is due once a second at most`, `${least}`);
  }
  if (jobs > most) throw badLoad('--jobs', `${jobs}`, `${most} or less: a job is due once an hour at least`, `${most}`);
  return {
    jobs,
    perSecond,
    seconds: duration / 1000,
    warmupMs: warmup,
    workers,
    action: http ? 'http' : 'command',
    url,
  };
}

function badLoad(flag: string, value: string, wanted: string, example: string) {
  return cronErrors.error('cron.bad_load', `${flag} is ${JSON.stringify(value)}, not ${wanted}`, {
    hint: `write ${flag} ${example}`,
    details: { flag, value },
  });
}
