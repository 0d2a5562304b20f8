/**
 * What becomes of the slots of a job that have come since the last look:
 *
 *     accounted until                                                              now
 *          │   slot   slot   slot   slot   slot   slot   slot   slot   slot   slot  │
 *          ├──────────────────┬───────────────────────────────────────┬─────────────┤
 *          │ older than the   │ slept through: nobody led when they   │ on time     │
 *          │ catch-up window  │ were due                              │             │
 *          └── missed         └── missed, but for those that the      └── queued
 *                                 catch-up policy lets run
 *
 * What is past its start deadline is missed wherever it lies, and counts for nothing else. In a pause a slot is skipped wherever it
 * lies. A clock that steps back finds all slots accounted for, and nothing is due until it has caught up; one that steps forward
 * finds an outage.
 */
import { formatDuration } from '../../../platform/units.js';
import type { JobSpec } from '../job.js';
import type { DueJob, Settlement, SlotDecision } from '../ledger.js';
import type { CompiledSchedule } from '../schedule.js';
import { jitterOf } from './jitter.js';
import { restsAt } from './pause.js';

/** A slot that is settled so much after its time was slept through. Milliseconds. */
export const ON_TIME_MS = 60_000;

/** Slots that are decided at once; the rest comes with the next look. Bounds memory and the transaction. */
const MOST_SLOTS = 10_000;

/** Those that have come, in order; where there are more, what of them is known. */
interface Slots {
  readonly instants: readonly number[];
  readonly rest?: Rest;
}

/** The slots behind those that are decided now. They are newer, so that catching up is for them first. */
interface Rest {
  /** Slept through, and in no pause: at most as many as the catch-up policy may run. */
  readonly late: number;
  readonly onTime: boolean;
}

export function settleJob(job: DueJob, now: number, schedule: Pick<CompiledSchedule, 'next'>): Settlement {
  const slots = slotsUntil(job, now, schedule);
  const decisions = decide(job, now, slots);
  const last = slots.instants.at(-1);
  // With more to come the next look goes on behind the last one.
  const accountedUntil = slots.rest !== undefined && last !== undefined ? last : Math.max(now, job.accountedUntil);
  const nextAt = schedule.next(accountedUntil);
  return { job, trigger: 'schedule', slots: decisions, accountedUntil, ...(nextAt === undefined ? {} : { nextAt }) };
}

/** For `@reboot`: the start of the machine is the slot, and is noticed now. */
export function settleBoot(job: DueJob, now: number): Settlement {
  const { spec } = job;
  const rest = restOf(job, now);
  const state = rest === undefined ? 'queued' : 'skipped';
  const dueAt = now + jitterOf(spec, now);
  const decision: SlotDecision = { slot: now, dueAt, state, reason: rest ?? '' };
  return { job, trigger: 'boot', slots: [decision], accountedUntil: job.accountedUntil };
}

function slotsUntil(job: DueJob, now: number, schedule: Pick<CompiledSchedule, 'next'>): Slots {
  const instants: number[] = [];
  let slot = schedule.next(job.accountedUntil);
  for (; slot !== undefined && slot <= now && instants.length < MOST_SLOTS; slot = schedule.next(slot)) {
    instants.push(slot);
  }
  return slot === undefined || slot > now ? { instants } : { instants, rest: restFrom(slot, job, now, schedule) };
}

function restFrom(first: number, job: DueJob, now: number, schedule: Pick<CompiledSchedule, 'next'>): Rest {
  const { spec } = job;
  const most = mostToCatchUp(spec);
  const { startDeadlineMs, schedule: times } = spec;
  let late = 0;
  // One step over what cannot start any more, whatever its jitter.
  const oldest = startDeadlineMs > 0 ? now - startDeadlineMs - times.jitterMs : first;
  let slot = oldest > first ? schedule.next(oldest - 1) : first;
  while (slot !== undefined && slot <= now && late < most) {
    const pauseEnd = pauseEndOf(job, slot);
    if (pauseEnd > slot) {
      // One step over a pause, however many slots are in it.
      slot = pauseEnd > now ? undefined : schedule.next(pauseEnd - 1);
      continue;
    }
    if (!isPastDeadline(spec, slot, now)) {
      if (isOnTime(slot, now)) return { late, onTime: true };
      late++;
    }
    slot = schedule.next(slot);
  }
  return { late, onTime: false };
}

