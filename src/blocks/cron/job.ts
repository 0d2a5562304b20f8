/**
 * What a job is: when it is due, what is run, and what happens when that fails, overlaps or was slept through. Plain data:
 * the same whether it came from flags, from a crontab, from YAML or over HTTP, and as JSON in the stores.
 */

/** What a change of the clocks does to fixed times of day (schedule/clock-changes.ts draws it). */
export const clockChangePolicies = [
  /** As Debian's cron: a time that is skipped runs at the end of a gap of up to three hours, one that comes twice runs once. */
  'vixie',
  /** A time that is skipped does not run; one that comes twice runs once. */
  'skip',
  /** A time that is skipped runs at the end of the gap; one that comes twice runs twice. */
  'both',
] as const;
export type ClockChangePolicy = (typeof clockChangePolicies)[number];

export interface Schedule {
  /** As it was typed: `30 2 * * *`, `@every 90s`, `@reboot`, `at 2026-11-26T08:00`; absent for a job that only runs when asked or after another. */
  readonly expression?: string;
  /** IANA name, in which `expression` is read: `Europe/Berlin`. */
  readonly timeZone: string;
  readonly clockChanges: ClockChangePolicy;
  /** Runs start up to so much later than due, by a fixed amount for each job and slot. Milliseconds. */
  readonly jitterMs: number;
}

export interface CommandAction {
  readonly kind: 'command';
  /** Given to the shell by `-c`. */
  readonly command: string;
  /** Default `/bin/sh`. */
  readonly shell: string;
  /** Absolute; default the home folder of the daemon's user. */
  readonly folder?: string;
  /** Besides the daemon's own PATH, HOME, LOGNAME, USER, LANG, TZ; nothing else is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** File of NAME=VALUE lines, read at each start; its values are masked in the output. */
  readonly environmentFile?: string;
  /** What the command reads from its standard input; empty unless told. */
  readonly input?: string;
}

export interface HttpAction {
  readonly kind: 'http';
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** File of `Name: value` lines, read at each start, for tokens; values are masked in the output. */
  readonly headersFile?: string;
  readonly body?: string;
  /** Statuses that mean success; 200 to 299 unless told. */
  readonly expect?: readonly number[];
}

/** Something else runs the job and tells by HTTP pings (healthchecks.io) or by `ds cron exec`. */
export interface ExternalAction {
  readonly kind: 'external';
  /** The secret part of its ping URL, a UUID. */
  readonly pingKey: string;
}

export type Action = CommandAction | HttpAction | ExternalAction;

/** Temporal's names and meanings (https://docs.temporal.io/schedule#overlap-policy). */
export const concurrencyPolicies = [
  /** A slot that is due while a run goes on does not run. */
  'skip',
  /** One waits for the end of the run; further ones do not run. */
  'buffer-one',
  /** All wait, and run one after the other. */
  'buffer-all',
  /** The run that goes on is asked to end (SIGTERM), then the new one starts. */
  'cancel-other',
  /** The run that goes on is killed (SIGKILL), then the new one starts. */
  'terminate-other',
  /** Both run. */
  'allow-all',
] as const;
export type ConcurrencyPolicy = (typeof concurrencyPolicies)[number];

/** Of slots that passed while nobody could run them none runs; the last one does; all do, in order. */
export const catchUpPolicies = ['skip', 'last', 'all'] as const;

export interface CatchUp {
  readonly policy: (typeof catchUpPolicies)[number];
  /** Older ones never run. Milliseconds. */
  readonly windowMs: number;
  /** At most so many run; the newest. */
  readonly most: number;
}

export interface Retries {
  /** Attempts after the first. */
  readonly most: number;
  /** Before the first retry; doubles with each. Milliseconds. */
  readonly delayMs: number;
  readonly longestDelayMs: number;
  /** Share of the delay that is random, 0 to 1: 0.5 waits from half of it to all of it. */
  readonly jitter: number;
}

/** Ends of a job that another one runs after. */
export const afterEnds = ['success', 'failure', 'any'] as const;

export interface After {
  readonly job: string;
  readonly on: (typeof afterEnds)[number];
}

/** While it lasts, slots are `skipped`. Instants in milliseconds since the epoch; `until` is not part of it. */
export interface PauseWindow {
  readonly from: number;
  readonly until: number;
  readonly reason?: string;
}

export const notificationEvents = ['failure', 'recovery', 'late', 'overrun'] as const;
/**
 * - `failure`: a run failed for good, its retries included
 * - `recovery`: a run succeeded after that
 * - `late`: not started within `lateAfterMs` of its slot
 * - `overrun`: not finished within `overrunAfterMs` of its start
 */
export type NotificationEvent = (typeof notificationEvents)[number];

export interface Notifications {
  readonly on: readonly NotificationEvent[];
  /** Run by /bin/sh with what happened as DS_CRON_EVENT, DS_CRON_JOB … and as JSON on its standard input. */
  readonly command?: string;
  /** Gets the same JSON by POST. */
  readonly webhook?: string;
}

/**
 * What is promised for each slot when the process that runs it dies or loses its lease. Neither is «exactly once»: an effect
 * outside cannot be taken back. Whoever must not act twice compares `$DS_CRON_FENCE`, which rises with every start.
 */
export const deliveries = ['at-most-once', 'at-least-once'] as const;
export type Delivery = (typeof deliveries)[number];

export interface JobSpec {
  /** 1 to 128 of letters, digits and `.`, `_`, `-`, `/`, `@`, `:`. */
  readonly name: string;
  readonly description?: string;
  readonly schedule: Schedule;
  readonly action: Action;
  /** SIGTERM after so much, SIGKILL {@link killAfterMs} later; 0 is never. Milliseconds. */
  readonly timeoutMs: number;
  readonly killAfterMs: number;
  readonly retries: Retries;
  readonly concurrency: ConcurrencyPolicy;
  /** Names; of all jobs that have one in common only one runs at a time. */
  readonly mutexes: readonly string[];
  readonly catchUp: CatchUp;
  /** A slot that could not start within so much of its time is `missed`; 0 is: no deadline. Milliseconds. */
  readonly startDeadlineMs: number;
  readonly after?: After;
  readonly pauses: readonly PauseWindow[];
  readonly delivery: Delivery;
  /** Bytes of output that are kept of an attempt: the first and the last half. */
  readonly outputBytes: number;
  readonly notifications: Notifications;
  /** For `late`: how long after its slot a run must have started; for external jobs: been heard of. Milliseconds. */
  readonly lateAfterMs: number;
  /** For `overrun`: how long a run may take; 0 is: any time. Milliseconds. */
  readonly overrunAfterMs: number;
}
