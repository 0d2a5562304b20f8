/** Runs that something else starts and tells of: `ds cron exec` and pings. */
import type { Begun, Claim } from '../ledger.js';
import { describe } from '../rules/admit.js';
import { holdMutexes, startRuns } from './claim.js';
import { type JobRecord, requireJob } from './job-row.js';
import { lockMutexes } from './locks.js';
import { type RunRecord, readRuns, requireRun } from './run-row.js';
import { first, type Sql } from './sql.js';

export interface Beginning {
  readonly name: string;
  readonly trigger: 'exec' | 'ping';
  readonly worker: string;
  readonly leaseMs: number;
}

/**
 * Takes the job's queued run where there is one, the oldest that may start, else makes one. It cannot wait: where others of the
 * job go on, or hold a mutex, it is overlapped. Error: `cron.no_such_job`.
 */
export async function begin(sql: Sql, now: number, { name, trigger, worker, leaseMs }: Beginning): Promise<Begun> {
  const job = await requireJob(sql, name, { lock: true });
  const record = (await firstQueued(sql, job, now)) ?? (await newRun(sql, job, trigger, now));
  const obstacle = await findObstacle(sql, job, record);
  if (obstacle !== undefined) {
    await sql.run(`UPDATE run SET state = 'overlapped', reason = $2, finished_at = $3 WHERE id = $1`, [
      record.run.id,
      obstacle,
      now,
    ]);
    return { kind: 'overlapped', run: (await requireRun(sql, record.run.id)).run };
  }
  const [claim] = startRuns(sql, { now, worker, leaseMs, jobs: new Map([[job.id, job]]) }, [record]);
  if (claim === undefined) throw new Error(`run ${record.run.id} was not started`);
  return { kind: 'begun', claim };
}

async function firstQueued(sql: Sql, job: JobRecord, now: number): Promise<RunRecord | undefined> {
  const [record] = await readRuns(
    sql,
    `WHERE r.job_id = $1 AND r.finished_at IS NULL AND r.state = 'queued' AND r.due_at <= $2
     ORDER BY r.slot, r.id LIMIT 1`,
    [job.id, now],
  );
  return record;
}

async function newRun(sql: Sql, job: JobRecord, trigger: Beginning['trigger'], now: number): Promise<RunRecord> {
  const row = await first<{ id: number }>(
    sql,
    `INSERT INTO run (job_id, trigger, slot, due_at, state, reason, attempt, fence, output_bytes)
     VALUES ($1, $2, $3, $3, 'queued', '', 0, 0, 0) RETURNING id`,
    [job.id, trigger, now],
  );
  return requireRun(sql, row?.id ?? 0);
}

/** Why it cannot start; undefined when it can, and then its mutexes are its own. */
async function findObstacle(sql: Sql, job: JobRecord, { run }: RunRecord): Promise<string | undefined> {
  if (job.spec.concurrency !== 'allow-all') {
    const row = await first<{ going: number }>(
      sql,
      `SELECT count(*) AS going FROM run WHERE job_id = $1 AND finished_at IS NULL AND state = 'running'`,
      [job.id],
    );
    if (row !== undefined && row.going > 0) return describe({ going: row.going, waiting: 0 });
  }
  const { mutexes } = job.spec;
  if (mutexes.length === 0) return undefined;
  await lockMutexes(sql);
  if (await holdMutexes(sql, run.id, mutexes)) return undefined;
  const holder = await first<{ name: string; job: string }>(
    sql,
    `SELECT m.name, j.name AS job FROM job_mutex AS w JOIN mutex AS m ON m.name = w.name
     JOIN run AS r ON r.id = m.run_id JOIN job AS j ON j.id = r.job_id WHERE w.job_id = $1 ORDER BY m.name LIMIT 1`,
    [job.id],
  );
  return holder === undefined ? 'a mutex was held' : `${holder.job} held the mutex ${holder.name}`;
}

/** The name of the external job with this ping key. */
export async function jobOfPing(sql: Sql, pingKey: string): Promise<string | undefined> {
  return (await first<{ name: string }>(sql, 'SELECT name FROM job WHERE ping_key = $1', [pingKey]))?.name;
}

/** What a ping of this worker name began and has not ended; the newest. */
export async function openPing(sql: Sql, name: string, worker: string): Promise<Claim | undefined> {
  const job = await requireJob(sql, name);
  const [record] = await readRuns(
    sql,
    `WHERE r.job_id = $1 AND r.finished_at IS NULL AND r.state = 'running' AND r.worker = $2 ORDER BY r.id DESC LIMIT 1`,
    [job.id, worker],
  );
  return record && { run: record.run, spec: job.spec, fence: record.run.fence };
}
