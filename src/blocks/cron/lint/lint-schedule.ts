/** What of a schedule is probably not meant. Pure: the instant from which a year is looked at is passed in. */
import { DsError } from '../../../platform/errors.js';
import type { ClockChangePolicy, Schedule } from '../job.js';
import { isWild, settleSchedule } from '../schedule/compile.js';
import { type CronFields, parseExpression } from '../schedule/expression.js';
import type { Field } from '../schedule/field.js';
import type { FieldName } from '../schedule/fields.js';
import { requiresBothDays } from '../schedule/pattern.js';
import { monthName, two, values } from '../schedule/words.js';
import type { Finding } from './finding.js';
import { lintClockChanges } from './lint-clock-changes.js';

export interface LintOptions {
  readonly timeZone: string;
  readonly clockChanges: ClockChangePolicy;
  /** Name of the job, for H and ~. */
  readonly seed: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An unknown time zone is thrown (cron.bad_time_zone): it is not of the expression. */
export function lintSchedule(expression: string, { timeZone, clockChanges, seed, now }: LintOptions): Finding[] {
  const schedule: Schedule = { expression, timeZone, clockChanges, jitterMs: 0 };
  const refused = refusalOf(schedule, seed, now);
  if (refused !== undefined) return [refused];
  const parsed = parseExpression(expression, seed);
  if (parsed.kind !== 'cron') return [];
  const { fields } = parsed;
  return [
    ...lintDays(parsed),
    ...[...fields.values()].flatMap(lintStep),
    ...lintEveryMinute(fields),
    ...lintShortMonths(fields),
    ...lintMidnight(fields),
    ...(isWild(parsed) ? [] : lintClockChanges(parsed, timeZone, now)),
  ];
}

function refusalOf(schedule: Schedule, name: string, now: number): Finding | undefined {
  try {
    settleSchedule(schedule, now, { name, createdAt: now });
    return undefined;
  } catch (error) {
    if (!(error instanceof DsError) || error.code === 'cron.bad_time_zone') throw error;
    const { field } = error.details;
    const code = error.code === 'cron.impossible_schedule' ? 'impossible' : 'unreadable';
    return {
      code,
      severity: 'error',
      ...(field === undefined ? {} : { field: String(field) }),
      message: error.message,
    };
  }
}

const warning = (code: string, field: FieldName, message: string): Finding => ({
  ...{ code, severity: 'warning', field, message },
});

function lintDays(cron: CronFields): Finding[] {
  const [day, weekday] = [cron.fields.get('day-of-month'), cron.fields.get('day-of-week')];
  if (day === undefined || weekday === undefined || day.all || weekday.all) return [];
  if (requiresBothDays(cron)) {
    const why = 'one of them begins with a star, so a day must match both';
    return [warning('both_days', 'day-of-month', `day of month ${day.text} and weekday ${weekday.text}: ${why}`)];
  }
  const why = 'either is enough; for the first Monday of a month write MON#1';
  return [warning('either_day', 'day-of-month', `day of month ${day.text} or weekday ${weekday.text}: ${why}`)];
}

function lintStep({ rule, text, values: all }: Field): Finding[] {
  const step = Number(/^[*?]\/(\d+)$/.exec(text)?.[1] ?? 1);
  const size = rule.name === 'day-of-week' ? 7 : rule.highest - rule.lowest + 1;
  if (rule.name === 'year' || step === 1) return [];
  if (step >= size) return [warning('step_too_large', rule.name, `${text} is only ever ${all[0]}: there are ${size}`)];
  if (size % step === 0 && rule.name !== 'day-of-month') return [];
  const uneven = `${text} is not every ${step}: after ${all.at(-1)} comes ${all[0]} again`;
  return [warning('uneven_step', rule.name, uneven)];
}

function lintEveryMinute(fields: CronFields['fields']): Finding[] {
  const [minute, hour] = [fields.get('minute'), fields.get('hour')];
  if (minute?.all !== true || hour === undefined || hour.all || !/^[\d,]+$/.test(hour.text)) return [];
  const first = two(hour.values[0] ?? 0);
  return [warning('every_minute', 'minute', `every minute from ${first}:00 to ${first}:59; once is 0 ${hour.text}`)];
}

/** Days in each month, February in a leap year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function lintShortMonths(fields: CronFields['fields']): Finding[] {
  const [day, month, weekday] = [fields.get('day-of-month'), fields.get('month'), fields.get('day-of-week')];
  const first = day?.values[0] ?? 0;
  if (day === undefined || month === undefined || first < 29 || day.specials.length > 0) return [];
  if (weekday?.all === false && weekday.star === false) return [];
  const short = month.values.filter((value) => (LENGTHS[value - 1] ?? 0) < first);
  const leaps = first === 29 && month.values.includes(2);
  if (leaps) return [warning('leap_day', 'day-of-month', 'February 29 comes in leap years only; the last day is L')];
  if (short.length === 0) return [];
  const skipped = values(short, monthName);
  return [warning('short_months', 'day-of-month', `there is no day ${first} in ${skipped}; the last day is L`)];
}

function lintMidnight(fields: CronFields['fields']): Finding[] {
  const isZero = (name: FieldName) => fields.get(name)?.text === '0';
  if (!isZero('minute') || !isZero('hour')) return [];
  const message = 'midnight is when most jobs start; H H(0-5) spreads them';
  return [{ code: 'midnight', severity: 'note', field: 'hour', message }];
}
