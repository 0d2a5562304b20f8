/** From a job's schedule to the instants at which it is due. */
import { isoTime } from '../../../platform/relative-time.js';
import type { Schedule } from '../job.js';
import { type LocalSchedule, nextInstant, WIDEST_OFFSET_MS } from './clock-changes.js';
import { type CronFields, parseExpression } from './expression.js';
import { impossibleSchedule } from './impossible.js';
import type { LocalTime } from './local-time.js';
import { nextLocal } from './pattern.js';
import { type TimeZone, timeZone } from './time-zone.js';

export interface CompiledSchedule {
  readonly kind: 'cron' | 'every' | 'once' | 'boot' | 'none';
  /** The first instant strictly after `after` (milliseconds since the epoch), or undefined. Bounded work, never spins. */
  next(this: void, after: number): number | undefined;
}

export interface Seed {
  /** Of the job: H and ~ follow from it. */
  readonly name: string;
  /** Where @every and `in` count from. Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The last instant that a Date can hold. */
const LAST_INSTANT = 8.64e15;
/** Cron fields reach from 1970 to 9999. */
const LAST_CRON_INSTANT = Date.UTC(9999, 11, 30);

/** Throws cron.bad_expression (names the field, `details.field` and `details.position`) and cron.bad_time_zone. */
export function compileSchedule(schedule: Schedule, seed: Seed): CompiledSchedule {
  const zone = timeZone(schedule.timeZone);
  if (schedule.expression === undefined) return { kind: 'none', next: never };
  const expression = parseExpression(schedule.expression, seed.name);
  switch (expression.kind) {
    case 'boot':
      return { kind: 'boot', next: never };
    case 'every':
      return { kind: 'every', next: everyNext(expression.everyMs, seed.createdAt) };
    case 'in':
      return once(seed.createdAt + expression.afterMs);
    case 'at':
      return once(instantOf(expression.time, zone, schedule));
    case 'cron': {
      const local = localSchedule(expression);
      return { kind: 'cron', next: (after) => nextWithin(local, zone, schedule, after) };
    }
  }
}

/**
 * For putting a job: `in 10m` becomes `at` with the instant, and what is not due at any instant after `now` is refused with
 * cron.impossible_schedule. Returns the schedule to store.
 */
export function settleSchedule(schedule: Schedule, now: number, seed: Seed): Schedule {
  const { expression } = schedule;
  const compiled = compileSchedule(schedule, seed);
  if (expression === undefined || compiled.kind === 'none' || compiled.kind === 'boot') return schedule;
  const parsed = parseExpression(expression, seed.name);
  if (parsed.kind === 'in') return { ...schedule, expression: `at ${isoTime(now + parsed.afterMs)}` };
  if (compiled.next(now) === undefined) {
    throw impossibleSchedule({ expression, timeZone: schedule.timeZone }, parsed, now);
  }
  return { ...schedule, expression: expression.trim() };
}

/** As croner evaluates it, and whether it has fixed times. */
export function localSchedule(cron: CronFields): LocalSchedule {
  return { next: nextLocal(cron), wild: isWild(cron) };
}

/** Debian's MIN_STAR and HR_STAR, and the same for seconds. */
export function isWild({ fields }: CronFields): boolean {
  return (['second', 'minute', 'hour'] as const).some((name) => fields.get(name)?.star === true);
}

function nextWithin(local: LocalSchedule, zone: TimeZone, { clockChanges }: Schedule, after: number) {
  if (after >= LAST_CRON_INSTANT) return undefined;
  return nextInstant(local, zone, clockChanges, Math.max(after, -1));
}

function never(): undefined {
  return undefined;
}

function once(instant: number | undefined): CompiledSchedule {
  return { kind: 'once', next: (after) => (instant !== undefined && instant > after ? instant : undefined) };
}

function everyNext(everyMs: number, createdAt: number): (after: number) => number | undefined {
  return (after) => {
    const count = Math.max(1, Math.floor((after - createdAt) / everyMs) + 1);
    const instant = createdAt + count * everyMs;
    return instant <= LAST_INSTANT ? instant : undefined;
  };
}

/** A time that comes twice is its first; one in a gap goes by the policy. Looked for from before it in every zone. */
function instantOf(time: LocalTime, zone: TimeZone, schedule: Schedule): number | undefined {
  if (time.fixed) return time.ms;
  const single: LocalSchedule = { wild: false, next: (local) => (local < time.ms ? time.ms : undefined) };
  return nextInstant(single, zone, schedule.clockChanges, time.ms - WIDEST_OFFSET_MS);
}
