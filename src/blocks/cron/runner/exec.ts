/**
 * A program that something else schedules, as a run of a job: with its lock, its timeout, its history.
 *
 *     job there? else made ─▶ begin ──overlapped──▶ nothing is run
 *                               └─▶ program starts ─▶ heartbeats … ─▶ program ends ─▶ finish
 *
 * When the store cannot be reached meanwhile the program goes on; when it tells that the lease was lost, another may run by
 * then, so it is killed. A wrapper that was killed leaves its program behind: the next one ends it.
 */
import { hostname } from 'node:os';
import { codeOf } from '../../../platform/errors.js';
import type { JobSpec } from '../job.js';
import type { Claim, Ledger } from '../ledger.js';
import type { Outcome, Run } from '../run.js';
import { type AttemptEnd, firstSequence, type RunnerContext } from './attempt.js';
import { type Environment, factVariables } from './environment.js';
import { endLeftovers, liveIn } from './leftovers.js';
import { MARK_VARIABLE, markOf } from './mark.js';
import { RunningProgram, type Sink } from './program.js';
import { Recorder } from './recorder.js';

const LEASE_MS = 60_000;
const HEARTBEAT_MS = 15_000;

export interface ExecRequest {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** All of it reaches the program. */
  readonly environment: Environment;
  /** Instead of the job's. Milliseconds, 0 is never. */
  readonly timeoutMs?: number;
  /** The job as it is made when there is none of this name. */
  readonly newJob: JobSpec;
  /** Gets what the program writes, too, as it is. */
  readonly tee: Sink;
  /** Told once how signals reach the program; until it runs they are kept. */
  readonly onSignals: (pass: (name: NodeJS.Signals) => void) => void;
  /** Told of what goes wrong around the program. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

export type ExecEnd =
  | { readonly kind: 'overlapped'; readonly run: Run }
  | {
      readonly kind: 'ended';
      readonly run: Run;
      readonly outcome: Outcome;
      /** Why the program could not be started. */
      readonly startError?: Error;
    };

/** Errors: those of the ledger before the start. Later ones are told to `onTrouble`. */
export async function execJob(
  ledger: Ledger,
  request: ExecRequest,
  context: Omit<RunnerContext, 'place' | 'version' | 'environment'>,
): Promise<ExecEnd> {
  const { clock, random } = context;
  const signals: NodeJS.Signals[] = [];
  let pass = (name: NodeJS.Signals): void => void signals.push(name);
  request.onSignals((name) => pass(name));

  await makeSure(ledger, request.newJob);
  const worker = `exec:${hostname()}:${process.pid}:${Buffer.from(random.bytes(4)).toString('hex')}`;
  const claim = await ledger.begin(request.name, 'exec', worker, LEASE_MS);
  if (!('run' in claim)) return { kind: 'overlapped', run: claim };
  await endLeftovers({ clock, place: ledger.place, graceMs: claim.spec.killAfterMs, isLive: liveIn(ledger) });

  const recorder = new Recorder(ioOf(ledger, claim), { mostBytes: claim.spec.outputBytes, secrets: [], clock });
  const sink: Sink = (stream, bytes) => {
    const waits = [recorder.add(stream, bytes), request.tee(stream, bytes)].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
  };
  const running = new RunningProgram(programOf(request, claim, ledger.place), sink, clock);
  pass = (name) => running.signal(name);
  for (const name of signals) pass(name);

  const over = new AbortController();
  const beating = keepLease(ledger, worker, claim, running, { clock, over: over.signal, onTrouble: request.onTrouble });
  const { outcome, startError } = await running.done;
  over.abort();
  await beating;
  const recorded = await recorder.end();
  await settle(ledger, worker, claim, outcome, recorded, request.onTrouble);
  return { kind: 'ended', run: claim.run, outcome, ...(startError === undefined ? {} : { startError }) };
}

async function makeSure(ledger: Ledger, newJob: JobSpec): Promise<void> {
  try {
    await ledger.get(newJob.name);
  } catch (error) {
    if (codeOf(error) !== 'cron.no_such_job') throw error;
    await ledger.put(newJob, { create: true }).catch((failure: unknown) => {
      // Somebody else made it meanwhile.
      if (codeOf(failure) !== 'cron.job_exists') throw failure;
    });
  }
}

function ioOf(ledger: Ledger, { run, fence }: Claim) {
  const { job, slot, trigger, attempt } = run;
  return {
    facts: { job, run: run.id, slot, trigger, attempt, fence },
    firstSequence: firstSequence(attempt),
    write: (part: Pick<Parameters<Ledger['appendOutput']>[0][number], 'chunks' | 'drop'>) =>
      ledger.appendOutput([{ run: run.id, fence, ...part }]),
  };
}

function programOf(request: ExecRequest, { run, spec, fence }: Claim, place: string) {
  const facts = { job: run.job, run: run.id, slot: run.slot, trigger: run.trigger, attempt: run.attempt, fence };
  const mark = markOf(place, facts);
  const outer = request.environment[MARK_VARIABLE];
  const marks = outer === undefined ? mark : `${outer},${mark}`;
  return {
    ...{ program: request.program, args: request.args, folder: request.folder, input: 'inherited' as const },
    ...{ mark, environment: { ...request.environment, ...factVariables(facts, marks) } },
    ...{ timeoutMs: request.timeoutMs ?? spec.timeoutMs, killAfterMs: spec.killAfterMs },
  };
}

interface LeaseKeeping extends Pick<RunnerContext, 'clock'>, Pick<ExecRequest, 'onTrouble'> {
  readonly over: AbortSignal;
}

/** Until it is over. */
async function keepLease(
  ledger: Ledger,
  worker: string,
  claim: Claim,
  running: RunningProgram,
  { clock, over, onTrouble }: LeaseKeeping,
): Promise<void> {
  const run = claim.run.id;
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, over).catch(() => {});
    if (over.aborted) return;
    try {
      const { cancel, lost } = await ledger.heartbeat(worker, 1, [run], LEASE_MS);
      const asked = cancel.find((one) => one.run === run);
      if (lost.includes(run)) running.kill('its lease was lost: another may run by now');
      else if (asked?.how === 'kill') running.kill(asked.reason);
      else if (asked !== undefined) running.terminate(asked.reason);
    } catch (error) {
      onTrouble('the lease was not renewed', error);
    }
  }
}

async function settle(
  ledger: Ledger,
  worker: string,
  claim: Claim,
  outcome: Outcome,
  { outputBytes, outputError }: Pick<AttemptEnd, 'outputBytes' | 'outputError'>,
  onTrouble: ExecRequest['onTrouble'],
): Promise<void> {
  if (outputError !== undefined) onTrouble('the output was not kept', outputError);
  try {
    const [counted] = await ledger.finish([{ claim, outcome, finishedAt: ledger.now(), outputBytes }]);
    if (counted !== true) onTrouble('the run was not counted', new Error('its lease had been lost'));
    await ledger.retire(worker);
  } catch (error) {
    onTrouble('the end of the run was not recorded', error);
  }
}
