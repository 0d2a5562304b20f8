/**
 * A program that something else schedules, as a run of a job: with its lock, its timeout, its history.
 *
 *     job there? else made ─▶ what has died is reaped ─▶ begin ──overlapped──▶ nothing is run
 *                                                          └─▶ program starts ─▶ heartbeats … ─▶ program ends ─▶ finish
 *
 * When the store cannot be reached meanwhile the program goes on; when it tells that the lease was lost, another may run by
 * then, so it is killed. A wrapper that was killed leaves its program behind: the next one ends it.
 */
import { codeOf } from '../../../platform/errors.js';
import type { Environment } from '../../../platform/paths.js';
import type { Job } from '../book.js';
import type { JobSpec } from '../job.js';
import type { Claim, Ledger } from '../ledger.js';
import type { Outcome, OutputChunk, Run } from '../run.js';
import { type AttemptEnd, factsOf, firstSequence, type RunnerContext } from './attempt.js';
import { factVariables } from './environment.js';
import { keepLease } from './keep-lease.js';
import { endLeftovers, liveIn } from './leftovers.js';
import { MARK_VARIABLE, markOf } from './mark.js';
import { OutputRecorder } from './output-recorder.js';
import { RunningProgram, type Sink } from './program.js';
import { reap } from './reap.js';
import { workerName } from './worker-name.js';

/** So long a job is locked after its wrapper was killed, milliseconds. */
const LEASE_MS = 60_000;

export interface ExecRequest {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** All of it reaches the program. */
  readonly environment: Environment;
  /** Instead of the job's. Milliseconds, 0 is never. */
  readonly timeoutMs?: number;
  /** How long the run stays ours without a sign of life; a minute unless told. Milliseconds. */
  readonly leaseMs?: number;
  /** The job as it is made when there is none of this name. */
  readonly newJob: JobSpec;
  /** Those that the job has from now on; absent: as they are. Only of a job that something else runs. */
  readonly mutexes?: readonly string[];
  /** Gets what the program writes, too, as it is; false when nobody reads any more: the program is then told (SIGPIPE). */
  readonly tee: (stream: OutputChunk['stream'], bytes: Uint8Array) => Promise<boolean>;
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
      readonly timedOut: boolean;
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
  const { leaseMs = LEASE_MS, onTrouble } = request;
  const signals: NodeJS.Signals[] = [];
  let pass = (name: NodeJS.Signals): void => void signals.push(name);
  request.onSignals((name) => pass(name));

  const job = await makeSure(ledger, request);
  const worker = workerName(random, 'exec');
  if (job.running > 0 || job.spec.mutexes.length > 0) await reap(ledger, worker);
  const begun = await ledger.begin(request.name, 'exec', worker, leaseMs);
  if (begun.kind === 'overlapped') return begun;
  const { claim } = begun;
  await endLeftovers({ clock, place: ledger.place, graceMs: claim.spec.killAfterMs, isLive: liveIn(ledger) });

  const recorder = new OutputRecorder(ioOf(ledger, claim), { mostBytes: claim.spec.outputBytes, secrets: [], clock });
  let passedOn: Promise<void> = Promise.resolve();
  const passOn: Sink = async (stream, bytes) => {
    if (!(await request.tee(stream, bytes))) running.closeOutput(stream);
  };
  const sink: Sink = (stream, bytes) => {
    passedOn = Promise.all([recorder.add(stream, bytes), passOn(stream, bytes)]).then(() => {});
    return passedOn;
  };
  const running = new RunningProgram(programOf(request, claim, ledger.place), sink, clock);
  pass = (name) => running.signal(name);
  for (const name of signals) pass(name);

  const over = new AbortController();
  const beating = keepLease(running, { ledger, worker, claim, clock, leaseMs, over: over.signal, onTrouble });
  const { outcome, timedOut, startError } = await running.done;
  over.abort();
  await beating;
  const recorded = await recorder.end();
  await settle(ledger, worker, claim, outcome, recorded, onTrouble);
  await passedOn;
  return { kind: 'ended', run: claim.run, outcome, timedOut, ...(startError === undefined ? {} : { startError }) };
}

async function makeSure(ledger: Ledger, { newJob, mutexes }: ExecRequest): Promise<Job> {
  const job = await ledger.get(newJob.name).catch((error: unknown) => {
    if (codeOf(error) === 'cron.no_such_job') return undefined;
    throw error;
  });
  if (job === undefined) return make(ledger, newJob);
  const { spec } = job;
  if (mutexes === undefined || spec.action.kind !== 'external' || haveSame(mutexes, spec.mutexes)) return job;
  return ledger.put({ ...spec, mutexes });
}

async function make(ledger: Ledger, newJob: JobSpec): Promise<Job> {
  try {
    return await ledger.put(newJob, { create: true });
  } catch (error) {
    // Somebody else made it meanwhile.
    if (codeOf(error) === 'cron.job_exists') return ledger.get(newJob.name);
    throw error;
  }
}

function haveSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}

function ioOf(ledger: Ledger, { run, fence }: Claim) {
  return {
    facts: factsOf(run),
    firstSequence: firstSequence(run.attempt),
    write: (part: Pick<Parameters<Ledger['appendOutput']>[0][number], 'chunks' | 'drop'>) =>
      ledger.appendOutput([{ run: run.id, fence, ...part }]),
  };
}

function programOf(request: ExecRequest, { run, spec }: Claim, place: string) {
  const facts = factsOf(run);
  const mark = markOf(place, facts);
  const outer = request.environment[MARK_VARIABLE];
  const marks = outer === undefined ? mark : `${outer},${mark}`;
  return {
    ...{ program: request.program, args: request.args, folder: request.folder, input: 'inherited' as const },
    ...{ mark, environment: { ...request.environment, ...factVariables(facts, marks) } },
    ...{ timeoutMs: request.timeoutMs ?? spec.timeoutMs, killAfterMs: spec.killAfterMs },
  };
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
