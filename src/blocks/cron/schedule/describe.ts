/**
 * Says a schedule in English: when, on which days, in which zone, and what changes of the clocks do to it.
 *
 *     30 2 1 * MON    at 02:30, on day 1 of the month or on Monday
 */
import { formatDuration } from '../../../platform/units.js';
import type { ClockChangePolicy, Schedule } from '../job.js';
import { isWild } from './compile.js';
import { type CronFields, type Expression, parseExpression } from './expression.js';
import type { Field } from './field.js';
import { isoLocal } from './local-time.js';
import { requiresBothDays } from './pattern.js';
import { timeZone } from './time-zone.js';
import { listed, monthName, specialDay, two, values, weekdayName } from './words.js';

export interface Description {
  /** `at 02:30, on Monday to Friday`. */
  readonly when: string;
  /** What changes of the clocks do; absent where there is nothing to say. */
  readonly clockChanges?: string;
}

/** As many times of day are told one by one. */
const MOST_TIMES = 6;

/** Errors are those of compileSchedule(). `seed` is the job's name. */
export function describeSchedule(schedule: Schedule, seed: string): Description {
  timeZone(schedule.timeZone);
  if (schedule.expression === undefined) return { when: 'when it is asked to' };
  const expression = parseExpression(schedule.expression, seed);
  const when = sayExpression(expression, schedule.timeZone);
  if (expression.kind !== 'cron') return { when };
  return { when, clockChanges: sayClockChanges(isWild(expression) ? 'wild' : schedule.clockChanges) };
}

function sayExpression(expression: Expression, zone: string): string {
  switch (expression.kind) {
    case 'boot':
      return 'once, when the machine starts';
    case 'every':
      return `every ${formatDuration(expression.everyMs)}, counted from when the job was made`;
    case 'in':
      return `once, ${formatDuration(expression.afterMs)} after the job is made`;
    case 'at':
      return `once, at ${isoLocal(expression.time.ms)}${expression.time.fixed ? 'Z' : ` in ${zone}`}`;
    case 'cron':
      return sayCron(expression);
  }
}

function sayClockChanges(policy: ClockChangePolicy | 'wild'): string {
  switch (policy) {
    case 'wild':
      return 'follows elapsed time: times that clocks skip do not exist, times that they repeat come twice';
    case 'vixie':
      return 'a time that clocks skip runs when the gap ends (none if it is longer than 3h), one that they repeat runs once';
    case 'skip':
      return 'a time that clocks skip does not run, one that they repeat runs once';
    case 'both':
      return 'a time that clocks skip runs when the gap ends, one that they repeat runs twice';
  }
}

function sayCron(cron: CronFields): string {
  const month = restricted(cron.fields.get('month'));
  const year = restricted(cron.fields.get('year'));
  return [
    sayTime(cron),
    sayDays(cron),
    month === undefined ? '' : `in ${values(month.values, monthName)}`,
    year === undefined ? '' : `in ${values(year.values)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** The field, unless it allows everything. */
function restricted(field: Field | undefined): Field | undefined {
  return field?.all === true ? undefined : field;
}

function sayTime({ fields }: CronFields): string {
  const [second, minute, hour] = [fields.get('second'), fields.get('minute'), fields.get('hour')];
  if (minute === undefined || hour === undefined) return '';
  const seconds = second?.values ?? [0];
  if (hour.values.length * minute.values.length * seconds.length <= MOST_TIMES) {
    return `at ${listed(hour.values.flatMap((h) => minute.values.flatMap((m) => seconds.map((s) => clockTime(h, m, s)))))}`;
  }
  if (second !== undefined && !isZero(second)) return sayWithin([second, minute, hour]);
  return isZero(minute) && sayStep(hour)
    ? `${sayStep(hour)}${hour.all ? '' : ' from 00:00'}`
    : sayWithin([minute, hour]);
}

const isZero = ({ values: all }: Field) => all.length === 1 && all[0] === 0;

const clockTime = (hour: number, minute: number, second: number) =>
  `${two(hour)}:${two(minute)}${second === 0 ? '' : `:${two(second)}`}`;

/** The finest unit first: `every 5 minutes of hours 9 to 17`. What holds always is said only behind what does not. */
function sayWithin([finest, ...coarser]: readonly [Field, ...Field[]]): string {
  const parts = [sayStep(finest) || sayValues(finest)];
  for (const field of coarser) {
    if (!field.all) parts.push(sayValues(field));
    else if (parts.at(-1)?.startsWith('every ') === false) parts.push(`every ${field.rule.name}`);
  }
  return parts.join(' of ');
}

/** `every minute`, `every 5 minutes`; empty where steps are uneven or there are none. */
function sayStep({ rule, text, all }: Field): string {
  if (all) return `every ${rule.name}`;
  const by = Number(/^[*?]\/(\d+)$/.exec(text)?.[1]);
  return (rule.highest + 1) % by === 0 ? `every ${by} ${rule.name}s` : '';
}

function sayValues({ rule, values: all }: Field): string {
  return `${rule.name}${all.length > 1 ? 's' : ''} ${values(all)}`;
}

function sayDays(cron: CronFields): string {
  const day = restricted(cron.fields.get('day-of-month'));
  const weekday = restricted(cron.fields.get('day-of-week'));
  const days = day === undefined ? '' : sayDaysOfMonth(day);
  const weekdays = weekday === undefined ? '' : sayWeekdays(weekday);
  if (days === '' || weekdays === '') return days || weekdays ? `on ${days || weekdays}` : '';
  if (requiresBothDays(cron)) return `on ${days} if that is ${weekdays}`;
  return `on ${days} or on ${weekdays}`;
}

function sayDaysOfMonth({ values: days, specials }: Field): string {
  const plain = days.length === 0 ? [] : [`${days.length > 1 ? 'days' : 'day'} ${values(days)} of the month`];
  return listed([...plain, ...specials.map(specialDay)]);
}

function sayWeekdays({ values: days, specials }: Field): string {
  // A week is read from Monday on.
  const mondayFirst = days.map((day) => (day === 0 ? 7 : day)).sort((a, b) => a - b);
  const plain = days.length === 0 ? [] : [values(mondayFirst, weekdayName)];
  return listed([...plain, ...specials.map(specialDay)]);
}
