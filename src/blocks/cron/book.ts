/**
 * What people do with jobs and runs, wherever they are kept: one interface for the SQLite file, a daemon's HTTP API and a shared
 * PostgreSQL. All instants are milliseconds since the epoch.
 *
 * Errors: `cron.no_such_job`, `cron.no_such_run`, `cron.job_exists`, `cron.bad_*` for what cannot be read, storage and peer errors.
 */
import type { JobSpec } from './job.js';
import type { OutputChunk, Run, RunAttempt, RunState, Trigger } from './run.js';

/** A job, and how it stands. */
export interface Job {
  readonly spec: JobSpec;
  readonly paused: boolean;
  readonly pauseReason?: string;
  /** While paused: when it goes on by itself. */
  readonly pausedUntil?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Its next slot; absent when there is none, and while it is paused. */
  readonly nextAt?: number;
  /** All slots up to here are accounted for. */
  readonly accountedUntil: number;
  readonly running: number;
  readonly queued: number;
  /** The newest run that has ended. */
  readonly last?: Run;
}

export interface RunFilter {
  readonly job?: string;
  readonly states?: readonly RunState[];
  readonly triggers?: readonly Trigger[];
  /** By slot, both ends: from `since` on, and before `until`. */
  readonly since?: number;
  readonly until?: number;
  /** Only runs with a smaller id: for paging back. */
  readonly before?: number;
  /** At most so many, the newest first. */
  readonly limit: number;
}

/** A set of jobs as it should be, for `apply`. */
export interface ApplyPlan {
  readonly put: readonly JobSpec[];
  readonly remove: readonly string[];
}

export interface PauseOptions {
  /** Each slot that is skipped says so. */
  readonly reason?: string;
  /** When the job goes on by itself; absent: when somebody lets it. */
  readonly until?: number;
}

export interface Status {
  readonly jobs: number;
  readonly paused: number;
  readonly queued: number;
  readonly running: number;
  /** Of the last 24 hours, by slot. */
  readonly day: Readonly<Partial<Record<RunState, number>>>;
  /** Who leads, and until when its lease holds. */
  readonly leader?: { readonly worker: string; readonly fence: number; readonly until: number };
  /** Processes that run jobs, by their last sign of life. */
  readonly workers: readonly { readonly name: string; readonly capacity: number; readonly seenAt: number }[];
  readonly nextAt?: number;
}

export interface CronBook {
  /** What it is, for people: the path, or the URL without a password. */
  readonly place: string;

  /** `create` refuses a name that is there (`cron.job_exists`); otherwise the job is made or replaced, and keeps its history. */
  put(spec: JobSpec, options?: { readonly create?: boolean }): Promise<Job>;
  get(name: string): Promise<Job>;
  list(): Promise<readonly Job[]>;
  /** With its history. Runs that go on are cancelled. */
  delete(name: string): Promise<void>;
  /** All in one transaction. */
  apply(plan: ApplyPlan): Promise<void>;
  pause(name: string, options?: PauseOptions): Promise<Job>;
  resume(name: string): Promise<Job>;

  /** Queues a run now, by hand. A daemon carries it out. */
  trigger(name: string): Promise<Run>;
  /** Queued: it ends as cancelled at once. Running: its worker is asked to end it. Ended already: nothing. */
  cancel(run: number): Promise<Run>;

  run(id: number): Promise<Run>;
  /** Its starts, in order. */
  attempts(run: number): Promise<readonly RunAttempt[]>;
  runs(filter: RunFilter): Promise<readonly Run[]>;
  /** What it wrote after a chunk's sequence, 0 for all; at most about 1 MiB at a time. */
  output(run: number, after: number): Promise<readonly OutputChunk[]>;
  status(): Promise<Status>;
  close(): Promise<void>;
}
