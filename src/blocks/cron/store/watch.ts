/** The duties of the scheduler that leads, besides slots: lost runs, deadlines, what is late or takes long, old history. */
import type { Leadership } from '../ledger.js';
import { leads } from './leadership.js';
import { endExpired, renewLeases, shortenLeases } from './lost.js';
import { noticeLate } from './notices.js';
import { inIntegers, listOf, type Sql } from './sql.js';

/** Workers that were not heard of for so long are forgotten. */
const WORKER_KEPT_MS = 24 * 3_600_000;
const AT_ONCE = 1_000;

export interface Watch {
  readonly now: number;
  /** The clock was stepped since the last watch. */
  readonly stepped: boolean;
}

/** Returns how many runs changed. */
export async function watchOver(sql: Sql, { now, stepped }: Watch, leadership: Leadership): Promise<number> {
  if (!(await leads(sql, leadership))) return 0;
  if (stepped) await renewLeases(sql, now);
  else await shortenLeases(sql, now);
  const lost = await endExpired(sql, now);
  const missed = await missDeadlines(sql, now, await passedDeadlines(sql, now));
  await noticeDelays(sql, now);
  await sql.run('DELETE FROM worker WHERE seen_at < $1', [now - WORKER_KEPT_MS]);
  return lost + missed;
}

/** Queued runs whose start deadline has passed; their jobs are locked. Those of jobs that others have locked are left for the next time. */
export async function passedDeadlines(sql: Sql, now: number): Promise<readonly number[]> {
  const found = await sql.all<{ id: number }>(
    `SELECT r.id FROM run AS r JOIN job AS j ON j.id = r.job_id WHERE r.state = 'queued' AND r.deadline_at < $1
     ORDER BY r.id LIMIT ${AT_ONCE} ${sql.dialect.lockFree('j')}`,
    [now],
  );
  return found.map(({ id }) => id);
}

/** Returns how many became `missed`. */
export async function missDeadlines(sql: Sql, now: number, runs: readonly number[]): Promise<number> {
  if (runs.length === 0) return 0;
  const ids = listOf(runs);
  noticeLate(sql, now, `r.state = 'queued' AND r.deadline_at < $1 AND r.id ${inIntegers(sql, '$2')}`, [ids]);
  return sql.run(
    `UPDATE run SET state = 'missed', reason = 'could not start before its deadline', finished_at = $1
     WHERE state = 'queued' AND deadline_at < $1 AND id ${inIntegers(sql, '$2')}`,
    [now, ids],
  );
}

/** Told once: the mark is taken away with the notice. */
async function noticeDelays(sql: Sql, now: number): Promise<void> {
  noticeLate(sql, now, `r.state = 'queued' AND r.late_at <= $1`, []);
  await unmark(sql, now, 'late_at', 'queued');
  await sql.run(
    `INSERT INTO notice (run_id, event, due_at, tries)
     SELECT r.id, 'overrun', CAST($1 AS BIGINT), 0 FROM run AS r WHERE r.state = 'running' AND r.overrun_at <= $1
     ON CONFLICT DO NOTHING`,
    [now],
  );
  await unmark(sql, now, 'overrun_at', 'running');
}

/** Rows that others have locked keep their mark; a notice that is there already is not made again. */
async function unmark(sql: Sql, now: number, mark: 'late_at' | 'overrun_at', state: 'queued' | 'running') {
  await sql.run(
    `UPDATE run SET ${mark} = NULL WHERE id IN (
       SELECT r.id FROM run AS r WHERE r.state = '${state}' AND r.${mark} <= $1 ${sql.dialect.lockFree('r')}
     )`,
    [now],
  );
}

/** Forgets runs that ended before, the oldest first; the newest of each job stays. */
export async function prune(sql: Sql, leadership: Leadership, endedBefore: number, most: number): Promise<number> {
  if (!(await leads(sql, leadership))) return 0;
  return sql.run(
    `DELETE FROM run WHERE id IN (
       SELECT r.id FROM run AS r WHERE r.finished_at < $1 AND EXISTS (
         SELECT 1 FROM run AS n WHERE n.job_id = r.job_id AND n.finished_at IS NOT NULL AND n.id > r.id
       ) ORDER BY r.finished_at LIMIT $2
     )`,
    [endedBefore, most],
  );
}
