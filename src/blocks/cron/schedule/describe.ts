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
      return 'once, when the daemon starts';
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
  const times = hour.values.flatMap((h) => minute.values.flatMap((m) => seconds.map((s) => clockTime(h, m, s))));
  if (times.length <= MOST_TIMES) return `at ${listed(times)}`;
  const parts = [
    second === undefined || (seconds.length === 1 && seconds[0] === 0) ? '' : sayUnit(second, 'second'),
    minute.all && second !== undefined && seconds.length > 1 ? '' : sayUnit(minute, 'minute'),
    hour.all ? '' : sayHours(hour, minute),
  ].filter((part) => part !== '');
  const onlyHours = minute.values.length === 1 && minute.values[0] === 0 && hour.all && parts.length === 1;
  return onlyHours ? 'every hour' : parts.join(' of ');
}

const clockTime = (hour: number, minute: number, second: number) =>
  `${two(hour)}:${two(minute)}${second === 0 ? '' : `:${two(second)}`}`;

/** `every 5 minutes`, `every minute`, `minute 5 and 35`. */
function sayUnit(field: Field, unit: string): string {
  if (field.all) return `every ${unit}`;
  const step = /^[*?]\/(\d+)$/.exec(field.text);
  const by = Number(step?.[1]);
  if (step !== null && 60 % by === 0) return `every ${by} ${unit}s`;
  return `${unit}${field.values.length > 1 ? 's' : ''} ${values(field.values)}`;
}

function sayHours(hour: Field, minute: Field): string {
  const step = /^[*?]\/(\d+)$/.exec(hour.text);
  const by = Number(step?.[1]);
  if (step !== null && 24 % by === 0) return `every ${by} hours from 00:00`;
  if (minute.values.length !== 1) return `the hours ${values(hour.values, (value) => `${two(value)}:00`)}`;
  return `${hour.values.length > 1 ? 'hours' : 'hour'} ${values(hour.values)}`;
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
