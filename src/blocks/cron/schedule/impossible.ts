/** Why a schedule is due at no time after an instant: the field that makes it so, where one does. */
import type { DsError } from '../../../platform/errors.js';
import { isoTime } from '../../../platform/relative-time.js';
import { cronErrors } from '../errors.js';
import type { CronFields, Expression } from './expression.js';
import { shown } from './field.js';
import type { FieldName } from './fields.js';
import { MACHINE_TIME_ZONE } from './time-zone.js';
import { monthName, values } from './words.js';

interface Culprit {
  readonly field: FieldName;
  readonly why: string;
  readonly hint: string;
}

/** cron.impossible_schedule. `after`: milliseconds since the epoch. */
export function impossibleSchedule(
  { expression, timeZone }: { readonly expression: string; readonly timeZone: string },
  parsed: Expression,
  after: number,
): DsError {
  const code = 'cron.impossible_schedule';
  const details = { after: isoTime(after) };
  const culprit = parsed.kind === 'cron' ? culpritOf(parsed) : undefined;
  if (parsed.kind !== 'cron' || culprit === undefined) {
    return cronErrors.error(code, `schedule ${shown(expression)} ${sayWhy(parsed, after)}`, {
      hint: parsed.kind === 'at' ? `what time it is there: ${askTime(timeZone)}` : '@daily',
      details,
    });
  }
  const { field, why, hint } = culprit;
  const position = [...parsed.fields.keys()].indexOf(field) + 1;
  const text = shown(parsed.fields.get(field)?.text ?? '');
  return cronErrors.error(code, `field ${position} (${field}) is ${text}: ${why}`, {
    hint,
    details: { field, position, ...details },
  });
}

function askTime(timeZone: string): string {
  const zone = timeZone === MACHINE_TIME_ZONE ? '' : ` --tz ${timeZone}`;
  return `ds cron next '* * * * *' -n 1${zone}`;
}

function culpritOf({ fields }: CronFields): Culprit | undefined {
  const [day, month, year] = [fields.get('day-of-month'), fields.get('month'), fields.get('year')];
  if (day === undefined || month === undefined) return undefined;
  const [first] = day.values;
  // In a leap year is every day that there is.
  const years = year?.values ?? [2000];
  const isThere = years.some((of) =>
    month.values.some((number) => first !== undefined && first <= lastDay(of, number)),
  );
  if (!isThere && day.specials.length === 0) {
    const where = `${values(month.values, monthName)}${year === undefined ? '' : ` ${values(year.values)}`}`;
    return { field: 'day-of-month', why: `there is no such day in ${where}`, hint: 'the last day of a month is L' };
  }
  if (year === undefined) return undefined;
  return { field: 'year', why: 'none of its times is still to come', hint: '* is every year' };
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function sayWhy(parsed: Expression, after: number): string {
  if (parsed.kind === 'boot') return 'runs when the machine starts, at no time of a clock';
  if (parsed.kind === 'at') return 'is past, or within a gap of the clocks';
  return `is due at no time after ${isoTime(after)}`;
}
