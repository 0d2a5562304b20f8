/**
 * Cron fields as systemd's OnCalendar= (systemd.time(7)): weekdays and days of the month are both wanted there, so that cron's
 * «either» takes a line for each; several lines are their union.
 *
 *     30 2 1 * mon      *-*-01 02:30:00             30 2 * * 5#2    Fri *-*-08..14 02:30:00
 *                       Mon *-*-* 02:30:00          30 2 L * *      *-*~01 02:30:00
 */
import type { CronFields } from '../schedule/expression.js';
import type { Field } from '../schedule/field.js';
import { requiresBothDays } from '../schedule/pattern.js';
import { rangesOf } from '../schedule/ranges.js';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Which days: of the weeks, and of the months. Empty: every weekday. */
interface Days {
  readonly weekdays: string;
  /** With the mark before it: `-*`, `-01,15`, `~01`. */
  readonly days: string;
}

/** The lines, in the zone; undefined for what systemd cannot say: the weekday next to a day of the month. */
export function onCalendar(cron: CronFields, timeZone: string): string[] | undefined {
  const days = daysOf(cron);
  if (days === undefined) return undefined;
  const { fields } = cron;
  const time = `${list(fields.get('hour'), '*')}:${list(fields.get('minute'), '*')}:${list(fields.get('second'), '00')}`;
  const months = `${list(fields.get('year'), '*')}-${list(fields.get('month'), '*')}`;
  return days.map(({ weekdays, days: inMonth }) => {
    return `${weekdays === '' ? '' : `${weekdays} `}${months}${inMonth} ${time} ${timeZone}`;
  });
}

function daysOf(cron: CronFields): Days[] | undefined {
  const dayOfMonth = cron.fields.get('day-of-month');
  const dayOfWeek = cron.fields.get('day-of-week');
  if (dayOfMonth === undefined || dayOfWeek === undefined) return undefined;
  const inMonth = daysInMonth(dayOfMonth);
  const inWeek = daysInWeek(dayOfWeek);
  if (inMonth === undefined) return undefined;
  if (!requiresBothDays(cron)) return [...inMonth, ...inWeek];
  if (isEvery(dayOfMonth)) return inWeek;
  if (isEvery(dayOfWeek)) return inMonth;
  // Two rules for the day of the month cannot be one.
  if (inWeek.some(({ days }) => days !== '-*')) return undefined;
  return inMonth.flatMap(({ days }) => inWeek.map(({ weekdays }) => ({ weekdays, days })));
}

function isEvery({ all, specials }: Field): boolean {
  return all && specials.length === 0;
}

function daysInMonth(field: Field): Days[] | undefined {
  if (field.specials.some((special) => special !== 'L')) return undefined;
  const days = field.values.length === 0 ? [] : [{ weekdays: '', days: `-${list(field, '*')}` }];
  return field.specials.length === 0 ? days : [...days, { weekdays: '', days: '~01' }];
}

function daysInWeek({ all, values, specials }: Field): Days[] {
  const plain = values.map((value) => WEEKDAYS[value]).join(',');
  const days = values.length === 0 ? [] : [{ weekdays: all ? '' : plain, days: '-*' }];
  return [...days, ...specials.map(nthWeekday)];
}

/** `5#2`, `5L`: the weekday falls on that day of the month once within each seven days. */
function nthWeekday(special: string): Days {
  const weekdays = WEEKDAYS[Number(special[0])] ?? '';
  if (special.endsWith('L')) return { weekdays, days: '~07/1' };
  const nth = Number(special[2]);
  return { weekdays, days: nth === 5 ? '-29..31' : `-${pad(nth * 7 - 6)}..${pad(nth * 7)}` };
}

/** `*`, or the values with ranges. */
function list(field: Field | undefined, otherwise: string): string {
  if (field === undefined) return otherwise;
  if (field.all) return '*';
  return rangesOf(field.values)
    .map(([first, last]) => (first === last ? pad(first) : `${pad(first)}..${pad(last)}`))
    .join(',');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
