/** The way back from json.ts, for the client of the API: a daemon of another version may send more, and never less. */
import { messageOf } from '../../../platform/errors.js';
import { present } from '../../../platform/present.js';
import type { Job, Status } from '../book.js';
import type { JobSpec } from '../job.js';
import { attemptOutcomes, type OutputChunk, type Run, type RunAttempt, runStates, triggers } from '../run.js';
import { readJobSpec } from '../spec.js';
import { AnswerObject, unexpected } from './answer-object.js';

function oneOf<Name extends string>(names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw unexpected(`${JSON.stringify(text)} is not known here`);
  return found;
}

export function readRun(value: unknown): Run {
  const run = new AnswerObject(value, 'a run');
  return present({
    id: run.number('id'),
    job: run.text('job'),
    trigger: oneOf(triggers, run.text('trigger')),
    slot: run.instant('slot'),
    dueAt: run.instant('due_at'),
    state: oneOf(runStates, run.text('state')),
    reason: run.optionalText('reason') ?? '',
    attempt: run.number('attempt'),
    fence: run.number('fence'),
    worker: run.optionalText('worker'),
    startedAt: run.optionalInstant('started_at'),
    finishedAt: run.optionalInstant('finished_at'),
    exitCode: run.optionalNumber('exit_code'),
    signal: run.optionalText('signal'),
    outputBytes: run.number('output_bytes'),
  });
}

export function readAttempt(value: unknown): RunAttempt {
  const attempt = new AnswerObject(value, 'an attempt');
  return present({
    attempt: attempt.number('attempt'),
    fence: attempt.number('fence'),
    worker: attempt.text('worker'),
    startedAt: attempt.instant('started_at'),
    finishedAt: attempt.optionalInstant('finished_at'),
    outcome: attempt.optional('outcome', (name) => oneOf(attemptOutcomes, String(name))),
    reason: attempt.optionalText('reason') ?? '',
    exitCode: attempt.optionalNumber('exit_code'),
    signal: attempt.optionalText('signal'),
  });
}

/** A newer daemon may have jobs that cannot be said here. */
function readSpec(raw: Readonly<Record<string, unknown>>): JobSpec {
  try {
    return readJobSpec(raw, 'a job', { timeZone: 'UTC' });
  } catch (error) {
    throw unexpected(messageOf(error), 'is the ds cron serve behind the URL newer than this ds?');
  }
}

export function readJob(value: unknown): Job {
  const job = new AnswerObject(value, 'a job');
  return present({
    spec: readSpec({ ...job.object('spec').values, name: job.text('name') }),
    paused: job.flag('paused'),
    pauseReason: job.optionalText('pause_reason'),
    pausedUntil: job.optionalInstant('paused_until'),
    createdAt: job.instant('created_at'),
    updatedAt: job.instant('updated_at'),
    nextAt: job.optionalInstant('next_at'),
    accountedUntil: job.instant('accounted_until'),
    running: job.number('running'),
    queued: job.number('queued'),
    last: job.optional('last', readRun),
  });
}

export function readStatus(value: unknown): Status {
  const status = new AnswerObject(value, 'the status');
  const day = status.object('day');
  return present({
    jobs: status.number('jobs'),
    paused: status.number('paused'),
    queued: status.number('queued'),
    running: status.number('running'),
    day: present(Object.fromEntries(runStates.map((state) => [state, day.optionalNumber(state)]))),
    leader: status.optional('leader', readLeader),
    workers: status.list('workers', readWorker),
    nextAt: status.optionalInstant('next_at'),
  });
}

function readLeader(value: unknown) {
  const leader = new AnswerObject(value, 'the leader');
  return { worker: leader.text('worker'), fence: leader.number('fence'), until: leader.instant('until') };
}

function readWorker(value: unknown) {
  const worker = new AnswerObject(value, 'a worker');
  return { name: worker.text('name'), capacity: worker.number('capacity'), seenAt: worker.instant('seen_at') };
}

export function readChunk(value: unknown): OutputChunk {
  const chunk = new AnswerObject(value, 'a piece of output');
  return {
    attempt: chunk.number('attempt'),
    sequence: chunk.number('sequence'),
    stream: oneOf(['stdout', 'stderr'], chunk.text('stream')),
    at: chunk.instant('at'),
    bytes: Buffer.from(chunk.text('base64'), 'base64'),
    omittedBefore: chunk.number('omitted_before'),
  };
}
