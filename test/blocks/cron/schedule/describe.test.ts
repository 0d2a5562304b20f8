/** Schedules in words; cronstrue says the same days and times of day. */
import cronstrue from 'cronstrue';
import { expect, test } from 'vitest';
import { monthNames, weekdayNames } from '../../../../src/blocks/cron/schedule/fields.js';
import { describeSchedule } from '../../../../src/blocks/cron/schedule.js';
import { seededNumbers } from '../../../helpers/mutate.js';

const describe = (expression: string, timeZone = 'UTC') =>
  describeSchedule({ expression, timeZone, clockChanges: 'vixie', jitterMs: 0 }, 'job');

test.each([
  ['30 2 * * *', 'at 02:30'],
  ['30 2 1 * MON', 'at 02:30, on day 1 of the month or on Monday'],
  ['30 2 */10 * MON', 'at 02:30, on days 1, 11, 21 and 31 of the month if that is Monday'],
  ['0 9,17 * * MON-FRI', 'at 09:00 and 17:00, on Monday to Friday'],
  ['0 0 * * FRI-MON', 'at 00:00, on Monday and Friday to Sunday'],
  ['* * * * *', 'every minute'],
  ['*/5 * * * *', 'every 5 minutes'],
  ['*/7 * * * *', 'minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour'],
  ['0 * * * *', 'every hour'],
  ['5,35 * * * *', 'minutes 5 and 35 of every hour'],
  ['0 */2 * * *', 'every 2 hours from 00:00'],
  ['* 2 * * *', 'every minute of hour 2'],
  ['*/15 9-17 * * *', 'every 15 minutes of hours 9 to 17'],
  ['10 */3 * * *', 'minute 10 of hours 0, 3, 6, 9, 12, 15, 18 and 21'],
  ['*/15 */12 * * *', 'every 15 minutes of hours 0 and 12'],
  ['5 */20 * * * *', 'second 5 of minutes 0, 20 and 40 of every hour'],
  ['5 * * * * *', 'second 5 of every minute'],
  ['*/10 * * * * *', 'every 10 seconds'],
  ['15 30 2 * * *', 'at 02:30:15'],
  ['0 */5 * * * *', 'every 5 minutes'],
  ['* 0 0 * * *', 'every second of minute 0 of hour 0'],
  ['0 0 0 1 JAN ? 2030', 'at 00:00, on day 1 of the month, in January, in 2030'],
  ['0 0 L,15W * *', 'at 00:00, on the last day of the month and the weekday nearest to day 15'],
  ['0 0 * * MON#2,5L', 'at 00:00, on the second Monday of the month and the last Friday of the month'],
  ['@daily', 'at 00:00'],
  ['@every 90s', 'every 1m30s, counted from when the job was made'],
  ['@reboot', 'once, when the machine starts'],
  ['in 10m', 'once, 10m after the job is made'],
  ['at 2027-01-31T08:00', 'once, at 2027-01-31T08:00:00 in UTC'],
  ['at 2027-01-31T08:00+02:00', 'once, at 2027-01-31T06:00:00Z'],
])('%s: %s', (expression, words) => {
  expect(describe(expression).when).toBe(words);
});

test('what clock changes do is said for fixed times and for those that follow elapsed time', () => {
  expect(describe('30 2 * * *').clockChanges).toContain('when the gap ends');
  expect(describe('*/5 * * * *').clockChanges).toContain('follows elapsed time');
  expect(describe('@every 5m').clockChanges).toBeUndefined();
});

test('cronstrue reads the same times of day and the same names of days and months', () => {
  const numbers = seededNumbers(7);
  const below = (size: number) => numbers() % size;
  const one = (names: readonly string[]) => names[below(names.length)] ?? '*';
  for (let round = 0; round < 200; round++) {
    const hours = Array.from({ length: 1 + below(3) }, () => below(24)).sort((a, b) => a - b);
    const day = round % 3 === 0 ? '*' : one([...weekdayNames, 'mon-fri', 'tue,thu', '0', '6', '5#2', '3L']);
    const expression = `${below(60)} ${[...new Set(hours)].join(',')} * ${one(['*', ...monthNames])} ${day}`;
    const theirs = cronstrue.toString(expression, { use24HourTimeFormat: true });
    const facts = theirs.match(/\b\d{2}:\d{2}\b|\b[A-Z][a-z]+day\b|\b(?:[A-Z][a-z]+ber|[A-Z][a-z]+ary|March)\b/g) ?? [];
    expect(facts.length).toBeGreaterThan(0);
    for (const fact of facts) expect(`${expression} ${describe(expression).when}`).toContain(fact);
  }
});
