/**
 * Who waits for whom on PostgreSQL, where transactions run beside each other. Always in this order, so that nobody waits in a
 * circle (where somebody does all the same, PostgreSQL ends one of them, and it is run again):
 *
 *     lease `scheduler`, `book`  ─▶  rows of job, by id   ─▶  lease `mutexes`  ─▶  rows of run
 *     the leader, edits of jobs      whoever changes runs     whoever takes       of the jobs that are locked
 *                                                             mutexes
 *
 * Who changes rows of run without their jobs (heartbeats, the marks of notices) leaves out those that are locked.
 *
 * What is read after a lock sees what its last holder wrote: each statement has a snapshot of its own (READ COMMITTED).
 */
import { type JobRecord, readJobs } from './job-row.js';
import { inIntegers, listOf, type Sql } from './sql.js';

/** By id. Jobs that have gone are left out. */
export async function lockJobs(sql: Sql, ids: Iterable<number>): Promise<ReadonlyMap<number, JobRecord>> {
  const text = `WHERE j.id ${inIntegers(sql, '$1')} ORDER BY j.id ${sql.dialect.lock('j')}`;
  return byId(await readJobs(sql, text, [listOf([...ids])]));
}

/** The jobs of these runs, and those that run after them. */
export async function lockJobsOfRuns(sql: Sql, runs: readonly number[]): Promise<ReadonlyMap<number, JobRecord>> {
  const list = inIntegers(sql, '$1');
  const text = `WHERE j.id IN (
      SELECT r.job_id FROM run AS r WHERE r.id ${list}
      UNION
      SELECT f.id FROM run AS r JOIN job AS p ON p.id = r.job_id JOIN job AS f ON f.after_job = p.name WHERE r.id ${list}
    ) ORDER BY j.id ${sql.dialect.lock('j')}`;
  return byId(await readJobs(sql, text, [listOf(runs)]));
}

/** Edits of jobs one after the other: what a job runs after is a matter of several rows. */
export async function lockBook(sql: Sql): Promise<void> {
  await lockLease(sql, 'book');
}

export async function lockMutexes(sql: Sql): Promise<void> {
  await lockLease(sql, 'mutexes');
}

async function lockLease(sql: Sql, name: string): Promise<void> {
  await sql.all(`SELECT l.name FROM lease AS l WHERE l.name = $1 ${sql.dialect.lock('l')}`, [name]);
}

const byId = (jobs: readonly JobRecord[]) => new Map(jobs.map((job) => [job.id, job]));
