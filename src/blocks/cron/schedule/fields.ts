/**
 * The fields of a cron expression, and what may stand in each.
 *
 *     30 2 * * MON           minute hour day-of-month month day-of-week
 *     0 30 2 * * MON         second first
 *     0 30 2 * * MON 2027    and the year last
 */

export type FieldName = 'second' | 'minute' | 'hour' | 'day-of-month' | 'month' | 'day-of-week' | 'year';

export interface FieldRule {
  readonly name: FieldName;
  readonly lowest: number;
  readonly highest: number;
  /** Lower case, the first one stands for {@link firstName}. */
  readonly names?: readonly string[];
  readonly firstName?: number;
  /** Highest value that H and ~ pick: not every month has a 29th. */
  readonly spreadTo?: number;
}

export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export const monthNames = [
  ...['jan', 'feb', 'mar', 'apr', 'may', 'jun'],
  ...['jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
] as const;

const second: FieldRule = { name: 'second', lowest: 0, highest: 59 };
const minute: FieldRule = { name: 'minute', lowest: 0, highest: 59 };
const hour: FieldRule = { name: 'hour', lowest: 0, highest: 23 };
const dayOfMonth: FieldRule = { name: 'day-of-month', lowest: 1, highest: 31, spreadTo: 28 };
const month: FieldRule = { name: 'month', lowest: 1, highest: 12, names: monthNames, firstName: 1 };
/** 7 is Sunday, too. */
const dayOfWeek: FieldRule = {
  name: 'day-of-week',
  lowest: 0,
  highest: 7,
  names: weekdayNames,
  firstName: 0,
  spreadTo: 6,
};
const year: FieldRule = { name: 'year', lowest: 1970, highest: 9999 };

/** In the order of an expression with so many fields. */
export const fieldRules: Readonly<Record<number, readonly FieldRule[]>> = {
  5: [minute, hour, dayOfMonth, month, dayOfWeek],
  6: [second, minute, hour, dayOfMonth, month, dayOfWeek],
  7: [second, minute, hour, dayOfMonth, month, dayOfWeek, year],
};
