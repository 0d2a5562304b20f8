/**
 * Carries one queued run out in this process, where no daemon is there to do it: as a worker with one place that takes this run and no
 * other. While another run of the job goes on, or a mutex is held, it waits.
 */
import type { Claim, Ledger } from '../ledger.js';
import type { Run } from '../run.js';
import { firstSequence, type RunnerContext, startAttempt } from '../runner.js';

/** How long the run stays ours without a sign of life, milliseconds. */
const LEASE_MS = 15_000;
const LOOK_MS = 250;

export interface RunHereOptions {
  readonly ledger: Ledger;
  /** Unique among all that share the store. */
  readonly worker: string;
  readonly runner: RunnerContext;
  /** Asks the attempt to end; the run is cancelled then. */
  readonly signal: AbortSignal;
}

/** Resolves with the run once it has ended, its retries included. */
export async function runHere(id: number, options: RunHereOptions): Promise<Run> {
  const { ledger, worker, runner, signal } = options;
  const cancel = () => void ledger.cancel(id).catch(() => {});
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const run = await ledger.run(id);
      if (run.state !== 'queued' && run.state !== 'running') return run;
      const [claim] = await ledger.claim(worker, 1, LEASE_MS, id);
      if (claim === undefined) await runner.clock.sleep(LOOK_MS);
      else await carryOut(claim, options);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    await ledger.retire(worker);
  }
}

async function carryOut(claim: Claim, { ledger, worker, runner, signal }: RunHereOptions): Promise<void> {
  const { run, spec, fence } = claim;
  const facts = { job: spec.name, run: run.id, slot: run.slot, trigger: run.trigger, attempt: run.attempt, fence };
  const attempt = startAttempt(
    spec,
    {
      facts,
      firstSequence: firstSequence(run.attempt),
      write: ({ chunks, drop }) =>
        ledger.appendOutput([{ run: run.id, fence, chunks, ...(drop === undefined ? {} : { drop }) }]),
    },
    runner,
  );
  const interrupt = () => attempt.terminate('interrupted');
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  const over = new AbortController();
  const beating = beat(claim, attempt, { ledger, worker, runner, over: over.signal });
  const { outcome, outputBytes } = await attempt.done;
  over.abort();
  await beating;
  signal.removeEventListener('abort', interrupt);
  await ledger.finish([{ claim, outcome, finishedAt: ledger.now(), outputBytes }]);
}

interface Beating extends Pick<RunHereOptions, 'ledger' | 'worker' | 'runner'> {
  readonly over: AbortSignal;
}

async function beat(
  { run }: Claim,
  attempt: ReturnType<typeof startAttempt>,
  { ledger, worker, runner, over }: Beating,
) {
  while (!over.aborted) {
    const { cancel, lost } = await ledger.heartbeat(worker, 1, [run.id], LEASE_MS);
    for (const { how, reason } of cancel) attempt[how](reason);
    if (lost.length > 0) attempt.kill('its lease had run out');
    await runner.clock.sleep(LOOK_MS * 4, over).catch(() => {});
  }
}
