/**
 * New runs of jobs. What was decided to wait for its start passes the concurrency policy here, within the transaction that writes
 * it, one after the other: each counts for the next. The jobs must be locked.
 */
import { type Admission, admit, admitExternal, type Displacement, type Others } from '../rules/admit.js';
import type { Trigger } from '../run.js';
import type { JobRecord } from './job-row.js';
import { noticeLate } from './notices.js';
import { inIntegers, listOf, rowsOf, type Sql } from './sql.js';

export interface NewRun {
  readonly job: JobRecord;
  readonly trigger: Trigger;
  readonly slot: number;
  readonly dueAt: number;
  readonly state: 'queued' | 'skipped' | 'missed' | 'overlapped';
  readonly reason: string;
}

/** Of runs `r`: not past its start deadline. Who is counts for nobody any more, and is missed at the next look (watch.ts). */
const canStart = (now: string) => `(r.deadline_at IS NULL OR r.deadline_at >= ${now})`;

/** Rows in one statement: each takes some 150 bytes of JSON. */
const ROWS_AT_ONCE = 5_000;

/** Slots that are there already stay as they are. */
export async function enqueue(sql: Sql, now: number, wishes: readonly NewRun[]): Promise<void> {
  const rows = await admitAll(sql, now, wishes);
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    insertRuns(sql, now, rows.slice(from, from + ROWS_AT_ONCE));
}

/** Of one job, as its runs are admitted one after the other. */
interface Standing {
  others: Others;
  /** Where the new ones that wait stand in the list of rows. */
  waiting: number[];
  /** Those in the database have been displaced already. */
  displaced: boolean;
}

async function admitAll(sql: Sql, now: number, wishes: readonly NewRun[]): Promise<NewRun[]> {
  const concerned = new Set(wishes.filter(({ state }) => state === 'queued').map(({ job }) => job.id));
  const standings = await readStandings(sql, now, concerned);
  const rows: NewRun[] = [];
  for (const wish of wishes) {
    const standing = standings.get(wish.job.id);
    const admission = standing === undefined || wish.state !== 'queued' ? wish : admitTo(wish.job, standing.others);
    rows.push({ ...wish, state: admission.state, reason: 'reason' in admission ? admission.reason : wish.reason });
    if (standing === undefined || admission.state !== 'queued') continue;
    if ('displaces' in admission && admission.displaces !== undefined)
      displace(sql, now, wish, admission.displaces, standing, rows);
    standing.waiting.push(rows.length - 1);
    standing.others = { going: standing.others.going, waiting: standing.others.waiting + 1 };
  }
  return rows;
}

function admitTo(job: JobRecord, others: Others): Admission {
  return job.external ? admitExternal(others) : admit(job.spec.concurrency, others);
}

async function readStandings(sql: Sql, now: number, jobs: Iterable<number>): Promise<Map<number, Standing>> {
  const ids = [...jobs];
  const standings = new Map(
    ids.map((id) => [id, { others: { going: 0, waiting: 0 }, waiting: [], displaced: false } as Standing]),
  );
  if (ids.length === 0) return standings;
  const rows = await sql.all<{ job_id: number; open: number; waiting: number }>(
    `SELECT r.job_id, count(*) AS open, sum(CASE WHEN r.state = 'queued' AND r.attempt = 0 THEN 1 ELSE 0 END) AS waiting
     FROM run AS r WHERE r.finished_at IS NULL AND ${canStart('$2')} AND r.job_id ${inIntegers(sql, '$1')}
     GROUP BY r.job_id`,
    [listOf(ids), now],
  );
  for (const { job_id, open, waiting } of rows) {
    const standing = standings.get(job_id);
    if (standing !== undefined) standing.others = { going: open - waiting, waiting };
  }
  return standings;
}

function displace(sql: Sql, now: number, by: NewRun, how: Displacement, standing: Standing, rows: NewRun[]): void {
  const reason =
    how.waiting === 'missed' ? 'not heard of before the next slot' : `replaced by ${new Date(by.slot).toISOString()}`;
  if (!standing.displaced) displaceStored(sql, now, by.job.id, how, reason);
  standing.displaced = true;
  for (const index of standing.waiting.splice(0)) {
    const row = rows[index];
    if (row !== undefined) rows[index] = { ...row, state: how.waiting, reason };
  }
  standing.others = { going: standing.others.going, waiting: 0 };
}

function displaceStored(sql: Sql, now: number, job: number, { waiting, going }: Displacement, reason: string): void {
  if (waiting === 'missed') noticeLate(sql, now, `r.job_id = $2 AND r.state = 'queued' AND r.attempt = 0`, [job]);
  sql.later(
    `UPDATE run AS r SET state = $2, reason = $3, finished_at = $4
     WHERE r.job_id = $1 AND r.state = 'queued' AND r.attempt = 0 AND ${canStart('$4')}`,
    [job, waiting, reason, now],
  );
  if (going === undefined) return;
  sql.later(
    `UPDATE run SET state = 'cancelled', reason = $2, finished_at = $3
     WHERE job_id = $1 AND state = 'queued' AND attempt > 0`,
    [job, reason, now],
  );
  sql.later(
    `UPDATE run SET cancel_how = $2, cancel_reason = $3
     WHERE job_id = $1 AND state = 'running' AND (cancel_how IS NULL OR cancel_how <> 'kill')`,
    [job, going, reason],
  );
}

function insertRuns(sql: Sql, now: number, rows: readonly NewRun[]): void {
  const list = sql.dialect.rows('$1', {
    job_id: 'integer',
    trigger: 'text',
    slot: 'integer',
    due_at: 'integer',
    state: 'text',
    reason: 'text',
    finished_at: 'integer',
    deadline_at: 'integer',
    late_at: 'integer',
  });
  sql.later(
    `INSERT INTO run (job_id, trigger, slot, due_at, state, reason, finished_at, deadline_at, late_at, attempt, fence, output_bytes)
     SELECT n.job_id, n.trigger, n.slot, n.due_at, n.state, n.reason, n.finished_at, n.deadline_at, n.late_at, 0, 0, 0
     FROM ${list} AS n WHERE true ON CONFLICT DO NOTHING`,
    [rowsOf(rows.map((row) => rowOf(row, now)))],
  );
}

function rowOf({ job, trigger, slot, dueAt, state, reason }: NewRun, now: number): (string | number | null)[] {
  const { startDeadlineMs, lateAfterMs, notifications } = job.spec;
  const waits = state === 'queued';
  const hasSlot = trigger === 'schedule' || trigger === 'boot';
  return [
    job.id,
    trigger,
    slot,
    dueAt,
    state,
    reason,
    waits ? null : now,
    waits && hasSlot && startDeadlineMs > 0 ? dueAt + startDeadlineMs : null,
    waits && hasSlot && notifications.on.includes('late') ? slot + lateAfterMs : null,
  ];
}
