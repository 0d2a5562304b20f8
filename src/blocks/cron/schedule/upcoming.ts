/** The next times of a schedule that belongs to no job yet. */
import type { ClockChangePolicy } from '../job.js';
import { compileSchedule } from './compile.js';
import { parseExpression } from './expression.js';
import { impossibleSchedule } from './impossible.js';
import { isoLocal, isoOffset } from './local-time.js';
import { timeZone } from './time-zone.js';

export interface Question {
  readonly expression: string;
  readonly timeZone: string;
  readonly clockChanges: ClockChangePolicy;
  /** Name of the job, for H and ~. */
  readonly seed: string;
  /** Times strictly after it; @every and `in` count from it. Milliseconds since the epoch. */
  readonly from: number;
  readonly count: number;
}

export interface DueTime {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What a clock in the zone shows: `2027-01-31T08:00:00`. */
  readonly local: string;
  /** Of the zone from UTC then: `+01:00`. */
  readonly offset: string;
}

/** At most `count`, at least one: errors are those of compileSchedule(), and cron.impossible_schedule. */
export function upcoming(question: Question): DueTime[] {
  const { expression, seed, from, count } = question;
  const compiled = compileSchedule({ ...question, jitterMs: 0 }, { name: seed, createdAt: from });
  const zone = timeZone(question.timeZone);
  const times: DueTime[] = [];
  let after = from;
  while (times.length < count) {
    const at = compiled.next(after);
    if (at === undefined) break;
    const offset = zone.offsetAt(at);
    times.push({ at, local: isoLocal(at + offset), offset: isoOffset(offset) });
    after = at;
  }
  if (times.length > 0) return times;
  throw impossibleSchedule(question, parseExpression(expression, seed), from);
}
