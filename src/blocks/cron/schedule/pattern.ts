/**
 * Turns fields into what croner evaluates: always seven of them, numbers and ranges only, in time without a zone. Dialects
 * end here, and so do clocks that change: croner sees neither.
 */
import { Cron } from 'croner';
import type { CronFields } from './expression.js';
import type { Field } from './field.js';
import type { FieldName } from './fields.js';
import { isEvery, MatchingDays } from './matching-days.js';
import { rangesOf } from './ranges.js';

/** The first local time strictly after `local` (both in local milliseconds), or undefined. */
export type NextLocal = (local: number) => number | undefined;

/** A Cron of croner takes 82 kB, most of it for the years, and 100 µs to make; many jobs share a pattern. */
const MOST_KEPT = 64;
const kept = new Map<string, NextLocal>();

export function nextLocal(cron: CronFields): NextLocal {
  const pattern = cronerPattern(cron);
  const domAndDow = requiresBothDays(cron);
  const key = `${pattern} ${domAndDow}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const evaluator = new Cron(pattern, { utcOffset: 0, paused: true, mode: '7-part', domAndDow });
  const next = withinYears(cron, (local) => evaluator.nextRun(new Date(local))?.getTime());
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, next);
  return next;
}

/** croner searches day by day: it is asked where the year has a time to come, and starts at the beginning of that year. */
function withinYears(cron: CronFields, next: NextLocal): NextLocal {
  const days = new MatchingDays(cron, requiresBothDays(cron));
  const lastTime = lastTimeOfDay(cron);
  return (local) => {
    const year = new Date(local).getUTCFullYear();
    const last = days.lastIn(year);
    if (last >= 0 && local < Date.UTC(year, 0, 1) + last + lastTime) return next(local);
    const later = days.yearFrom(year + 1);
    return later === undefined ? undefined : next(Date.UTC(later, 0, 1) - 1);
  };
}

/** Milliseconds since midnight. */
function lastTimeOfDay({ fields }: CronFields): number {
  const last = (name: FieldName, otherwise: number) => fields.get(name)?.values.at(-1) ?? otherwise;
  return ((last('hour', 23) * 60 + last('minute', 59)) * 60 + last('second', 0)) * 1000;
}

/**
 * Debian's rule: where both day fields are told, either is enough, unless one of them begins with a star, whatever follows it.
 * Every second day of the month (a star and a step) with a weekday wants both.
 */
export function requiresBothDays({ fields }: CronFields): boolean {
  return fields.get('day-of-month')?.star === true || fields.get('day-of-week')?.star === true;
}

const ORDER: readonly FieldName[] = ['second', 'minute', 'hour', 'day-of-month', 'month', 'day-of-week', 'year'];

function cronerPattern({ fields }: CronFields): string {
  return ORDER.map((name) => fieldPattern(fields.get(name), name === 'second' ? '0' : '*')).join(' ');
}

function fieldPattern(field: Field | undefined, otherwise: string): string {
  if (field === undefined) return otherwise;
  if (isEvery(field)) return '*';
  const ranges = rangesOf(field.values).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return [...ranges, ...field.specials].join(',');
}
