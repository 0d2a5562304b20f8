/** How it stands with a zone that is followed, for commands. */
import { isoTime } from '../../platform/relative-time.js';
import type { Secondary } from './store/secondary-store.js';

/**
 * - `current`: its primary told its serial when it was last asked;
 * - `failing`: it did not, and the copy is still good;
 * - `expired`: nor before the copy was no longer good; it is not answered from.
 */
export type CopyState = 'current' | 'failing' | 'expired';

/** As `--json` has it. */
export interface CopyReport {
  readonly state: CopyState;
  readonly primaries: readonly string[];
  readonly checked_at: string;
  readonly checked_with: string;
  readonly expires_at: string;
  /** Absent until a daemon has asked. */
  readonly next_check_at?: string;
  /** Why checks fail. */
  readonly problem?: string;
  readonly problem_since?: string;
}

/** `now`: milliseconds since the Unix epoch. */
export function reportCopy(secondary: Secondary, now: number): CopyReport {
  const { primaries, checkedAt, checkedWith, expiresAt, nextCheckAt, problem } = secondary;
  const state = now >= expiresAt ? 'expired' : problem === undefined ? 'current' : 'failing';
  return {
    state,
    primaries,
    checked_at: isoTime(checkedAt),
    checked_with: checkedWith,
    expires_at: isoTime(expiresAt),
    ...(nextCheckAt === undefined ? {} : { next_check_at: isoTime(nextCheckAt) }),
    ...(problem === undefined ? {} : { problem: problem.text, problem_since: isoTime(problem.since) }),
  };
}
