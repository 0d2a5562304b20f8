/**
 * Workers take runs: those that are due, the longest first, as far as concurrency and mutexes allow.
 *
 *     due, queued ──▶ ready ──lock the jobs──▶ still ready ──▶ mutexes, all or none ──▶ running, with a fence of its own
 *                      │                          │                    │
 *                      └─ others' locks: left out └─ taken meanwhile   └─ stays queued
 */
import type { Claim } from '../ledger.js';
import { type JobRecord, readJobs } from './job-row.js';
import { lockMutexes } from './locks.js';
import { makeNotices } from './notices.js';
import { type RunRecord, readRuns } from './run-row.js';
import { inIntegers, listOf, rowsOf, type Sql } from './sql.js';

/**
 * Of queued runs `r` of jobs `j` that are due at $1: nothing keeps it from its start. Of a job whose runs must not be beside each other
 * one at most is ready, the first in this order: waits for a retry, slot, id.
 */
const READY = `j.external = 0
  AND (r.deadline_at IS NULL OR r.deadline_at >= $1)
  AND (j.side_by_side = 1 OR NOT EXISTS (
    SELECT 1 FROM run AS o WHERE o.job_id = r.job_id AND o.finished_at IS NULL AND o.id <> r.id AND (
      o.state = 'running'
      OR (o.attempt > 0 AND r.attempt = 0)
      OR ((o.attempt > 0 OR r.attempt = 0) AND (o.slot < r.slot OR (o.slot = r.slot AND o.id < r.id)))
    )
  ))
  AND NOT EXISTS (
    SELECT 1 FROM job_mutex AS w JOIN mutex AS m ON m.name = w.name WHERE w.job_id = r.job_id
  )`;

export interface ClaimRequest {
  readonly worker: string;
  /** No more than so many. */
  readonly most: number;
  readonly leaseMs: number;
  /** This one and no other. */
  readonly run?: number;
  /** Read once more when locks are held: a start is never told to be before the end that it waited for. */
  now(): number;
}

export async function claim(sql: Sql, request: ClaimRequest): Promise<readonly Claim[]> {
  const { most } = request;
  const claims: Claim[] = [];
  while (claims.length < most) {
    // Another round for what a mutex of this very round has kept out of it.
    const taken = await claimOnce(sql, { ...request, most: most - claims.length });
    claims.push(...taken.claims);
    if (taken.claims.length === 0 || !taken.someWait) break;
  }
  return claims;
}

async function claimOnce(sql: Sql, { worker, most, leaseMs, run, now }: ClaimRequest) {
  const at = now();
  const ready = await sql.all<{ id: number; job_id: number }>(
    `SELECT r.id, r.job_id FROM run AS r JOIN job AS j ON j.id = r.job_id WHERE r.state = 'queued' AND r.due_at <= $1 AND ${READY}
     ${run === undefined ? '' : 'AND r.id = $3'} ORDER BY r.due_at, r.id LIMIT $2 ${sql.dialect.lockFree('j')}`,
    run === undefined ? [at, most] : [at, most, run],
  );
  if (ready.length === 0) return { claims: [], someWait: false };
  const [jobs, candidates] = await Promise.all([
    readJobs(sql, `WHERE j.id ${inIntegers(sql, '$1')}`, [listOf(ready.map(({ job_id }) => job_id))]),
    readAgain(sql, at, ready),
  ]);
  const jobById = new Map(jobs.map((job) => [job.id, job]));
  const free = await takeMutexes(sql, candidates, jobById);
  const claims = startRuns(sql, { now: now(), worker, leaseMs, jobs: jobById }, free);
  return { claims, someWait: free.length < candidates.length };
}

/** What is still ready, now that nobody else can change it. Asked for by ids alone, lest PostgreSQL looks at all that is due. */
async function readAgain(sql: Sql, at: number, ready: readonly { readonly id: number }[]): Promise<RunRecord[]> {
  const records = await readRuns(sql, `WHERE ${READY} AND r.id ${inIntegers(sql, '$2')}`, [
    at,
    listOf(ready.map(({ id }) => id)),
  ]);
  const due = records.filter(({ run }) => run.state === 'queued' && run.dueAt <= at);
  return due.sort((one, other) => one.run.dueAt - other.run.dueAt || one.run.id - other.run.id);
}

