/** Signs of life of workers, and what they are told in return. */
import type { HeartbeatAnswer } from '../ledger.js';
import { inIntegers, listOf, type Sql } from './sql.js';

interface HeldRow {
  readonly id: number;
  readonly state: string;
  readonly worker: string | null;
  readonly cancel_how: 'terminate' | 'kill' | null;
  readonly cancel_reason: string | null;
}

export async function heartbeat(
  sql: Sql,
  now: number,
  beat: {
    readonly worker: string;
    readonly capacity: number;
    readonly runs: readonly number[];
    readonly leaseMs: number;
  },
): Promise<HeartbeatAnswer> {
  const { worker, capacity, runs, leaseMs } = beat;
  await sql.run(
    `INSERT INTO worker (name, capacity, seen_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET capacity = excluded.capacity, seen_at = excluded.seen_at`,
    [worker, capacity, now],
  );
  if (runs.length === 0) return { cancel: [], lost: [] };
  const rows = await sql.all<HeldRow>(
    `SELECT r.id, r.state, r.worker, r.cancel_how, r.cancel_reason FROM run AS r WHERE r.id ${inIntegers(sql, '$1')}
     ORDER BY r.id ${sql.dialect.lock('r')}`,
    [listOf(runs)],
  );
  const held = rows.filter((row) => row.state === 'running' && row.worker === worker);
  const ids = new Set(held.map(({ id }) => id));
  await sql.run(`UPDATE run SET lease_until = $2, lease_ms = $3 WHERE id ${inIntegers(sql, '$1')}`, [
    listOf([...ids]),
    now + leaseMs,
    leaseMs,
  ]);
  return {
    cancel: held.flatMap(({ id, cancel_how, cancel_reason }) =>
      cancel_how === null ? [] : [{ run: id, how: cancel_how, reason: cancel_reason ?? '' }],
    ),
    lost: runs.filter((run) => !ids.has(run)),
  };
}
