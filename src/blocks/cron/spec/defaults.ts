/** What holds where a job says nothing, and the bounds of what it may say. */
import type { CatchUp, JobSpec, Retries } from '../job.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_SHELL = '/bin/sh';

/** PATH of a command where nobody tells another one: Debian's _PATH_DEFPATH, which its cron gives, too. */
export const DEFAULT_PATH = '/usr/bin:/bin';

export const defaultRetries: Retries = { most: 0, delayMs: 10 * SECOND, longestDelayMs: HOUR, jitter: 0.5 };

export const defaultCatchUp: CatchUp = { policy: 'skip', windowMs: 7 * DAY, most: 100 };

/** Of a job's parts that do not depend on its action. */
export const defaultSpec = {
  schedule: { timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 },
  timeoutMs: 0,
  killAfterMs: 10 * SECOND,
  retries: defaultRetries,
  concurrency: 'skip',
  mutexes: [],
  catchUp: defaultCatchUp,
  startDeadlineMs: 0,
  pauses: [],
  delivery: 'at-most-once',
  outputBytes: 1024 * 1024,
  notifications: { on: [] },
  lateAfterMs: 5 * MINUTE,
  overrunAfterMs: 0,
} as const satisfies Omit<JobSpec, 'name' | 'action'>;

export const bounds = {
  /** Of the text of a command, of standard input, of a body and of a variable's value. The kernel takes 128 KiB as one argument. */
  textBytes: 64 * 1024,
  descriptionBytes: 4096,
  /** A longer schedule is none that a person wrote; its own parser says what is wrong with shorter ones. */
  scheduleBytes: 1000,
  pathBytes: 4096,
  urlBytes: 8192,
  variables: 256,
  headers: 100,
  statuses: 500,
  mutexes: 32,
  pauses: 100,
  retries: 1000,
  catchUp: 100_000,
  outputBytes: 64 * 1024 ** 2,
  /** Longer than any timeout that means something; well below what arithmetic with instants takes. */
  durationMs: 3660 * DAY,
  /** Of instants: the year 9999, the last one that ISO 8601 writes with four digits. */
  lastInstant: Date.UTC(10_000, 0) - 1,
} as const;
