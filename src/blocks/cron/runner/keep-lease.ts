/** What a command that carries out a single run does while it goes on: it shows that it lives, and hears what is asked of the run. */
import type { Clock } from '../../../platform/clock.js';
import type { Claim, Ledger } from '../ledger.js';
import type { Attempt } from './attempt.js';

export interface LeaseKeeping {
  readonly ledger: Pick<Ledger, 'heartbeat'>;
  readonly worker: string;
  readonly claim: Claim;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Between two signs of life; a quarter of the lease unless told. Milliseconds. */
  readonly everyMs?: number;
  /** Ends it. */
  readonly over: AbortSignal;
  /** Told when the store could not be reached: what runs goes on. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** Never rejects. */
export async function keepLease(running: Pick<Attempt, 'terminate' | 'kill'>, keeping: LeaseKeeping): Promise<void> {
  const { ledger, worker, claim, clock, leaseMs, everyMs = leaseMs / 4, over, onTrouble } = keeping;
  const run = claim.run.id;
  for (;;) {
    await clock.sleep(everyMs, over).catch(() => {});
    if (over.aborted) return;
    try {
      // It takes no runs from the queue.
      const { cancel, lost } = await ledger.heartbeat(worker, 0, [run], leaseMs);
      const asked = cancel.find((one) => one.run === run);
      if (lost.includes(run)) running.kill('its lease was lost: another may run by now');
      else if (asked?.how === 'kill') running.kill(asked.reason);
      else if (asked !== undefined) running.terminate(asked.reason);
    } catch (error) {
      onTrouble('the lease was not renewed', error);
    }
  }
}
