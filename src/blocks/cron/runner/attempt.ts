/** One attempt of a job, as whoever carries it out and whoever asked for it see it. */
import type { Clock, Random } from '../../../platform/clock.js';
import type { Environment } from '../../../platform/paths.js';
import type { Outcome, OutputChunk, Run, Trigger } from '../run.js';
import type { Starter } from './child.js';
import type { HttpConnections } from './http-connections.js';

export interface RunnerContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the daemon; of these, jobs get only the few that {@link inheritedNames} lists. */
  readonly environment: Environment;
  /** Of ds, for the User-Agent of requests. */
  readonly version: string;
  /** What the runs are counted in, `CronBook.place`: tells the processes of one store from those of another. */
  readonly place: string;
  /** Starts the commands, where many are to be started. */
  readonly launcher?: Starter;
  /** Shared by the requests, where many are to be made. */
  readonly connections?: HttpConnections;
}

/** Which attempt it is; becomes DS_CRON_JOB, DS_CRON_RUN, DS_CRON_SLOT, DS_CRON_TRIGGER, DS_CRON_ATTEMPT and DS_CRON_FENCE. */
export interface AttemptFacts {
  readonly job: string;
  readonly run: number;
  readonly slot: number;
  readonly trigger: Trigger;
  /** 1 for the first. */
  readonly attempt: number;
  readonly fence: number;
}

/** Of the attempt that a run is in. */
export function factsOf({ job, id, slot, trigger, attempt, fence }: Run): AttemptFacts {
  return { job, run: id, slot, trigger, attempt, fence };
}

export interface AttemptPart {
  readonly chunks: readonly OutputChunk[];
  /** Sequences of chunks that were written earlier and go, both included. To be done before the new ones are added. */
  readonly drop?: { readonly from: number; readonly to: number };
}

/** Where the sequences of an attempt begin, the first with 1: no attempt writes so many chunks. */
export function firstSequence(attempt: number): number {
  return (attempt - 1) * 2 ** 32 + 1;
}

export interface AttemptIo {
  readonly facts: AttemptFacts;
  /** Of the first chunk; later ones rise by 1. See {@link firstSequence}. */
  readonly firstSequence: number;
  /** Stores a part. The next one comes after it; meanwhile the job is made to wait when it writes much. */
  write(part: AttemptPart): Promise<void>;
}

export interface AttemptEnd {
  readonly outcome: Outcome;
  /** Written in all, before anything was left out or masked. */
  readonly outputBytes: number;
  /** What `write` failed with. From then on nothing was kept; the attempt itself went on. */
  readonly outputError?: unknown;
  /** Processes that did not end although they were killed: those of another user, for one. */
  readonly leftBehind: readonly number[];
}

export interface Attempt {
  /** Never rejects. */
  readonly done: Promise<AttemptEnd>;
  /** SIGTERM, and SIGKILL `killAfterMs` later; a request is given up at once. The outcome is `cancelled`. */
  terminate(reason: string): void;
  /** SIGKILL at once. The outcome is `cancelled`. */
  kill(reason: string): void;
}
