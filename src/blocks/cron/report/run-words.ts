/** A run in a table, and in a sentence. */
import type { Color } from '../../../platform/colors.js';
import { formatDuration } from '../../../platform/units.js';
import type { AttemptOutcome, Run, RunAttempt, RunState } from '../run.js';

const TONES: Readonly<Record<RunState, Color | undefined>> = {
  queued: 'dim',
  running: undefined,
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
  fenced: 'red',
  skipped: 'dim',
  missed: 'yellow',
  overlapped: 'yellow',
};

export interface RunRow {
  readonly run: Run;
  readonly tone: Color | undefined;
  /** Of the last attempt, milliseconds; so far, where it goes on. Absent when it has not started. */
  readonly durationMs: number | undefined;
}

export function runRow(run: Run, now: number): RunRow {
  const { startedAt, finishedAt } = run;
  const durationMs = startedAt === undefined ? undefined : Math.max(0, (finishedAt ?? now) - startedAt);
  return { run, tone: TONES[run.state], durationMs };
}

export interface AttemptRow {
  readonly attempt: RunAttempt;
  readonly state: AttemptOutcome | 'running';
  readonly tone: Color | undefined;
  /** Milliseconds; so far, where it goes on. */
  readonly durationMs: number;
}

export function attemptRow(attempt: RunAttempt, now: number): AttemptRow {
  const { outcome: state = 'running', startedAt, finishedAt = now } = attempt;
  return { attempt, state, tone: TONES[state], durationMs: Math.max(0, finishedAt - startedAt) };
}

/** `run 17 of backup succeeded in 3s`, `run 18 of backup failed after 2 attempts: exit code 3`. */
export function sayRun(run: Run): string {
  const { startedAt, finishedAt, attempt, reason } = run;
  const took =
    startedAt === undefined || finishedAt === undefined ? '' : ` in ${formatDuration(finishedAt - startedAt)}`;
  const attempts = attempt > 1 ? ` after ${attempt} attempts` : '';
  return `run ${run.id} of ${run.job} ${run.state}${took}${attempts}${reason === '' ? '' : `: ${reason}`}`;
}
