import { Cron } from 'croner';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CronFields, parseExpression } from '../../../../src/blocks/cron/schedule/expression.js';
import { MatchingDays } from '../../../../src/blocks/cron/schedule/matching-days.js';
import { requiresBothDays } from '../../../../src/blocks/cron/schedule/pattern.js';
import { compileSchedule } from '../../../../src/blocks/cron/schedule.js';

const DAY_MS = 86_400_000;

function fieldsOf(expression: string): CronFields {
  const parsed = parseExpression(expression, 'job');
  if (parsed.kind !== 'cron') throw new Error(`${expression} has no fields`);
  return parsed;
}

function daysOf(expression: string): MatchingDays {
  const fields = fieldsOf(expression);
  return new MatchingDays(fields, requiresBothDays(fields));
}

const nextOf = (expression: string) =>
  compileSchedule({ expression, timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 }, { name: 'job', createdAt: 0 })
    .next;

const list = (items: fc.Arbitrary<string>) =>
  fc.array(items, { minLength: 1, maxLength: 3 }).map((some) => some.join(','));
const whole = (min: number, max: number) => fc.integer({ min, max }).map(String);
const dates = fc.oneof(
  fc.constantFrom('*', '*', 'LW', '29', '30', '31'),
  list(
    fc.oneof(
      whole(1, 31),
      whole(1, 31).map((date) => `${date}W`),
      fc.constant('L'),
    ),
  ),
);
const weekdays = fc.oneof(
  fc.constantFrom('*', '*'),
  list(
    fc.oneof(
      whole(0, 6),
      fc.tuple(whole(0, 6), whole(1, 5)).map(([day, nth]) => `${day}#${nth}`),
      whole(0, 6).map((day) => `${day}L`),
    ),
  ),
);
const months = fc.oneof(fc.constantFrom('*', '2'), list(whole(1, 12)));

describe('the days of a year that match', () => {
  test('are those that croner finds', () => {
    fc.assert(
      fc.property(dates, months, weekdays, fc.integer({ min: 1970, max: 2110 }), (date, month, weekday, year) => {
        const pattern = `0 0 0 ${date} ${month} ${weekday} *`;
        const both = date === '*' || weekday === '*';
        const croner = new Cron(pattern, { utcOffset: 0, paused: true, mode: '7-part', domAndDow: both });
        const start = Date.UTC(year, 0, 1);
        let last = Date.UTC(year, 11, 31);
        while (last >= start && !croner.match(new Date(last))) last -= DAY_MS;
        expect(daysOf(pattern).lastIn(year)).toBe(last < start ? -1 : last - start);
      }),
      { numRuns: 200 },
    );
  });

  test('are in the years that a calendar of all centuries has, and in no other', () => {
    const isLeapSunday = (year: number) => {
      const day = new Date(Date.UTC(year, 1, 29));
      return day.getUTCMonth() === 1 && day.getUTCDay() === 0;
    };
    // A star before the step: both days are wanted. The step of seven leaves Sunday.
    const days = daysOf('0 0 29 2 */7');
    for (let year = 2000; year < 2500; year = (days.yearFrom(year) ?? year) + 1) {
      let expected = year;
      while (!isLeapSunday(expected)) expected++;
      expect(days.yearFrom(year)).toBe(expected);
    }
    expect(daysOf('0 0 0 29 2 * 2097-2100,2196,9996').yearFrom(2100)).toBe(2196);
    expect(daysOf('0 0 0 29 2 * 2097-2100,2196,9996').yearFrom(2197)).toBe(9996);
  });

  test.each([
    ['0 0 30 2 *'],
    ['0 0 31 2,4,6,9,11 *'],
    ['0 0 31W 2,4,6,9,11 *'],
    ['0 0 0 31 2,4,6,9,11 * 1970-9999'],
    ['0 0 0 29 2 * 2100,2200,2300'],
  ])('are none of %s', (expression) => {
    expect(daysOf(expression).yearFrom(1970)).toBeUndefined();
    expect(nextOf(expression)(0)).toBeUndefined();
  });
});

test('what is due next is what croner finds, from around the last times of a day and of a year', () => {
  const times = fc.constantFrom('0 0 0', '59 59 23', '0 */7 *', '30 0 12,18');
  const from = fc.tuple(fc.integer({ min: 2020, max: 2045 }), fc.integer({ min: -200_000, max: 200_000 }));
  fc.assert(
    fc.property(times, dates, months, weekdays, from, (time, date, month, weekday, [year, offset]) => {
      const pattern = `${time} ${date} ${month} ${weekday} *`;
      const both = date === '*' || weekday === '*';
      const croner = new Cron(pattern, { utcOffset: 0, paused: true, mode: '7-part', domAndDow: both });
      const last = daysOf(pattern).lastIn(year);
      fc.pre(last >= 0);
      const next = nextOf(pattern);
      for (const at of [
        Date.UTC(year, 0, 1) + offset,
        Date.UTC(year, 0, 1) + last + offset,
        Date.UTC(year, 0, 1) + last + DAY_MS + offset,
      ]) {
        expect(next(at)).toBe(croner.nextRun(new Date(at))?.getTime());
      }
    }),
    { numRuns: 100 },
  );
});
