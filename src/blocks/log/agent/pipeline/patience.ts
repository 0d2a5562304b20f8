/**
 * Commits that wait out what will pass: a full disk, a database that others have locked, too many writes at once. Until then nothing more is
 * read, since the sources wait for the commit.
 */
import type { Clock } from '../../../../platform/clock.js';
import { DsError } from '../../../../platform/errors.js';

/** Between two tries, milliseconds. */
const PAUSE_MS = 1_000;

const PASSING: ReadonlySet<string> = new Set([
  'storage.full',
  'storage.locked',
  'storage.overloaded',
  'log.overloaded',
]);

export interface Patience {
  readonly clock: Clock;
  /** Gives up: rejects with what the last try failed with. */
  readonly signal: AbortSignal;
  /** Told when it begins to wait, and when it has gone on. */
  onTrouble(error: DsError): void;
  onRecovered(): void;
}

/** Repeats `commit`, which writes all or nothing, until it succeeds. Errors that do not pass are thrown at once. */
export async function commitPatiently<T>(commit: () => Promise<T>, patience: Patience): Promise<T> {
  let said: string | undefined;
  for (;;) {
    try {
      const result = await commit();
      if (said !== undefined) patience.onRecovered();
      return result;
    } catch (error) {
      if (!(error instanceof DsError) || !PASSING.has(error.code) || patience.signal.aborted) throw error;
      if (said !== error.code) patience.onTrouble(error);
      said = error.code;
      await patience.clock.sleep(PAUSE_MS, patience.signal).catch(() => {});
    }
  }
}
