/**
 * What carries out one attempt of a job, and reports how it ended:
 *
 *     command   runner/command-attempt.ts ─▶ program.ts ─┬─▶ output-recorder.ts ─▶ mask.ts ─▶ output-buffer.ts ─▶ AttemptIo.write
 *     HTTP      runner/http-attempt.ts ──────────────────┘
 *     exec      runner/exec.ts: a program that something else schedules
 *
 * It knows neither schedules nor retries: those are the ledger's.
 */
import { messageOf } from '../../platform/errors.js';
import type { JobSpec } from './job.js';
import type { Attempt, AttemptIo, RunnerContext } from './runner/attempt.js';
import { failedAtOnce, startCommand } from './runner/command-attempt.js';
import { startRequest } from './runner/http-attempt.js';

export type { Attempt, AttemptEnd, AttemptFacts, AttemptIo, AttemptPart, RunnerContext } from './runner/attempt.js';
export { factsOf, firstSequence } from './runner/attempt.js';
export { type ExecEnd, type ExecRequest, execJob } from './runner/exec.js';
export { execJobSpec } from './runner/exec-job.js';
export { HttpConnections } from './runner/http-connections.js';
export { keepLease } from './runner/keep-lease.js';
export { Launcher } from './runner/launcher.js';
export { endLeftovers, type LeftoverOptions, liveIn, liveRun } from './runner/leftovers.js';
export type { Mark } from './runner/mark.js';
export { reap } from './runner/reap.js';
export { workerName } from './runner/worker-name.js';

/** Starts at once. Nothing throws: what cannot be started has failed, with the reason. */
export function startAttempt(spec: JobSpec, io: AttemptIo, context: RunnerContext): Attempt {
  try {
    return startAction(spec, io, context);
  } catch (error) {
    return failedAtOnce(`not started: ${messageOf(error)}`);
  }
}

function startAction(spec: JobSpec, io: AttemptIo, context: RunnerContext): Attempt {
  const { action } = spec;
  switch (action.kind) {
    case 'command':
      return startCommand(spec, action, io, context);
    case 'http':
      return startRequest(spec, action, io, context);
    case 'external':
      return failedAtOnce('something else runs this job, and tells by pings or by ds cron exec');
  }
}
