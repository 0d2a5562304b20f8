/**
 * Whether a new run of a job may wait for its start, while others of the job are there: the concurrency policy. A run that waits
 * for its retry goes on, since its slot has begun.
 *
 *     policy            others           new one
 *     skip              any            ─▶ overlapped
 *     buffer-one        one and a next ─▶ overlapped; one: it is the next
 *     buffer-all        any            ─▶ queued
 *     cancel-other      any            ─▶ queued; those that go on are asked to end, those that wait are overlapped
 *     terminate-other   any            ─▶ the same, by SIGKILL
 *     allow-all         any            ─▶ queued, and starts beside them
 *
 * Of an external job a run that waits has not been heard of: with the next slot it is missed.
 */
import type { ConcurrencyPolicy } from '../job.js';

/** The other runs of the job that have not ended. */
export interface Others {
  /** Running, or between two attempts. */
  readonly going: number;
  /** Not started yet. */
  readonly waiting: number;
}

/** What becomes of the others. */
export interface Displacement {
  /** Of those that wait. */
  readonly waiting: 'overlapped' | 'missed';
  /** How those that go on are ended; absent: they go on. */
  readonly going?: 'terminate' | 'kill';
}

export type Admission =
  | { readonly state: 'queued'; readonly displaces?: Displacement }
  | { readonly state: 'overlapped'; readonly reason: string };

const QUEUED: Admission = { state: 'queued' };

export function admit(policy: ConcurrencyPolicy, others: Others): Admission {
  const { going, waiting } = others;
  const overlapped: Admission = { state: 'overlapped', reason: describe(others) };
  if (going + waiting === 0) return QUEUED;
  switch (policy) {
    case 'skip':
      return overlapped;
    case 'buffer-one':
      // A run that waits while none goes on is not the next one, but the one that is about to start.
      return waiting === 0 || going + waiting === 1 ? QUEUED : overlapped;
    case 'cancel-other':
      return { state: 'queued', displaces: { waiting: 'overlapped', going: 'terminate' } };
    case 'terminate-other':
      return { state: 'queued', displaces: { waiting: 'overlapped', going: 'kill' } };
    case 'buffer-all':
    case 'allow-all':
      return QUEUED;
  }
}

export function admitExternal({ waiting }: Others): Admission {
  return waiting === 0 ? QUEUED : { state: 'queued', displaces: { waiting: 'missed' } };
}

/** `1 run was going on`, `2 runs were going on and 1 was waiting`. */
export function describe({ going, waiting }: Others): string {
  const were = (count: number) => (count === 1 ? 'was' : 'were');
  const runs = (count: number) => `${count} ${count === 1 ? 'run' : 'runs'} ${were(count)}`;
  if (waiting === 0) return `${runs(going)} going on`;
  if (going === 0) return `${runs(waiting)} waiting`;
  return `${runs(going)} going on and ${waiting} ${were(waiting)} waiting`;
}
