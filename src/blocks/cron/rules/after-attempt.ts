/** What becomes of a run when an attempt of it has ended: it is over, or waits for its retry. */
import type { Delivery, Retries } from '../job.js';
import type { Outcome, RunState } from '../run.js';

export type Verdict =
  | { readonly state: Extract<RunState, 'succeeded' | 'failed' | 'cancelled'>; readonly reason: string }
  | { readonly state: 'queued'; readonly reason: string; readonly dueAt: number };

export interface AttemptEnd {
  readonly retries: Retries;
  /** Counted from 1. */
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Somebody had asked for its end, and why. */
  readonly cancelled?: string;
  readonly finishedAt: number;
  /** 0 to below 1. */
  readonly chance: number;
}

export function afterAttempt({ retries, attempt, outcome, cancelled, finishedAt, chance }: AttemptEnd): Verdict {
  if (outcome.kind === 'succeeded') return { state: 'succeeded', reason: outcome.reason ?? '' };
  // Who is asked to end by a signal often says that it failed.
  if (cancelled !== undefined) return { state: 'cancelled', reason: cancelled };
  if (outcome.kind === 'cancelled') return { state: 'cancelled', reason: outcome.reason };
  if (attempt > retries.most) return { state: 'failed', reason: outcome.reason };
  return {
    state: 'queued',
    reason: `retry ${attempt} of ${retries.most}, after: ${outcome.reason}`,
    dueAt: finishedAt + retryDelayMs(retries, attempt, chance),
  };
}

/**
 * Its worker ended it, since the worker stops. Nothing is known against the job: it is not retried, but either begun anew or a failure,
 * lest nobody hears that the work was not done.
 */
export function afterCutOff(delivery: Delivery, reason: string, finishedAt: number): Verdict {
  if (delivery === 'at-least-once') return { state: 'queued', reason: `again: ${reason}`, dueAt: finishedAt };
  return { state: 'failed', reason };
}

/** Before the retry of this number, counted from 1. Whole milliseconds. */
export function retryDelayMs(retries: Retries, retry: number, chance: number): number {
  const full = Math.min(retries.longestDelayMs, retries.delayMs * 2 ** (retry - 1));
  return Math.round(full * (1 - retries.jitter * chance));
}
