/** Starts attempts of real jobs, and keeps what they would have stored. */
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import type { Action, CommandAction, JobSpec } from '../../../../src/blocks/cron/job.js';
import type { OutputChunk } from '../../../../src/blocks/cron/run.js';
import {
  type Attempt,
  type AttemptEnd,
  type AttemptFacts,
  type AttemptPart,
  Launcher,
  type RunnerContext,
  startAttempt,
} from '../../../../src/blocks/cron/runner.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';

const facts: AttemptFacts = {
  job: 'job',
  run: 17,
  slot: 1_764_144_000_000,
  trigger: 'schedule',
  attempt: 1,
  fence: 3,
};

export function jobOf(action: Action, change: Partial<JobSpec> = {}): JobSpec {
  return {
    ...{ name: 'job', action, timeoutMs: 0, killAfterMs: 500, mutexes: [], pauses: [], outputBytes: 1024 * 1024 },
    schedule: { timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 },
    retries: { most: 0, delayMs: 0, longestDelayMs: 0, jitter: 0 },
    catchUp: { policy: 'last', windowMs: 0, most: 1 },
    ...{ concurrency: 'skip', startDeadlineMs: 0, delivery: 'at-least-once', lateAfterMs: 0, overrunAfterMs: 0 },
    notifications: { on: [] },
    ...change,
  };
}

export function commandOf(command: string, change: Partial<CommandAction> = {}): CommandAction {
  return { kind: 'command', command, shell: '/bin/sh', folder: '/', environment: {}, ...change };
}

let launcher: Launcher | undefined;

/** The tests, by either of those that start programs. */
export function byEachStarter(tests: () => void): void {
  describe('started by Node', tests);
  describe('started by a launcher', () => {
    beforeAll(async () => {
      launcher = await Launcher.open(systemClock, process.env['PATH']);
      expect(launcher.isReady).toBe(true);
    });
    afterAll(async () => {
      await launcher?.close();
      launcher = undefined;
    });
    tests();
  });
}

export function runnerContext(change: Partial<RunnerContext> = {}): RunnerContext {
  return {
    ...{ clock: systemClock, random: systemRandom, version: '1.2.3' },
    // A place of its own, so that no other test's processes are met.
    place: `test of ${process.pid} ${Math.random()}`,
    environment: { PATH: process.env['PATH'], HOME: '/', SECRET_OF_THE_DAEMON: 'hunter2' },
    ...(launcher === undefined ? {} : { launcher }),
    ...change,
  };
}

export interface StartedAttempt extends Attempt {
  /** As it came, drops and all. */
  readonly parts: AttemptPart[];
  /** What a store would have now. */
  kept(): readonly OutputChunk[];
  text(stream?: OutputChunk['stream']): string;
}

export interface AttemptOptions {
  readonly context?: RunnerContext;
  readonly write?: (part: AttemptPart) => Promise<void>;
  readonly firstSequence?: number;
  /** Of one place each run has a mark of its own, by which what it leaves behind is ended. */
  readonly run?: number;
}

export function startJob(spec: JobSpec, options: AttemptOptions = {}): StartedAttempt {
  const parts: AttemptPart[] = [];
  const { context = runnerContext(), firstSequence = 0, run = facts.run } = options;
  const write = async (part: AttemptPart) => {
    parts.push(part);
    await options.write?.(part);
  };
  const attempt = startAttempt(spec, { facts: { ...facts, run }, firstSequence, write }, context);
  onTestFinished(async () => {
    attempt.kill('the test is over');
    await attempt.done;
  });
  const kept = () => keptOf(parts);
  const text = (stream?: OutputChunk['stream']) =>
    textOf(kept().filter((chunk) => stream === undefined || chunk.stream === stream));
  return { ...attempt, parts, kept, text };
}

/** A shell command, to its end. */
export async function runCommand(
  command: string,
  change: Partial<CommandAction> = {},
  options: AttemptOptions & { readonly spec?: Partial<JobSpec> } = {},
): Promise<AttemptEnd & StartedAttempt> {
  const started = startJob(jobOf(commandOf(command, change), options.spec), options);
  return { ...started, ...(await started.done) };
}

/** As a store applies them: first what is dropped, then what is new. */
export function keptOf(parts: readonly AttemptPart[]): OutputChunk[] {
  let kept: OutputChunk[] = [];
  for (const { chunks, drop } of parts) {
    if (drop !== undefined) kept = kept.filter(({ sequence }) => sequence < drop.from || sequence > drop.to);
    for (const chunk of chunks) {
      if (kept.some(({ sequence }) => sequence === chunk.sequence)) throw new Error(`sequence ${chunk.sequence} twice`);
      kept.push(chunk);
    }
  }
  return kept.sort((a, b) => a.sequence - b.sequence);
}

export function textOf(chunks: readonly OutputChunk[]): string {
  return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
}