/** The runs whose mutexes are theirs now. */
async function takeMutexes(sql: Sql, runs: readonly RunRecord[], jobs: ReadonlyMap<number, JobRecord>) {
  const mutexesOf = (record: RunRecord) => jobs.get(record.jobId)?.spec.mutexes ?? [];
  if (runs.every((record) => mutexesOf(record).length === 0)) return runs;
  await lockMutexes(sql);
  const free: RunRecord[] = [];
  for (const record of runs) if (await holdMutexes(sql, record.run.id, mutexesOf(record))) free.push(record);
  return free;
}

/** All or none. */
export async function holdMutexes(sql: Sql, run: number, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return true;
  const wanted = new Set(names);
  const held = await sql.run(
    `INSERT INTO mutex (name, run_id) SELECT n.name, n.run_id FROM ${sql.dialect.rows('$1', { name: 'text', run_id: 'integer' })} AS n
     WHERE true ON CONFLICT DO NOTHING`,
    [rowsOf([...wanted].map((name) => [name, run]))],
  );
  if (held === wanted.size) return true;
  sql.later('DELETE FROM mutex WHERE run_id = $1', [run]);
  return false;
}

export interface Start {
  readonly now: number;
  readonly worker: string;
  readonly leaseMs: number;
  /** Locked. */
  readonly jobs: ReadonlyMap<number, JobRecord>;
}

/** Queued runs begin their next attempt. */
export function startRuns(sql: Sql, start: Start, runs: readonly RunRecord[]): Claim[] {
  if (runs.length === 0) return [];
  const { now, worker, leaseMs, jobs } = start;
  const fences = new Map([...jobs].map(([id, job]) => [id, job.fence]));
  const claims: Claim[] = [];
  const rows: (number | null)[][] = [];
  for (const { run, jobId } of runs) {
    const job = jobs.get(jobId);
    if (job === undefined) continue;
    const fence = (fences.get(jobId) ?? 0) + 1;
    fences.set(jobId, fence);
    const { notifications, overrunAfterMs } = job.spec;
    const watched = notifications.on.includes('overrun') && overrunAfterMs > 0;
    rows.push([run.id, run.attempt + 1, fence, watched ? now + overrunAfterMs : null]);
    claims.push({ run: startedRun(run, fence, start), spec: job.spec, fence });
  }
  const late = runs.filter(({ lateAt }) => lateAt !== undefined && lateAt <= now);
  makeNotices(
    sql,
    now,
    late.map(({ run }) => ({ run: run.id, event: 'late' })),
  );
  const list = sql.dialect.rows('$1', { id: 'integer', attempt: 'integer', fence: 'integer', overrun_at: 'integer' });
  sql.later(
    `UPDATE run SET state = 'running', reason = '', attempt = n.attempt, fence = n.fence, overrun_at = n.overrun_at,
       worker = $2, started_at = $3, lease_until = $4, lease_ms = $5, exit_code = NULL, signal = NULL,
       deadline_at = NULL, late_at = NULL
     FROM ${list} AS n WHERE run.id = n.id`,
    [rowsOf(rows), worker, now, now + leaseMs, leaseMs],
  );
  sql.later(
    `INSERT INTO attempt (run_id, attempt, fence, worker, started_at, reason)
     SELECT n.id, n.attempt, n.fence, CAST($2 AS TEXT), CAST($3 AS BIGINT), '' FROM ${list} AS n`,
    [rowsOf(rows), worker, now],
  );
  const changed = [...fences].filter(([id, fence]) => jobs.get(id)?.fence !== fence);
  sql.later(
    `UPDATE job SET fence = n.fence FROM ${sql.dialect.rows('$1', { id: 'integer', fence: 'integer' })} AS n
     WHERE job.id = n.id`,
    [rowsOf(changed)],
  );
  return claims;
}

function startedRun(run: RunRecord['run'], fence: number, { worker, now }: Start): Claim['run'] {
  const { exitCode: _exitCode, signal: _signal, finishedAt: _finishedAt, ...rest } = run;
  return { ...rest, state: 'running', reason: '', attempt: run.attempt + 1, fence, worker, startedAt: now };
}
