/**
 * What schedulers and workers do with jobs and runs: the side of the store that the daemon uses. Any number of processes, on one
 * SQLite file or one PostgreSQL, use it at once; each method is one transaction, and what must not happen twice is prevented
 * there, by constraints and by fences, never by clocks.
 *
 *     scheduler (one leads)                         workers (any number)
 *     lead ─▶ due ─▶ settle ──▶ runs, queued ──▶ claim ─▶ heartbeat … ─▶ finish
 *        └──▶ watchOver, prune                        └──▶ appendOutput
 */
import type { CronBook } from './book.js';
import type { JobSpec, NotificationEvent } from './job.js';
import type { Outcome, OutputChunk, Run, Trigger } from './run.js';

/** The lease of the scheduler that leads. Whoever takes it over gets a higher fence. */
export interface Leadership {
  readonly worker: string;
  readonly fence: number;
  readonly until: number;
}

/** A job with slots that have come. */
export interface DueJob {
  readonly id: number;
  readonly spec: JobSpec;
  /** Rises with each change of the job; a settlement of an older one is dropped. */
  readonly version: number;
  readonly createdAt: number;
  readonly accountedUntil: number;
  /** The slot that has come. */
  readonly nextAt: number;
  /** Paused by somebody: slots before `until`, or all where that is absent, do not run. */
  readonly paused?: { readonly reason: string; readonly until?: number };
}

/** What is to become of one slot. Whether a queued one overlaps is found out when it is written. */
export interface SlotDecision {
  readonly slot: number;
  readonly dueAt: number;
  readonly state: 'queued' | 'skipped' | 'missed';
  readonly reason: string;
}

export interface Settlement {
  readonly job: DueJob;
  readonly trigger: Extract<Trigger, 'schedule' | 'boot'>;
  readonly slots: readonly SlotDecision[];
  readonly accountedUntil: number;
  /** Absent: there is none any more. */
  readonly nextAt?: number;
}

/** A run that a worker has taken, for one attempt. */
export interface Claim {
  readonly run: Run;
  readonly spec: JobSpec;
  /** Equal to `run.fence`: what is reported under an older one is not counted. */
  readonly fence: number;
}

/** What became of a run that something else starts. `overlapped`: others kept it from its start, and why is in the run. */
export type Begun =
  | { readonly kind: 'begun'; readonly claim: Claim }
  | { readonly kind: 'overlapped'; readonly run: Run };

/** What a worker is told about its claims. */
export interface HeartbeatAnswer {
  /** To be ended: `terminate` is SIGTERM, then SIGKILL; `kill` is SIGKILL at once. */
  readonly cancel: readonly { readonly run: number; readonly how: 'terminate' | 'kill'; readonly reason: string }[];
  /** No longer its own: their lease had run out. The process is to be killed, its outcome counts for nothing. */
  readonly lost: readonly number[];
}

export interface Finished {
  readonly claim: Claim;
  readonly outcome: Outcome;
  readonly finishedAt: number;
  readonly outputBytes: number;
  /** Its worker ended it for no fault of the job's, since it stops: queued again where it is at-least-once, else failed, without a retry. */
  readonly cutOff?: true;
  /** What it wrote last, where that was not appended before. */
  readonly output?: Pick<OutputPart, 'chunks' | 'drop'>;
}

export interface OutputPart {
  readonly run: number;
  readonly fence: number;
  readonly chunks: readonly OutputChunk[];
  /** Kept chunks with these sequences are dropped to make room: from, to, both included. */
  readonly drop?: { readonly from: number; readonly to: number };
}

/** Something that somebody wants to be told of. */
export interface Notice {
  readonly id: number;
  readonly event: NotificationEvent;
  readonly spec: JobSpec;
  readonly run: Run;
  /** Deliveries tried so far. */
  readonly tries: number;
}

export interface Ledger extends CronBook {
  /**
   * The wall clock that all who share the store go by. Milliseconds. Of SQLite this machine's; of PostgreSQL the server's, carried
   * on by the monotonic clock.
   */
  now(): number;

  /** When a run of each job last succeeded, by its name: of runs that ended from `since` on, or of all that are kept. */
  lastSuccesses(since?: number): Promise<ReadonlyMap<string, number>>;

  /** Takes or renews the lease; undefined while another holds it. */
  lead(worker: string, leaseMs: number): Promise<Leadership | undefined>;
  resign(leadership: Leadership): Promise<void>;
  /** Jobs whose next slot is not after `now`, the longest due first. */
  due(now: number, most: number): Promise<readonly DueJob[]>;
  /** Jobs that are due at every start of the machine (`@reboot`), by name; their `nextAt` says nothing. */
  atBoot(): Promise<readonly DueJob[]>;
  /** The next slot of all, or the next queued run's time where that is sooner. */
  nextAt(): Promise<number | undefined>;
  /**
   * Writes what was decided and moves the jobs on, once: slots that are there already stay as they are. False when the leadership is
   * another's by now; nothing was written then.
   */
  settle(leadership: Leadership, settlements: readonly Settlement[]): Promise<boolean>;
  /**
   * The leader's other duties: runs whose lease has ended are `fenced`, or queued again where they are at-least-once; queued ones
   * whose start deadline has passed become `missed`; late and long ones get their notices. Returns how many runs changed.
   */
  watchOver(leadership: Leadership): Promise<number>;
  /** Forgets runs that ended before, at most so many at once; the newest of each job stays. Returns how many. */
  prune(leadership: Leadership, endedBefore: number, most: number): Promise<number>;

  /** Takes runs that may start now: no more than `most`, concurrency and mutexes kept. With `run` that one, or none. */
  claim(worker: string, most: number, leaseMs: number, run?: number): Promise<readonly Claim[]>;
  /** Tells that the worker lives, with how many runs it can carry out, and prolongs the leases of its claims. */
  heartbeat(worker: string, capacity: number, runs: readonly number[], leaseMs: number): Promise<HeartbeatAnswer>;
  /** The worker has ended; what it had claimed is treated as its lease ended now. */
  retire(worker: string): Promise<void>;
  appendOutput(parts: readonly OutputPart[]): Promise<void>;
  /**
   * Ends attempts: the run becomes final, or is queued again for its retry; starts what runs after it; makes notices. False for those
   * that were no longer the worker's own.
   */
  finish(finished: readonly Finished[]): Promise<readonly boolean[]>;

  /**
   * Starts a run that something else schedules: `ds cron exec`, a start ping. Takes the job's queued slot if there is one. When the
   * concurrency policy or a mutex forbids it, the run is `overlapped`.
   */
  begin(name: string, trigger: 'exec' | 'ping', worker: string, leaseMs: number): Promise<Begun>;
  /** The external job with this ping key, or undefined. */
  jobOfPing(pingKey: string): Promise<string | undefined>;
  /** The claim that a ping of this worker name began and has not ended, or undefined. */
  openPing(name: string, worker: string): Promise<Claim | undefined>;

  /** Takes notices to deliver; they come again after `leaseMs` unless they are settled. */
  takeNotices(most: number, leaseMs: number): Promise<readonly Notice[]>;
  /** Delivered, given up (`undefined`), or to be tried again at an instant. */
  settleNotice(id: number, retryAt: number | undefined): Promise<void>;

  /** Calls back soon after anybody, this process included, has changed jobs, or runs other than by a claim. Returns how to stop. */
  onChange(listener: () => void): () => void;
}
