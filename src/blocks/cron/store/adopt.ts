/**
 * Slots of external jobs that were run already. Whoever runs such a job looks at a clock of his own, and the start that he tells
 * may be here before the scheduler has settled the slot, or while no scheduler ran at all:
 *
 *     slot              02:00:00                          04:00:00
 *     told    01:59:58 ─────┘ exec, no slot yet   ──▶ becomes the run of 02:00:00
 */
import type { NewRun } from './enqueue.js';
import { inIntegers, listOf, rowsOf, type Sql } from './sql.js';

/** A start may come so much before its slot: other machines' clocks. */
const EARLY_MS = 60_000;

interface Told {
  readonly id: number;
  readonly job_id: number;
  readonly slot: number;
}

/** Gives such runs their slots, and returns the slots that are left. */
export async function adoptEarly(sql: Sql, slots: readonly NewRun[]): Promise<readonly NewRun[]> {
  const external = slots.filter(({ job, trigger }) => job.external && trigger === 'schedule');
  if (external.length === 0) return slots;
  const told = await readTold(sql, external);
  const adopted = new Map<NewRun, Told>();
  external.forEach((wish, index) => {
    const next = external[index + 1];
    // Up to the next slot of the job; the last one takes what is there.
    const until = next?.job.id === wish.job.id ? next.slot - EARLY_MS : Number.POSITIVE_INFINITY;
    const list = told.get(wish.job.id) ?? [];
    const found = list.find(({ slot }) => slot >= wish.slot - EARLY_MS && slot < until);
    if (found === undefined) return;
    list.splice(list.indexOf(found), 1);
    adopted.set(wish, found);
  });
  if (adopted.size === 0) return slots;
  await sql.run(
    `UPDATE run SET trigger = 'schedule', slot = n.slot, due_at = n.slot
     FROM ${sql.dialect.rows('$1', { id: 'integer', slot: 'integer' })} AS n WHERE run.id = n.id`,
    [rowsOf([...adopted].map(([wish, { id }]) => [id, wish.slot]))],
  );
  return slots.filter((wish) => !adopted.has(wish));
}

async function readTold(sql: Sql, slots: readonly NewRun[]): Promise<Map<number, Told[]>> {
  const from = slots.reduce((least, { slot }) => Math.min(least, slot), Number.POSITIVE_INFINITY) - EARLY_MS;
  const rows = await sql.all<Told>(
    `SELECT r.id, r.job_id, r.slot FROM run AS r
     WHERE r.job_id ${inIntegers(sql, '$1')} AND r.trigger IN ('exec', 'ping') AND r.slot >= $2 AND r.attempt > 0
     ORDER BY r.slot, r.id`,
    [listOf([...new Set(slots.map(({ job }) => job.id))]), from],
  );
  const byJob = new Map<number, Told[]>();
  for (const row of rows) {
    const list = byJob.get(row.job_id);
    if (list === undefined) byJob.set(row.job_id, [row]);
    else list.push(row);
  }
  return byJob;
}
