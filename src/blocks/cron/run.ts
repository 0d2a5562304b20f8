/**
 * What became of one due instant of a job. Every slot becomes a row, and every row ends in one of the final states:
 *
 *     slot ──┬──────────────▶ queued ──claim──▶ running ──┬─▶ succeeded
 *            │                  │ ▲                │      ├─▶ failed      exit code, signal, timeout, HTTP status, a stop of the daemon
 *            │                  │ └── retry ───────┘      ├─▶ cancelled   by a person, or by cancel-other, terminate-other
 *            │                  ├─▶ cancelled             └─▶ fenced      its worker was lost: nobody knows how it ended (at-most-once)
 *            ├─▶ skipped        │   paused, in a pause window
 *            ├─▶ missed  ◀──────┤   nobody ran when it was due; or its start deadline passed
 *            └─▶ overlapped ◀───┘   a run of the job went on, and the concurrency policy drops it
 *
 * A run has attempts, one for each start: the first and its retries. An attempt has a fence, a number that rises with every
 * start of the job; whoever holds an older one has been replaced.
 */
export const runStates = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'fenced',
  'skipped',
  'missed',
  'overlapped',
] as const;
export type RunState = (typeof runStates)[number];

/** Whether it stays as it is. */
export function isFinal({ state }: { readonly state: RunState }): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Where the run came from. `schedule` and `boot` have a slot that is unique; the others may come any number of times. */
export const triggers = ['schedule', 'boot', 'after', 'manual', 'exec', 'ping'] as const;
export type Trigger = (typeof triggers)[number];

export interface Run {
  /** Rises with each new run of a store. */
  readonly id: number;
  readonly job: string;
  readonly trigger: Trigger;
  /** The instant that it stands for. Milliseconds since the epoch, as all instants here. */
  readonly slot: number;
  /** When it may start: the slot, later by jitter or a retry's delay. */
  readonly dueAt: number;
  readonly state: RunState;
  /** Why it is in this state, for people: `exit code 3`, `paused since …`, `2 runs were going on`. Empty where there is nothing to say. */
  readonly reason: string;
  /** Starts so far. */
  readonly attempt: number;
  /** Of the last attempt; 0 before the first. */
  readonly fence: number;
  /** Of the last attempt. */
  readonly worker?: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Written in all, of all attempts; what is kept may be less. */
  readonly outputBytes: number;
}

/** One start of a run, and what became of it. */
export interface RunAttempt {
  /** The first is 1. */
  readonly attempt: number;
  readonly fence: number;
  readonly worker: string;
  readonly startedAt: number;
  /** Absent while it goes on, as its outcome. */
  readonly finishedAt?: number;
  readonly outcome?: AttemptOutcome;
  /** As of a run. */
  readonly reason: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** `cancelled`: it was ended by a person, by another run or by a stop of its worker; `fenced`: its worker was lost. */
export const attemptOutcomes = ['succeeded', 'failed', 'cancelled', 'fenced'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

export interface OutputChunk {
  readonly attempt: number;
  /** Rises within the run. */
  readonly sequence: number;
  readonly stream: 'stdout' | 'stderr';
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Bytes that were left out before this chunk, since more was written than is kept. */
  readonly omittedBefore: number;
}

/** How an attempt ended, as the runner tells it. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly exitCode?: number; readonly reason?: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly exitCode?: number; readonly signal?: string }
  | { readonly kind: 'cancelled'; readonly reason: string; readonly exitCode?: number; readonly signal?: string };
