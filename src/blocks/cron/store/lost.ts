/**
 * Runs whose worker is gone: its lease has ended, or it says so itself. Nobody knows how far they came.
 *
 *     at-most-once     running ──▶ fenced
 *     at-least-once    running ──▶ queued, due now; after so many starts: fenced; when somebody had asked for its end: cancelled
 *     external         running ──▶ fenced: it cannot be started from here
 */
import { type AttemptResult, endAttempts, type Jobs } from './ending.js';
import { lockJobsOfRuns } from './locks.js';
import { type RunRecord, readRuns } from './run-row.js';
import { inIntegers, listOf, type Sql } from './sql.js';

/** Starts of an at-least-once run: something that takes its worker along each time must end some day. */
const MOST_STARTS = 100;
/** Runs of one round. */
const AT_ONCE = 1_000;

/** Those whose lease has ended. Returns how many. */
export function endExpired(sql: Sql, now: number): Promise<number> {
  return endLost(sql, now, 'r.lease_until <= $1', [now]);
}

/** Those of a worker that has ended. */
export async function retire(sql: Sql, now: number, worker: string): Promise<void> {
  await sql.run('DELETE FROM worker WHERE name = $1', [worker]);
  while ((await endLost(sql, now, 'r.worker = $1', [worker])) > 0);
}

/** `condition`: on running runs `r`. */
async function endLost(sql: Sql, now: number, condition: string, parameters: readonly (string | number)[]) {
  const found = await sql.all<{ id: number }>(
    `SELECT r.id FROM run AS r WHERE r.state = 'running' AND ${condition} ORDER BY r.id LIMIT ${AT_ONCE}`,
    parameters,
  );
  if (found.length === 0) return 0;
  const ids = found.map(({ id }) => id);
  const list = inIntegers(sql, `$${parameters.length + 1}`);
  const stillSo = `WHERE r.state = 'running' AND ${condition} AND r.id ${list} ORDER BY r.id ${sql.dialect.lock('r')}`;
  const [jobs, records] = await Promise.all([
    lockJobsOfRuns(sql, ids),
    readRuns(sql, stillSo, [...parameters, listOf(ids)]),
  ]);
  await endAttempts(
    sql,
    now,
    jobs,
    records.map((record) => lostResult(record, jobs, now)),
  );
  return records.length;
}

function lostResult(record: RunRecord, jobs: Jobs, now: number): AttemptResult {
  const { run, cancel } = record;
  const lost = `nothing was heard of worker ${run.worker} any more`;
  const shared = { record, outcome: 'fenced', outcomeReason: lost, finishedAt: now, outputBytes: 0 } as const;
  const job = jobs.get(record.jobId);
  if (job === undefined || job.external || job.spec.delivery === 'at-most-once')
    return { ...shared, state: 'fenced', reason: lost };
  if (cancel !== undefined) return { ...shared, state: 'cancelled', reason: `${cancel.reason}; ${lost}` };
  if (run.attempt >= MOST_STARTS) return { ...shared, state: 'fenced', reason: `${lost}, after ${run.attempt} starts` };
  return { ...shared, state: 'queued', reason: `again: ${lost}`, dueAt: now };
}

/** Leases begin anew: the clock was stepped, or the machine slept, and nobody had a chance to prolong his. */
export async function renewLeases(sql: Sql, now: number): Promise<void> {
  await sql.run(`UPDATE run SET lease_until = $1 + lease_ms WHERE state = 'running'`, [now]);
  await sql.run(`UPDATE worker SET seen_at = $1`, [now]);
}

/** No lease ends later than its length from now: it would if the clock was stepped back since. */
export async function shortenLeases(sql: Sql, now: number): Promise<void> {
  await sql.run(`UPDATE run SET lease_until = $1 + lease_ms WHERE state = 'running' AND lease_until > $1 + lease_ms`, [
    now,
  ]);
}