function decide(job: DueJob, now: number, { instants, rest: newer }: Slots): readonly SlotDecision[] {
  const { spec } = job;
  const resting = instants.map((slot) => restOf(job, slot));
  const able = instants.filter((slot, index) => resting[index] === undefined && !isPastDeadline(spec, slot, now));
  const late = able.filter((slot) => !isOnTime(slot, now));
  const onTime = newer?.onTime === true || able.length > late.length;
  // «last» is about one run after the outage: a slot that is on time is that run.
  const allowed = (spec.catchUp.policy === 'last' && onTime ? 0 : mostToCatchUp(spec)) - (newer?.late ?? 0);
  const caughtUp = new Set(allowed > 0 ? late.slice(-allowed) : []);
  return instants.map((slot, index): SlotDecision => {
    const rest = resting[index];
    if (rest !== undefined) return decision(spec, slot, 'skipped', rest);
    const problem = whyMissed(spec, slot, now, caughtUp.has(slot));
    if (problem !== undefined) return decision(spec, slot, 'missed', problem);
    return decision(spec, slot, 'queued', isOnTime(slot, now) ? '' : 'caught up');
  });
}

function decision(spec: JobSpec, slot: number, state: SlotDecision['state'], reason: string): SlotDecision {
  return { slot, dueAt: slot + jitterOf(spec, slot), state, reason };
}

const isOnTime = (slot: number, now: number) => now - slot <= ON_TIME_MS;

/** It cannot start any more: it would only keep the place of another one. */
function isPastDeadline(spec: JobSpec, slot: number, now: number): boolean {
  return spec.startDeadlineMs > 0 && now > slot + jitterOf(spec, slot) + spec.startDeadlineMs;
}

function mostToCatchUp({ action, catchUp }: JobSpec): number {
  // Whether something outside ran meanwhile cannot be found out any more.
  if (action.kind === 'external' || catchUp.policy === 'skip') return 0;
  return catchUp.policy === 'last' ? 1 : catchUp.most;
}

/** Undefined when it may run. */
function whyMissed(spec: JobSpec, slot: number, now: number, isCaughtUp: boolean): string | undefined {
  const { catchUp, startDeadlineMs, action } = spec;
  const age = now - slot;
  const slept = `no scheduler ran for ${formatDuration(age < 1000 ? age : Math.floor(age / 1000) * 1000)} after it`;
  if (isPastDeadline(spec, slot, now)) return `${slept}; the start deadline is ${formatDuration(startDeadlineMs)}`;
  if (isOnTime(slot, now)) return undefined;
  if (action.kind === 'external') return slept;
  if (catchUp.policy === 'skip') return slept;
  if (age > catchUp.windowMs) return `${slept}; the catch-up window is ${formatDuration(catchUp.windowMs)}`;
  if (isCaughtUp) return undefined;
  return catchUp.policy === 'last'
    ? `${slept}; only the last slot is caught up`
    : `${slept}; only the newest ${catchUp.most} are caught up`;
}

/** When the pauses that the instant falls into are over; the instant itself where there are none. */
function pauseEndOf({ spec, paused }: DueJob, at: number): number {
  const ends = spec.pauses.filter(({ from, until }) => from <= at && at < until).map(({ until }) => until);
  return Math.max(at, ...ends, ...(paused === undefined ? [] : [paused.until ?? Number.POSITIVE_INFINITY]));
}

function restOf({ spec, paused }: DueJob, at: number): string | undefined {
  const reason = paused?.reason === '' ? undefined : paused?.reason;
  return restsAt(at, { paused: paused !== undefined, reason, until: paused?.until }, spec.pauses);
}
