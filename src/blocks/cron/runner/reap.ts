/** What a leader does first, for who needs it at once. */
import type { Ledger } from '../ledger.js';

/** The lease, should we be killed meanwhile. Milliseconds. */
const LEAD_MS = 5_000;

/** Runs whose lease has ended are in the way until somebody who leads has seen it. Where no daemon runs, we do. */
export async function reap(ledger: Ledger, worker: string): Promise<void> {
  const leadership = await ledger.lead(worker, LEAD_MS);
  if (leadership === undefined) return;
  await ledger.watchOver(leadership);
  await ledger.resign(leadership);
}
