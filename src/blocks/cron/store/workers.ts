/** Signs of life of workers, and what they are told in return. */
import type { HeartbeatAnswer } from '../ledger.js';
import { inIntegers, listOf, type Sql } from './sql.js';

interface HeldRow {
  readonly id: number;
  readonly cancel_how: 'terminate' | 'kill' | null;
  readonly cancel_reason: string | null;
}

/**
 * It waits for nobody, so that it may touch runs in any order: a run whose row another has locked at this moment is being ended
 * or cancelled, and its lease is prolonged by the next beat where it goes on.
 */
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
    `SELECT r.id, r.cancel_how, r.cancel_reason FROM run AS r
     WHERE r.id ${inIntegers(sql, '$1')} AND r.state = 'running' AND r.worker = $2`,
    [listOf(runs), worker],
  );
  await sql.run(
    `UPDATE run SET lease_until = $2, lease_ms = $3 WHERE id IN (
       SELECT r.id FROM run AS r WHERE r.id ${inIntegers(sql, '$1')} AND r.state = 'running' AND r.worker = $4
       ${sql.dialect.lockFree('r')}
     )`,
    [listOf(runs), now + leaseMs, leaseMs, worker],
  );
  const held = new Set(rows.map(({ id }) => id));
  return {
    cancel: rows.flatMap(({ id, cancel_how, cancel_reason }) =>
      cancel_how === null ? [] : [{ run: id, how: cancel_how, reason: cancel_reason ?? '' }],
    ),
    lost: runs.filter((run) => !held.has(run)),
  };
}
