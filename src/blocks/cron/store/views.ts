/** What people look at: jobs with how they stand, runs, the whole in figures. */
import type { Job, RunFilter, Status } from '../book.js';
import type { Run, RunState } from '../run.js';
import { countOpenRuns, jobOf, readJobs, requireJob } from './job-row.js';
import { presentLeader } from './leadership.js';
import { readRuns } from './run-row.js';
import { first, inTexts, listOf, type Sql, type SqlValue } from './sql.js';

const NO_RUNS = { running: 0, queued: 0 };
const DAY_MS = 86_400_000;

export async function getJob(sql: Sql, now: number, name: string): Promise<Job> {
  const job = await requireJob(sql, name);
  const counts = await countOpenRuns(sql, job.id);
  const [last] = await readRuns(sql, 'WHERE r.job_id = $1 AND r.finished_at IS NOT NULL ORDER BY r.id DESC LIMIT 1', [
    job.id,
  ]);
  return jobOf(job, now, counts.get(job.id) ?? NO_RUNS, last?.run);
}

/** By name. */
export async function listJobs(sql: Sql, now: number): Promise<readonly Job[]> {
  const jobs = await readJobs(sql, 'ORDER BY j.name');
  const counts = await countOpenRuns(sql);
  const ended = await readRuns(
    sql,
    `WHERE r.id IN (
       SELECT (SELECT max(n.id) FROM run AS n WHERE n.job_id = o.id AND n.finished_at IS NOT NULL) FROM job AS o
     )`,
  );
  const last = new Map(ended.map((record) => [record.jobId, record.run]));
  return jobs.map((job) => jobOf(job, now, counts.get(job.id) ?? NO_RUNS, last.get(job.id)));
}

/** The newest first. */
export async function listRuns(sql: Sql, filter: RunFilter): Promise<readonly Run[]> {
  const parameters: SqlValue[] = [];
  const conditions: string[] = [];
  const where = (condition: (parameter: string) => string, value: SqlValue) => {
    parameters.push(value);
    conditions.push(condition(`$${parameters.length}`));
  };
  const { job, states, triggers, since, until, before, limit } = filter;
  if (job !== undefined) where((it) => `r.job_id = ${it}`, (await requireJob(sql, job)).id);
  if (states !== undefined) where((it) => `r.state ${inTexts(sql, it)}`, listOf(states));
  if (triggers !== undefined) where((it) => `r.trigger ${inTexts(sql, it)}`, listOf(triggers));
  if (since !== undefined) where((it) => `r.slot >= ${it}`, since);
  if (until !== undefined) where((it) => `r.slot < ${it}`, until);
  if (before !== undefined) where((it) => `r.id < ${it}`, before);
  parameters.push(limit);
  const all = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const records = await readRuns(sql, `${all} ORDER BY r.id DESC LIMIT $${parameters.length}`, parameters);
  return records.map(({ run }) => run);
}

/** With `since`: of runs that ended from then on. By the name of the job. */
export async function lastSuccesses(sql: Sql, since: number | undefined): Promise<ReadonlyMap<string, number>> {
  const [text, parameters] =
    since === undefined
      ? [
          `SELECT j.name, r.finished_at FROM job AS j JOIN run AS r ON r.id = (
             SELECT s.id FROM run AS s WHERE s.job_id = j.id AND s.finished_at IS NOT NULL AND s.state = 'succeeded'
             ORDER BY s.id DESC LIMIT 1
           )`,
          [],
        ]
      : [
          `SELECT j.name, max(r.finished_at) AS finished_at FROM run AS r JOIN job AS j ON j.id = r.job_id
           WHERE r.finished_at >= $1 AND r.state = 'succeeded' GROUP BY j.name`,
          [since],
        ];
  const rows = await sql.all<{ name: string; finished_at: number }>(text, parameters);
  return new Map(rows.map(({ name, finished_at }) => [name, finished_at]));
}

interface Figures {
  readonly jobs: number;
  readonly paused: number;
  readonly queued: number;
  readonly running: number;
  readonly next_at: number | null;
}

export async function readStatus(sql: Sql, now: number): Promise<Status> {
  const figures = await first<Figures>(
    sql,
    `SELECT (SELECT count(*) FROM job) AS jobs,
       (SELECT count(*) FROM job WHERE paused = 1 AND (paused_until IS NULL OR paused_until > $1)) AS paused,
       (SELECT count(*) FROM run WHERE state = 'queued') AS queued,
       (SELECT count(*) FROM run WHERE state = 'running') AS running,
       (SELECT min(next_at) FROM job WHERE next_at IS NOT NULL) AS next_at`,
    [now],
  );
  const day = await sql.all<{ state: RunState; runs: number }>(
    'SELECT state, count(*) AS runs FROM run WHERE slot > $1 AND slot <= $2 GROUP BY state',
    [now - DAY_MS, now],
  );
  const workers = await sql.all<{ name: string; capacity: number; seen_at: number }>(
    'SELECT name, capacity, seen_at FROM worker ORDER BY name',
  );
  const leader = await presentLeader(sql, now);
  return {
    jobs: figures?.jobs ?? 0,
    paused: figures?.paused ?? 0,
    queued: figures?.queued ?? 0,
    running: figures?.running ?? 0,
    day: Object.fromEntries(day.map(({ state, runs }) => [state, runs])),
    ...(leader === undefined ? {} : { leader }),
    workers: workers.map(({ name, capacity, seen_at }) => ({ name, capacity, seenAt: seen_at })),
    ...(typeof figures?.next_at === 'number' ? { nextAt: figures.next_at } : {}),
  };
}
