/**
 * A run by hand, seen to its end by the command that asked for it. Where a daemon lives it carries the run out; where none was heard
 * of lately this process does, as a worker that takes this run and no other:
 *
 *     queued ──┬─ a worker lives ───▶ waited for
 *              └─ none was heard of ▶ claimed here ─▶ running ─▶ ended, or queued for its retry
 *
 * What it would start besides, notices and what runs after it, stays for a daemon.
 */
import type { Claim, Ledger } from '../ledger.js';
import { isFinal, type Run } from '../run.js';
import {
  endLeftovers,
  factsOf,
  firstSequence,
  keepLease,
  liveIn,
  type RunnerContext,
  reap,
  startAttempt,
  workerName,
} from '../runner.js';

/** How long the run stays ours without a sign of life, milliseconds. */
const LEASE_MS = 15_000;
/** Somebody who wants to cancel it is heard of within so long, milliseconds. */
const BEAT_MS = 1_000;
/** A worker that was heard of within so long will carry the run out, milliseconds. */
const LIVE_MS = 30_000;
/** Between two looks at the run, and at who lives. Milliseconds. */
const LOOK_MS = 250;
const LIVE_LOOK_MS = 2_000;

export interface RunHereOptions {
  readonly ledger: Ledger;
  readonly runner: RunnerContext;
  /** Asks the run to end as cancelled. */
  readonly signal: AbortSignal;
  /** Told once the run is there. */
  readonly onQueued: (run: Run) => void;
  /** Told of what goes wrong around the run. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** Resolves with the run once it has ended, its retries included. Errors: those of the ledger. */
export async function runHere(job: string, options: RunHereOptions): Promise<Run> {
  const { ledger, runner, signal, onQueued } = options;
  const { clock, random } = runner;
  const worker = workerName(random, 'run');
  let served = await lookAround(ledger, worker);
  let lookAt = clock.monotonic() + LIVE_LOOK_MS;
  const { id } = await queue(ledger, job, onQueued);
  const cancel = () => void ledger.cancel(id).catch(() => {});
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for (;;) {
      const run = await ledger.run(id);
      if (isFinal(run)) return run;
      if (clock.monotonic() >= lookAt) {
        served = await lookAround(ledger, worker);
        lookAt = clock.monotonic() + LIVE_LOOK_MS;
      }
      const [claim] = served ? [] : await ledger.claim(worker, 1, LEASE_MS, id);
      if (claim === undefined) await clock.sleep(LOOK_MS);
      else await carryOut(claim, worker, options);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    await ledger.retire(worker);
  }
}

async function queue(ledger: Ledger, job: string, onQueued: RunHereOptions['onQueued']): Promise<Run> {
  const run = await ledger.trigger(job);
  onQueued(run);
  return run;
}

/** Whether somebody lives who takes runs. If not, what the dead have left is put out of the way. */
async function lookAround(ledger: Ledger, worker: string): Promise<boolean> {
  const { workers } = await ledger.status();
  if (workers.some(({ capacity, seenAt }) => capacity > 0 && ledger.now() - seenAt < LIVE_MS)) return true;
  await reap(ledger, worker);
  return false;
}

async function carryOut(claim: Claim, worker: string, options: RunHereOptions): Promise<void> {
  const { ledger, runner, signal, onTrouble } = options;
  const { run, spec, fence } = claim;
  const { clock } = runner;
  await endLeftovers({ clock, place: ledger.place, graceMs: spec.killAfterMs, isLive: liveIn(ledger) });
  const attempt = startAttempt(
    spec,
    {
      facts: factsOf(run),
      firstSequence: firstSequence(run.attempt),
      write: (part) => ledger.appendOutput([{ run: run.id, fence, ...part }]),
    },
    runner,
  );
  const interrupt = () => attempt.terminate('interrupted');
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  const over = new AbortController();
  const beating = keepLease(attempt, {
    ...{ ledger, worker, claim, clock, leaseMs: LEASE_MS, everyMs: BEAT_MS, over: over.signal, onTrouble },
  });
  const { outcome, outputBytes, outputError, leftBehind } = await attempt.done;
  over.abort();
  await beating;
  signal.removeEventListener('abort', interrupt);
  if (outputError !== undefined) onTrouble('the output was not kept', outputError);
  if (leftBehind.length > 0) onTrouble('processes did not end', new Error(`pid ${leftBehind.join(', ')}`));
  const [counted] = await ledger.finish([{ claim, outcome, finishedAt: ledger.now(), outputBytes }]);
  if (counted !== true) onTrouble('the run was not counted', new Error('its lease had been lost'));
}
