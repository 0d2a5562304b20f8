/** The lease of the scheduler that leads, and its fence. */
import type { Leadership } from '../ledger.js';
import { first, type Sql } from './sql.js';

interface LeaseRow {
  readonly worker: string;
  readonly fence: number;
  readonly until: number;
  readonly lease_ms: number;
}

const SCHEDULER = 'scheduler';

/** Takes or renews the lease; undefined while another holds it. */
export async function lead(sql: Sql, now: number, worker: string, leaseMs: number): Promise<Leadership | undefined> {
  const lease = await readLease(sql);
  if (lease === undefined) return undefined;
  const own = lease.worker === worker;
  // A clock that was stepped back must not prolong it: it holds for its length from now at most.
  const until = Math.min(lease.until, now + lease.lease_ms);
  if (!own && until > now) {
    if (until < lease.until) await sql.run('UPDATE lease SET until = $2 WHERE name = $1', [SCHEDULER, until]);
    return undefined;
  }
  // Its own lease that has run out is renewed all the same: nobody else has taken it.
  const fence = own ? lease.fence : lease.fence + 1;
  const taken = { worker, fence, until: now + leaseMs };
  await sql.run('UPDATE lease SET worker = $2, fence = $3, until = $4, lease_ms = $5 WHERE name = $1', [
    SCHEDULER,
    worker,
    fence,
    taken.until,
    leaseMs,
  ]);
  return taken;
}

/** The next one need not wait. Nothing when the lease is another's by now. */
export async function resign(sql: Sql, leadership: Leadership): Promise<void> {
  await sql.run(`UPDATE lease SET worker = '', until = 0 WHERE name = $1 AND worker = $2 AND fence = $3`, [
    SCHEDULER,
    leadership.worker,
    leadership.fence,
  ]);
}

/** Whether it is still the one that leads. It stays so until the transaction ends: nobody can take the lease before. */
export async function leads(sql: Sql, leadership: Leadership): Promise<boolean> {
  const lease = await readLease(sql);
  return lease?.worker === leadership.worker && lease.fence === leadership.fence;
}

export async function presentLeader(sql: Sql, now: number): Promise<Leadership | undefined> {
  const lease = await first<Omit<LeaseRow, 'lease_ms'>>(sql, 'SELECT worker, fence, until FROM lease WHERE name = $1', [
    SCHEDULER,
  ]);
  if (lease === undefined || lease.worker === '' || lease.until <= now) return undefined;
  return { worker: lease.worker, fence: lease.fence, until: lease.until };
}

function readLease(sql: Sql): Promise<LeaseRow | undefined> {
  const text = `SELECT l.worker, l.fence, l.until, l.lease_ms FROM lease AS l WHERE l.name = $1 ${sql.dialect.lock('l')}`;
  return first<LeaseRow>(sql, text, [SCHEDULER]);
}
