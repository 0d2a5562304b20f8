/** What the contract of the ledger stands on: a place for one, with a clock, and jobs and steps that tests are written in. */
import { createHash } from 'node:crypto';
import type { JobSpec } from '../../../src/blocks/cron/job.js';
import type { Claim, DueJob, Leadership, Ledger, Settlement, SlotDecision } from '../../../src/blocks/cron/ledger.js';
import type { Outcome, Run } from '../../../src/blocks/cron/run.js';
import type { ManualClock } from '../../helpers/manual-clock.js';

/** A place of its own for each test. Ledgers that are opened from it share their jobs, as processes do. */
export interface Place {
  readonly clock: ManualClock;
  open(): Promise<Ledger>;
}

export const LEASE_MS = 10_000;

export function jobSpec(name: string, changes: Partial<JobSpec> = {}): JobSpec {
  return {
    name,
    schedule: { expression: '@every 60s', timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 },
    action: { kind: 'command', command: 'true', shell: '/bin/sh', environment: {} },
    timeoutMs: 0,
    killAfterMs: 10_000,
    retries: { most: 0, delayMs: 1_000, longestDelayMs: 60_000, jitter: 0 },
    concurrency: 'skip',
    mutexes: [],
    catchUp: { policy: 'last', windowMs: 86_400_000, most: 100 },
    startDeadlineMs: 0,
    pauses: [],
    delivery: 'at-most-once',
    outputBytes: 65_536,
    notifications: { on: [] },
    lateAfterMs: 60_000,
    overrunAfterMs: 0,
    ...changes,
  };
}

/** A UUID of its own for each name. */
export function pingKeyOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

export const externalSpec = (name: string, changes: Partial<JobSpec> = {}) =>
  jobSpec(name, { action: { kind: 'external', pingKey: pingKeyOf(name) }, ...changes });

export async function leader(ledger: Ledger, worker = 'leader'): Promise<Leadership> {
  const leadership = await ledger.lead(worker, LEASE_MS);
  if (leadership === undefined) throw new Error('another leads');
  return leadership;
}

export async function dueJob(ledger: Ledger, name: string): Promise<DueJob> {
  const job = (await ledger.due(Number.MAX_SAFE_INTEGER, 1_000)).find(({ spec }) => spec.name === name);
  if (job === undefined) throw new Error(`${name} has no slot`);
  return job;
}

/** A settlement of slots that are all to run. */
export function settlementOf(
  job: DueJob,
  slots: readonly number[],
  state: SlotDecision['state'] = 'queued',
): Settlement {
  const last = slots.at(-1) ?? job.accountedUntil;
  return {
    job,
    trigger: 'schedule',
    slots: slots.map((slot) => ({ slot, dueAt: slot, state, reason: state === 'queued' ? '' : 'told so' })),
    accountedUntil: last,
    nextAt: last + 60_000,
  };
}

/** Lets the next slot of each job come and be queued. */
export async function letSlotsCome(place: Place, ledger: Ledger, ...names: string[]): Promise<void> {
  const leadership = await leader(ledger);
  place.clock.advance(60_000);
  for (const name of names) {
    const job = await dueJob(ledger, name);
    await ledger.settle(leadership, [settlementOf(job, [job.nextAt])]);
  }
}

/** Takes one run. */
export async function take(ledger: Ledger, worker = 'worker'): Promise<Claim> {
  const [claim] = await ledger.claim(worker, 1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing to take');
  return claim;
}

export const SUCCEEDED: Outcome = { kind: 'succeeded', exitCode: 0 };
export const FAILED: Outcome = { kind: 'failed', reason: 'exit code 3', exitCode: 3 };

export async function end(place: Place, ledger: Ledger, claim: Claim, outcome: Outcome = SUCCEEDED): Promise<boolean> {
  const finishedAt = place.clock.now();
  const [own = false] = await ledger.finish([{ claim, outcome, finishedAt, outputBytes: 7 }]);
  return own;
}

/** `succeeded queued …`, the newest first. */
export async function states(ledger: Ledger, job: string): Promise<string> {
  return (await ledger.runs({ job, limit: 100 })).map(({ state }) => state).join(' ');
}

export async function newest(ledger: Ledger, job: string): Promise<Run> {
  const [run] = await ledger.runs({ job, limit: 1 });
  if (run === undefined) throw new Error(`${job} has no run`);
  return run;
}
