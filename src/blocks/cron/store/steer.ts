/** What people ask of single jobs and runs: to rest, to go on, to run now, to end. */
import type { PauseOptions } from '../book.js';
import { cronErrors } from '../errors.js';
import type { Run } from '../run.js';
import { readPauseReason } from '../spec.js';
import { startFollowers } from './ending.js';
import { enqueue } from './enqueue.js';
import { requireJob } from './job-row.js';
import { lockJobsOfRuns } from './locks.js';
import { requireRun } from './run-row.js';
import { first, type Sql } from './sql.js';

/** Queued runs go on; slots that come are skipped. A job that is paused already gets the new reason and end. Error: `cron.bad_job`. */
export async function pause(sql: Sql, now: number, name: string, { reason, until }: PauseOptions): Promise<void> {
  const checked = readPauseReason(reason);
  await requireJob(sql, name);
  await sql.run(
    'UPDATE job SET paused = 1, pause_reason = $2, paused_until = $3, updated_at = $4, version = version + 1 WHERE name = $1',
    [name, checked ?? null, until ?? null, now],
  );
}

/** Where slots have come meanwhile that are not settled, the pause ends now for the ones to come, and holds for those. */
export async function resume(sql: Sql, now: number, name: string): Promise<void> {
  const job = await requireJob(sql, name, { lock: true });
  if (!job.pause.paused) return;
  const until = Math.min(now, job.pause.until ?? now);
  if (job.nextAt !== undefined && job.nextAt < until)
    await sql.run('UPDATE job SET paused_until = $2, updated_at = $3, version = version + 1 WHERE id = $1', [
      job.id,
      until,
      now,
    ]);
  else
    await sql.run(
      `UPDATE job SET paused = 0, pause_reason = NULL, paused_until = NULL, updated_at = $2, version = version + 1
       WHERE id = $1`,
      [job.id, now],
    );
}

/** By hand, whether the job is paused or not; the concurrency policy holds for it, too. */
export async function trigger(sql: Sql, now: number, name: string): Promise<Run> {
  const job = await requireJob(sql, name, { lock: true });
  if (job.external) throw runsElsewhere(name);
  await enqueue(sql, now, [{ job, trigger: 'manual', slot: now, dueAt: now, state: 'queued', reason: 'by hand' }]);
  const row = await first<{ id: number }>(sql, 'SELECT max(id) AS id FROM run WHERE job_id = $1', [job.id]);
  return (await requireRun(sql, row?.id ?? 0)).run;
}

const BY_HAND = 'cancelled by hand';

export async function cancel(sql: Sql, now: number, id: number): Promise<Run> {
  const jobs = await lockJobsOfRuns(sql, [id]);
  const record = await requireRun(sql, id);
  const { run, cancel } = record;
  if (run.state === 'queued') {
    await sql.run(`UPDATE run SET state = 'cancelled', reason = $2, finished_at = $3 WHERE id = $1`, [
      id,
      BY_HAND,
      now,
    ]);
    // It waited for a retry.
    if (run.attempt > 0) await startFollowers(sql, now, jobs, [{ record, state: 'cancelled', finishedAt: now }]);
  } else if (run.state === 'running' && cancel === undefined)
    await sql.run(`UPDATE run SET cancel_how = 'terminate', cancel_reason = $2 WHERE id = $1`, [id, BY_HAND]);
  return (await requireRun(sql, id)).run;
}

function runsElsewhere(name: string) {
  return cronErrors.error('cron.bad_job', `${name} is carried out by something else, which only tells of it`, {
    hint: `where it runs: ds cron exec ${name} -- COMMAND`,
    details: { job: name },
  });
}
