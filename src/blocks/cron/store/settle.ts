/** Slots that have come: which jobs have any, and what was decided about them, written down. */
import type { DueJob, Leadership, Settlement, SlotDecision } from '../ledger.js';
import { adoptEarly } from './adopt.js';
import { enqueue, type NewRun } from './enqueue.js';
import { dueJobOf, type JobRecord, readJobs } from './job-row.js';
import { leads } from './leadership.js';
import { lockJobs } from './locks.js';
import { first, rowsOf, type Sql } from './sql.js';

/** The longest due first. */
export async function dueJobs(sql: Sql, now: number, most: number): Promise<readonly DueJob[]> {
  const jobs = await readJobs(sql, 'WHERE j.next_at <= $1 ORDER BY j.next_at, j.id LIMIT $2', [now, most]);
  return jobs.map((job) => dueJobOf(job, job.nextAt ?? now));
}

export async function jobsAtBoot(sql: Sql, now: number): Promise<readonly DueJob[]> {
  const jobs = await readJobs(sql, 'WHERE j.at_boot = 1 ORDER BY j.name');
  return jobs.map((job) => dueJobOf(job, now));
}

/** When there is something to do: the next slot; the time of a queued run that may not start yet; a notice. */
export async function nextInstant(sql: Sql, now: number): Promise<number | undefined> {
  const row = await first<{ slot: number | null; run: number | null }>(
    sql,
    `SELECT (SELECT min(j.next_at) FROM job AS j WHERE j.next_at IS NOT NULL) AS slot,
       (SELECT min(r.due_at) FROM run AS r WHERE r.state = 'queued' AND r.due_at > $1) AS run`,
    [now],
  );
  const instants = [row?.slot, row?.run].filter((instant) => typeof instant === 'number');
  return instants.length === 0 ? undefined : Math.min(...instants);
}

/** False when the leadership is another's by now; nothing was written then. */
export async function settle(
  sql: Sql,
  now: number,
  leadership: Leadership,
  settlements: readonly Settlement[],
): Promise<boolean> {
  const ids = settlements.map(({ job }) => job.id);
  const [isOwn, jobs] = await Promise.all([leads(sql, leadership), lockJobs(sql, ids)]);
  if (!isOwn) return false;
  const valid = settlements.filter((settlement) => isPresent(settlement, jobs.get(settlement.job.id)));
  const decided = valid.flatMap((settlement) => {
    const job = jobs.get(settlement.job.id);
    return job === undefined ? [] : newSlots(settlement, job).map((slot) => runOf(job, settlement.trigger, slot));
  });
  await enqueue(sql, now, await adoptEarly(sql, decided));
  moveOn(sql, valid);
  return true;
}

/** The job is still there, and as it was when this was decided. */
function isPresent(settlement: Settlement, job: JobRecord | undefined): boolean {
  return job !== undefined && job.version === settlement.job.version;
}

/** What an earlier settlement has not accounted for. Boots have no order with slots: their constraint keeps them apart. */
function newSlots({ trigger, slots }: Settlement, job: JobRecord): readonly SlotDecision[] {
  return trigger === 'boot' ? slots : slots.filter(({ slot }) => slot > job.accountedUntil);
}

function runOf(job: JobRecord, trigger: Settlement['trigger'], { slot, dueAt, state, reason }: SlotDecision): NewRun {
  return { job, trigger, slot, dueAt, state, reason };
}

/** A settlement that comes late moves nothing back. A pause that is over with these slots is taken away. */
function moveOn(sql: Sql, settlements: readonly Settlement[]): void {
  const list = sql.dialect.rows('$1', { id: 'integer', accounted_until: 'integer', next_at: 'integer' });
  const scheduled = settlements.filter(({ trigger }) => trigger === 'schedule');
  if (scheduled.length === 0) return;
  const rows = rowsOf(scheduled.map(({ job, accountedUntil, nextAt }) => [job.id, accountedUntil, nextAt ?? null]));
  sql.later(
    `UPDATE job SET accounted_until = n.accounted_until, next_at = n.next_at
     FROM ${list} AS n WHERE job.id = n.id AND job.accounted_until <= n.accounted_until`,
    [rows],
  );
  sql.later(
    `UPDATE job SET paused = 0, pause_reason = NULL, paused_until = NULL
     FROM ${list} AS n WHERE job.id = n.id AND job.paused = 1 AND job.paused_until <= job.accounted_until`,
    [rows],
  );
}
