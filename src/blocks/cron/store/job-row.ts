/** Rows of `job`, read. */
import type { Job } from '../book.js';
import { cronErrors } from '../errors.js';
import type { JobSpec } from '../job.js';
import type { DueJob } from '../ledger.js';
import { isPaused, type Pause } from '../rules/pause.js';
import type { Run } from '../run.js';
import { reviveJobSpec } from '../spec.js';
import type { Sql } from './sql.js';

interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly spec: string;
  readonly version: number;
  readonly paused: number;
  readonly pause_reason: string | null;
  readonly paused_until: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly accounted_until: number;
  readonly next_at: number | null;
  readonly fence: number;
  readonly failing: number;
  readonly external: number;
}

/** A job as the transactions use it. */
export interface JobRecord {
  readonly id: number;
  readonly name: string;
  readonly spec: JobSpec;
  readonly version: number;
  readonly pause: Pause;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly accountedUntil: number;
  readonly nextAt: number | undefined;
  readonly fence: number;
  readonly failing: boolean;
  /** Something else carries it out. */
  readonly external: boolean;
}

const JOB_COLUMNS = `j.id, j.name, j.spec, j.version, j.paused, j.pause_reason, j.paused_until, j.created_at, j.updated_at,
  j.accounted_until, j.next_at, j.fence, j.failing, j.external`;

/** `rest`: what follows `FROM job AS j`. */
export async function readJobs(
  sql: Sql,
  rest: string,
  parameters: readonly (string | number)[] = [],
): Promise<JobRecord[]> {
  const rows = await sql.all<JobRow>(`SELECT ${JOB_COLUMNS} FROM job AS j ${rest}`, parameters);
  return rows.map(jobFromRow);
}

/** Error: `cron.no_such_job`. */
export async function requireJob(
  sql: Sql,
  name: string,
  options: { readonly lock?: boolean } = {},
): Promise<JobRecord> {
  const [job] = await readJobs(sql, `WHERE j.name = $1 ${options.lock ? sql.dialect.lock('j') : ''}`, [name]);
  if (job === undefined) throw noSuchJob(name);
  return job;
}

function noSuchJob(name: string) {
  return cronErrors.error('cron.no_such_job', `there is no job ${name}`, {
    hint: 'see the jobs: ds cron list',
    details: { job: name },
  });
}

function jobFromRow(row: JobRow): JobRecord {
  return {
    id: row.id,
    name: row.name,
    spec: reviveJobSpec(row.spec),
    version: row.version,
    pause: {
      paused: row.paused === 1,
      reason: row.pause_reason ?? undefined,
      until: row.paused_until ?? undefined,
    },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    accountedUntil: row.accounted_until,
    nextAt: row.next_at ?? undefined,
    fence: row.fence,
    failing: row.failing === 1,
    external: row.external === 1,
  };
}

export interface Counts {
  readonly running: number;
  readonly queued: number;
}

export function jobOf(record: JobRecord, now: number, counts: Counts, last: Run | undefined): Job {
  const { reason, until } = record.pause;
  const paused = isPaused(record.pause, now);
  return {
    spec: record.spec,
    paused,
    ...(paused && reason !== undefined ? { pauseReason: reason } : {}),
    ...(paused && until !== undefined ? { pausedUntil: until } : {}),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    ...(paused || record.nextAt === undefined ? {} : { nextAt: record.nextAt }),
    accountedUntil: record.accountedUntil,
    ...counts,
    ...(last === undefined ? {} : { last }),
  };
}

export function dueJobOf(record: JobRecord, nextAt: number): DueJob {
  const { paused, reason, until } = record.pause;
  return {
    id: record.id,
    spec: record.spec,
    version: record.version,
    createdAt: record.createdAt,
    accountedUntil: record.accountedUntil,
    nextAt,
    ...(paused ? { paused: { reason: reason ?? '', ...(until === undefined ? {} : { until }) } } : {}),
  };
}

/** Of all jobs, or of one. */
export async function countOpenRuns(sql: Sql, job?: number): Promise<ReadonlyMap<number, Counts>> {
  const one = job === undefined ? '' : 'AND r.job_id = $1';
  const rows = await sql.all<{ job_id: number; running: number; queued: number }>(
    `SELECT r.job_id, sum(CASE r.state WHEN 'running' THEN 1 ELSE 0 END) AS running,
       sum(CASE r.state WHEN 'queued' THEN 1 ELSE 0 END) AS queued
     FROM run AS r WHERE r.finished_at IS NULL ${one} GROUP BY r.job_id`,
    job === undefined ? [] : [job],
  );
  return new Map(rows.map(({ job_id, running, queued }) => [job_id, { running, queued }]));
}
