/** Whether an instant falls into a time in which a job does not run. */
import type { PauseWindow } from '../job.js';

export interface Pause {
  readonly paused: boolean;
  readonly reason: string | undefined;
  /** Absent: until somebody lets it go on. */
  readonly until: number | undefined;
}

/** Why the job rests at this instant; undefined when it does not. */
export function restsAt(at: number, pause: Pause, windows: readonly PauseWindow[]): string | undefined {
  if (isPaused(pause, at)) return pause.reason === undefined ? 'paused' : `paused: ${pause.reason}`;
  const window = windows.find(({ from, until }) => from <= at && at < until);
  if (window === undefined) return undefined;
  return window.reason === undefined ? 'in a pause window' : `in a pause window: ${window.reason}`;
}

export function isPaused(pause: Pause, at: number): boolean {
  return pause.paused && (pause.until === undefined || at < pause.until);
}
