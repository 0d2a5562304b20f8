/**
 * Jobs and runs as JSON: what the daemon's API sends, and what `--json` prints. Times are ISO 8601 UTC with milliseconds; what is absent
 * is absent.
 */

import { present } from '../../../platform/present.js';
import { isoTime } from '../../../platform/relative-time.js';
import type { Job, Status } from '../book.js';
import type { OutputChunk, Run, RunAttempt } from '../run.js';
import { writeJobSpec } from '../spec.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Runs of one answer of the API at the most: who wants more asks again with `before`. */
export const MOST_RUNS = 1_000;

/** Of an instant that there may not be. */
export const isoOf = (instant: number | undefined) => (instant === undefined ? undefined : isoTime(instant));

export function runJson(run: Run): JsonObject {
  const { startedAt, finishedAt } = run;
  return present({
    id: run.id,
    job: run.job,
    trigger: run.trigger,
    slot: isoTime(run.slot),
    due_at: isoTime(run.dueAt),
    state: run.state,
    reason: run.reason === '' ? undefined : run.reason,
    attempt: run.attempt,
    fence: run.fence,
    worker: run.worker,
    started_at: isoOf(startedAt),
    finished_at: isoOf(finishedAt),
    duration_ms: startedAt === undefined || finishedAt === undefined ? undefined : finishedAt - startedAt,
    exit_code: run.exitCode,
    signal: run.signal,
    output_bytes: run.outputBytes,
  });
}

export function attemptJson(attempt: RunAttempt): JsonObject {
  const { startedAt, finishedAt } = attempt;
  return present({
    attempt: attempt.attempt,
    fence: attempt.fence,
    worker: attempt.worker,
    started_at: isoTime(startedAt),
    finished_at: isoOf(finishedAt),
    duration_ms: finishedAt === undefined ? undefined : finishedAt - startedAt,
    outcome: attempt.outcome,
    reason: attempt.reason === '' ? undefined : attempt.reason,
    exit_code: attempt.exitCode,
    signal: attempt.signal,
  });
}

export function jobJson(job: Job): JsonObject {
  const { name, ...spec } = writeJobSpec(job.spec);
  return present({
    name,
    spec,
    paused: job.paused,
    pause_reason: job.pauseReason,
    paused_until: isoOf(job.pausedUntil),
    created_at: isoTime(job.createdAt),
    updated_at: isoTime(job.updatedAt),
    next_at: isoOf(job.nextAt),
    accounted_until: isoTime(job.accountedUntil),
    running: job.running,
    queued: job.queued,
    last: job.last === undefined ? undefined : runJson(job.last),
  });
}

export function statusJson(status: Status): JsonObject {
  const { leader } = status;
  return present({
    jobs: status.jobs,
    paused: status.paused,
    queued: status.queued,
    running: status.running,
    day: status.day,
    leader:
      leader === undefined ? undefined : { worker: leader.worker, fence: leader.fence, until: isoTime(leader.until) },
    workers: status.workers.map(({ name, capacity, seenAt }) => ({ name, capacity, seen_at: isoTime(seenAt) })),
    next_at: isoOf(status.nextAt),
  });
}

/** Bytes as base64: a job may write anything. */
export function chunkJson(chunk: OutputChunk): JsonObject {
  return {
    attempt: chunk.attempt,
    sequence: chunk.sequence,
    stream: chunk.stream,
    at: isoTime(chunk.at),
    base64: Buffer.from(chunk.bytes).toString('base64'),
    omitted_before: chunk.omittedBefore,
  };
}
