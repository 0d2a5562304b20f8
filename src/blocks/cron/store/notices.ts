/** Notices: what somebody wants to be told of, until it is delivered or given up. */
import type { NotificationEvent } from '../job.js';
import type { Notice } from '../ledger.js';
import { readJobs } from './job-row.js';
import { readRuns } from './run-row.js';
import { inIntegers, listOf, rowsOf, type Sql, type SqlValue } from './sql.js';

export interface NewNotice {
  readonly run: number;
  readonly event: NotificationEvent;
}

/** Each event once for a run. */
export function makeNotices(sql: Sql, now: number, notices: readonly NewNotice[]): void {
  if (notices.length === 0) return;
  sql.later(
    `INSERT INTO notice (run_id, event, due_at, tries)
     SELECT n.run_id, n.event, CAST($2 AS BIGINT), 0 FROM ${sql.dialect.rows('$1', { run_id: 'integer', event: 'text' })} AS n
     WHERE true ON CONFLICT DO NOTHING`,
    [rowsOf(notices.map(({ run, event }) => [run, event])), now],
  );
}

/** For runs `r` that somebody wants to hear of when they are late, and of which that was not told. Parameters from $2 on. */
export function noticeLate(sql: Sql, now: number, condition: string, parameters: readonly SqlValue[]): void {
  sql.later(
    `INSERT INTO notice (run_id, event, due_at, tries)
     SELECT r.id, 'late', CAST($1 AS BIGINT), 0 FROM run AS r WHERE r.late_at IS NOT NULL AND ${condition} ON CONFLICT DO NOTHING`,
    [now, ...parameters],
  );
}

/** They come again after `leaseMs` unless they are settled. */
export async function takeNotices(sql: Sql, now: number, most: number, leaseMs: number): Promise<readonly Notice[]> {
  const taken = await sql.all<{ id: number; run_id: number; event: NotificationEvent; tries: number }>(
    `SELECT n.id, n.run_id, n.event, n.tries FROM notice AS n WHERE n.due_at <= $1 ORDER BY n.due_at, n.id LIMIT $2
     ${sql.dialect.lockFree('n')}`,
    [now, most],
  );
  if (taken.length === 0) return [];
  await sql.run(`UPDATE notice SET due_at = $2, tries = tries + 1 WHERE id ${inIntegers(sql, '$1')}`, [
    listOf(taken.map(({ id }) => id)),
    now + leaseMs,
  ]);
  const runs = await readRuns(sql, `WHERE r.id ${inIntegers(sql, '$1')}`, [listOf(taken.map(({ run_id }) => run_id))]);
  const jobs = await readJobs(sql, `WHERE j.id ${inIntegers(sql, '$1')}`, [listOf(runs.map(({ jobId }) => jobId))]);
  const runById = new Map(runs.map((record) => [record.run.id, record]));
  const specById = new Map(jobs.map(({ id, spec }) => [id, spec]));
  return taken.flatMap(({ id, run_id, event, tries }) => {
    const record = runById.get(run_id);
    const spec = record && specById.get(record.jobId);
    return record === undefined || spec === undefined ? [] : [{ id, event, spec, run: record.run, tries }];
  });
}

/** Delivered or given up; or to be tried again at an instant. */
export async function settleNotice(sql: Sql, id: number, retryAt: number | undefined): Promise<void> {
  if (retryAt === undefined) await sql.run('DELETE FROM notice WHERE id = $1', [id]);
  else await sql.run('UPDATE notice SET due_at = $2 WHERE id = $1', [id, retryAt]);
}
