/**
 * The scheduler's door: all that commands and other blocks may import.
 *
 * Light by construction: stores, clients, schedules and crontabs are loaded when they are used, because `ds cron next` is measured
 * as a whole process.
 */
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import type { Environment } from '../../platform/paths.js';
import type { CronBook } from './book.js';
import type { Ledger } from './ledger.js';
import { type CronTarget, daemonUrl, databaseUrl } from './target.js';

export { HIGHEST_BENCH_RATE, MOST_BENCH_JOBS } from './bench/bounds.js';
export type * from './book.js';
export { MOST_CRONTAB_BYTES, MOST_JOBS_BYTES } from './file-bounds.js';
export { clockChangePolicies, type JobSpec } from './job.js';
export { externalAbout, jobOptions, scheduleOptions } from './job-flags.js';
export type { Ledger } from './ledger.js';
export { newPingKey } from './ping-key.js';
export { type Outcome, type OutputChunk, type Run, type RunState, runStates } from './run.js';
export type { ExecEnd } from './runner.js';
export { cronOptions } from './server/options.js';
export { type CronTarget, daemonUrl, databaseHint, databaseUrl } from './target.js';
export { type CrontabFlags, crontabOf } from './typed-crontab.js';
export { programNameWarning, rawJobOf } from './typed-job.js';

/** Where `ds cron serve` listens when it is not told, for hints. */
export const cronUrl = 'http://127.0.0.1:8095';

/** The block as the catalogue has it, for `ds cron serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** When an expression is due, and what it says. */
export const loadSchedule = () => import('./schedule.js');
export type { DueTime } from './schedule.js';

/** What of schedules and crontabs is probably not meant. */
export const loadLint = () => import('./lint.js');
export type { LineFinding, LintReport } from './lint.js';

/** Jobs as they are written in YAML, and what differs between two of them. */
export const loadSpec = () => import('./spec.js');

/** Jobs of a file, as they should be. */
export const loadApply = () => import('./apply.js');

/** Crontabs, read and written. */
export const loadCrontab = () => import('./crontab.js');

/** Jobs for other schedulers. */
export const loadExport = () => import('./export.js');
export type { ExportForm } from './export.js';

/** What jobs would do, without running them. */
export const loadSimulate = () => import('./simulate.js');
export type { ClockSurprise, Collision, JobLoad, Simulation } from './simulate.js';

/** Jobs and runs as JSON and as rows. */
export const loadReport = () => import('./report.js');

/** Measures a scheduler on a store of its own. */
export const loadBench = () => import('./bench.js');
export type { BenchPlan, BenchProgress, BenchResult } from './bench.js';

/** Carries one run out in this process, where no daemon does. */
export const loadRunHere = () => import('./runner/run-here.js');

/** Carries jobs out in this process. */
export const loadRunner = () => import('./runner.js');

export interface CronContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Stops connecting. */
  readonly signal?: AbortSignal;
  /** Of it DS_CRON_TOKEN is read, for a daemon; else the token is looked for in `home`. */
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
}

/** Opens the file or connects to the server, uses it and closes it, whatever happens in between. */
export async function withBook<T>(
  target: CronTarget,
  context: CronContext,
  use: (book: CronBook) => Promise<T>,
): Promise<T> {
  const url = daemonUrl(target);
  if (url === undefined) return withLedger(target, context, use);
  const { openHttpBook } = await import('./remote/http.js');
  const { findToken } = await import('./remote/token.js');
  const { signal, env, home } = context;
  const token = env['DS_CRON_TOKEN'] || (await findToken(home));
  const book = await openHttpBook({ url, token, ...(signal === undefined ? {} : { signal }) });
  return useAndClose(book, use);
}

/** As {@link withBook}, for what a daemon cannot be asked for: it takes a file or a PostgreSQL. */
export async function withLedger<T>(
  target: CronTarget,
  context: CronContext,
  use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  return useAndClose(await openLedger(target, context), use);
}

async function openLedger(target: CronTarget, context: CronContext): Promise<Ledger> {
  const { clock, random } = context;
  if (target.kind === 'file') {
    const { openCronStore } = await import('./store.js');
    return openCronStore({ path: target.path, clock, random, oneShot: true });
  }
  const url = databaseUrl(target, 'use a file (--db PATH), or --url postgres://HOST/NAME');
  const { openPostgresLedger } = await import('./remote/postgres.js');
  const { signal } = context;
  return openPostgresLedger(url, { clock, random, ...(signal === undefined ? {} : { signal }) });
}

async function useAndClose<Book extends CronBook, T>(book: Book, use: (book: Book) => Promise<T>): Promise<T> {
  try {
    return await use(book);
  } finally {
    await book.close();
  }
}
