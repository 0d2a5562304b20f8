/**
 * What changes of the clocks do to fixed times of day: a time that does not exist is left out or moved to the end of the gap, one
 * that comes twice runs twice. Jobs that follow elapsed time (`*` in second, minute or hour) have no fixed times to lose.
 */
import type { JobSpec } from '../job.js';
import { compileSchedule, localSchedule } from '../schedule/compile.js';
import { parseExpression } from '../schedule/expression.js';
import { isoLocal } from '../schedule/local-time.js';
import { timeZone } from '../schedule/time-zone.js';

export interface ClockSurprise {
  readonly job: string;
  readonly effect: 'moved' | 'left out' | 'twice';
  /** As it was meant, in the job's zone: `2027-03-28T02:30:00`. */
  readonly local: string;
  /** Where it runs instead, or the first of both; absent where it does not run. Milliseconds since the epoch. */
  readonly at?: number;
  /** Of the last one that is told: the job has more times in this change. */
  readonly more?: true;
}

/** So many are told of one job at one change: a schedule of each second would have thousands. */
const MOST_IN_CHANGE = 20;

/** In the order of jobs and of time. */
export function clockSurprises(jobs: readonly JobSpec[], from: number, to: number): ClockSurprise[] {
  return jobs.flatMap((spec) => surprisesOf(spec, from, to));
}

interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

function surprisesOf(spec: JobSpec, from: number, to: number): ClockSurprise[] {
  const { expression } = spec.schedule;
  if (expression === undefined) return [];
  const parsed = parseExpression(expression, spec.name);
  if (parsed.kind !== 'cron') return [];
  const { next: nextTime, wild } = localSchedule(parsed);
  if (wild) return [];
  const { next } = compileSchedule(spec.schedule, { name: spec.name, createdAt: from });
  const isDue = (instant: number) => next(instant - 1) === instant;
  return changesOf(spec.schedule.timeZone, from, to).flatMap(({ at, before, after }) => {
    const times = localTimes(nextTime, at + Math.min(before, after), at + Math.max(before, after));
    if (after > before) {
      // One run stands for all times of the gap, unless the time at its end has one anyway.
      const moves = isDue(at) && nextTime(at + after - 1) !== at + after;
      return bounded(times.map((time, index) => gapSurprise(spec.name, time, moves && index === 0 ? at : undefined)));
    }
    const twice = times.filter((time) => isDue(time - before) && isDue(time - after));
    return bounded(
      twice.map(
        (time): ClockSurprise => ({ job: spec.name, effect: 'twice', local: isoLocal(time), at: time - before }),
      ),
    );
  });
}

/** As many as are told; the last one says that there are more. */
function bounded(surprises: readonly ClockSurprise[]): readonly ClockSurprise[] {
  const told = surprises.slice(0, MOST_IN_CHANGE);
  const last = told.pop();
  if (last === undefined || surprises.length <= MOST_IN_CHANGE) return surprises;
  return [...told, { ...last, more: true }];
}

function gapSurprise(job: string, time: number, at: number | undefined): ClockSurprise {
  const local = isoLocal(time);
  return at === undefined ? { job, effect: 'left out', local } : { job, effect: 'moved', local, at };
}

/** From `start` on and before `end`; where there are too many, one more than is told. */
function localTimes(next: (local: number) => number | undefined, start: number, end: number): number[] {
  const times: number[] = [];
  for (let time = next(start - 1); time !== undefined && time < end; time = next(time)) {
    times.push(time);
    if (times.length > MOST_IN_CHANGE) break;
  }
  return times;
}

function changesOf(name: string, from: number, to: number): Change[] {
  const zone = timeZone(name);
  const changes: Change[] = [];
  for (let at = from; at < to; ) {
    const { end, offset, offsetAfter } = zone.segmentAt(at);
    if (end < to && offset !== offsetAfter) changes.push({ at: end, before: offset, after: offsetAfter });
    at = Math.max(end, at + 1);
  }
  return changes;
}
