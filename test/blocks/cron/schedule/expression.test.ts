/** The dialects: what each may say, and what is wrong in what cannot be read. */
import { expect, test } from 'vitest';
import { compileSchedule, MACHINE_TIME_ZONE, settleSchedule } from '../../../../src/blocks/cron/schedule.js';
import { DsError } from '../../../../src/platform/errors.js';

const START = Date.UTC(2026, 10, 26);
const schedule = (expression: string, timeZone = 'UTC') =>
  ({ expression, timeZone, clockChanges: 'vixie', jitterMs: 0 }) as const;

function times(expression: string, count = 3, name = 'job'): string {
  const { next } = compileSchedule(schedule(expression), { name, createdAt: START });
  const found: string[] = [];
  for (let at = next(START); at !== undefined && found.length < count; at = next(at)) {
    found.push(
      new Date(at)
        .toISOString()
        .replace(/^2026-/, '')
        .replace(/(?::00)?\.000Z$/, ''),
    );
  }
  return found.join(' ');
}

test.each([
  ['*/20 * * * *', '11-26T00:20 11-26T00:40 11-26T01:00'],
  ['*/20 * * * * *', '11-26T00:00:20 11-26T00:00:40 11-26T00:01'],
  ['0 0 0 1 1 * 2030-2031', '2030-01-01T00:00 2031-01-01T00:00'],
  ['0 22-2/2 * * *', '11-26T02:00 11-26T22:00 11-27T00:00'],
  ['0 0 * * fri-Mon', '11-27T00:00 11-28T00:00 11-29T00:00'],
  ['0 0 * * 5-7', '11-27T00:00 11-28T00:00 11-29T00:00'],
  ['0 0 * * 7', '11-29T00:00 12-06T00:00 12-13T00:00'],
  ['0 0 1 NOV-feb *', '12-01T00:00 2027-01-01T00:00 2027-02-01T00:00'],
  ['0 0 L * ?', '11-30T00:00 12-31T00:00 2027-01-31T00:00'],
  ['0 0 LW * *', '11-30T00:00 12-31T00:00 2027-01-29T00:00'],
  ['0 0 15W * *', '12-15T00:00 2027-01-15T00:00 2027-02-15T00:00'],
  ['0 0 * * MON#2,5L', '11-27T00:00 12-14T00:00 12-25T00:00'],
  ['0 0 1 * MON', '11-30T00:00 12-01T00:00 12-07T00:00'],
  ['0 0 */2 * MON', '12-07T00:00 12-21T00:00 2027-01-11T00:00'],
  ['0 0 1-15 * *', '12-01T00:00 12-02T00:00 12-03T00:00'],
  ['0 0 29 2 *', '2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00'],
  ['@hourly', '11-26T01:00 11-26T02:00 11-26T03:00'],
  ['@Weekly', '11-29T00:00 12-06T00:00 12-13T00:00'],
  ['@annually', '2027-01-01T00:00 2028-01-01T00:00 2029-01-01T00:00'],
  ['@every 90s', '11-26T00:01:30 11-26T00:03 11-26T00:04:30'],
  ['at 2026-12-24', '12-24T00:00'],
  ['at 2026-12-24T18:00:30+01:00', '12-24T17:00:30'],
  ['in 10m', '11-26T00:10'],
  ['@reboot', ''],
  ['  0   12 * * *  ', '11-26T12:00 11-27T12:00 11-28T12:00'],
])('%s', (expression, expected) => {
  expect(times(expression)).toBe(expected);
});

test.each([
  ['*/0 * * * *', 'minute', 1],
  ['0 */-2 * * *', 'hour', 2],
  ['60 * * * *', 'minute', 1],
  ['0 0 0 * *', 'day-of-month', 3],
  ['0 0 * 13 *', 'month', 4],
  ['0 0 * * 8', 'day-of-week', 5],
  ['0 0 * * MONDAY', 'day-of-week', 5],
  ['0 0 * FOO *', 'month', 4],
  ['1,,2 * * * *', 'minute', 1],
  ['1- * * * *', 'minute', 1],
  ['1-2-3 * * * *', 'minute', 1],
  ['*/2/3 * * * *', 'minute', 1],
  ['5/15 * * * *', 'minute', 1],
  ['1.5 * * * *', 'minute', 1],
  ['L * * * *', 'minute', 1],
  ['0 0 L-3 * *', 'day-of-month', 3],
  ['0 0 LW,1 * *', 'day-of-month', 3],
  ['0 0 * * L', 'day-of-week', 5],
  ['0 0 * * MON#6', 'day-of-week', 5],
  ['H(5-70) * * * *', 'minute', 1],
  ['30~10 * * * *', 'minute', 1],
  ['99 0 0 * * *', 'second', 1],
  ['0 0 0 * * * 2031-2030', 'year', 7],
  ['0 0 0 * * * H', 'year', 7],
])('%s is refused, and the error points at its %s', (expression, field, position) => {
  const error = thrownBy(() => compileSchedule(schedule(expression), { name: 'job', createdAt: 0 }));
  expect(error).toMatchObject({ code: 'cron.bad_expression', details: { field, position } });
  expect(error.message).toContain(`field ${position} (${field}) is "`);
});

test.each([
  ['', 'is empty'],
  ['* * * *', 'has 4 fields'],
  [Array(70).fill('*').join(' '), 'has 70 fields'],
  ['9'.repeat(10_000), 'is 10000 characters long'],
  ['0 0 * * *\0', 'has a control character'],
  ['0 0 * *\n* *', 'has a control character'],
  ['@dayly', 'is none of the names'],
  ['@daily 5', 'has something after "@daily"'],
  ['@every', 'needs one duration'],
  ['@every 0.5s', 'more often than once a second'],
  ['@every 99999d', 'is longer than 100 years'],
  ['at noon', 'needs a time'],
  ['at 2026-02-30', 'needs a time'],
  ['at 2026-02-28T24:00', 'needs a time'],
])('%j is refused: %s', (expression, why) => {
  const error = thrownBy(() => compileSchedule(schedule(expression), { name: 'job', createdAt: 0 }));
  expect(error.code).toBe('cron.bad_expression');
  expect(error.message).toContain(why);
  expect(error.message.length).toBeLessThan(200);
});

test.each(['Mars/Base', '', '+02:00', 'Europe/Berlin\0', 'x'.repeat(10_000)])('time zone %j is refused', (zone) => {
  const error = thrownBy(() => compileSchedule(schedule('* * * * *', zone), { name: 'job', createdAt: 0 }));
  expect(error.code).toBe('cron.bad_time_zone');
  expect(error.message.length).toBeLessThan(200);
});

test.each([
  ['0 0 * * MODAY', 'UTC', 'MON'],
  ['0 0 * Sept *', 'UTC', 'SEP'],
  ['@dayly', 'UTC', '@daily'],
  ['@daily', 'Europe/Berln', 'Europe/Berlin'],
])('%s in %s: the nearest name is the hint, %s', (expression, zone, hint) => {
  const error = thrownBy(() => compileSchedule(schedule(expression, zone), { name: 'job', createdAt: 0 }));
  expect(error.hint).toBe(hint);
});

test.each([
  ['0 0 30 2 *', 'field 3 (day-of-month) is "30": there is no such day in February'],
  ['0 0 31 4,6 *', 'field 3 (day-of-month) is "31": there is no such day in April and June'],
  ['0 0 0 29 2 * 2027', 'field 4 (day-of-month) is "29": there is no such day in February 2027'],
  ['0 0 0 1 1 * 1999', 'field 7 (year) is "1999": none of its times is still to come'],
  ['0 0 0 L 1 * 2026', 'field 7 (year) is "2026": none of its times is still to come'],
  ['at 2020-01-01', 'schedule "at 2020-01-01" is past, or within a gap of the clocks'],
])('%s has no instant after now and cannot be put: %s', (expression, why) => {
  const seed = { name: 'job', createdAt: START };
  const error = thrownBy(() => settleSchedule(schedule(expression), START, seed));
  expect([error.code, error.message]).toEqual(['cron.impossible_schedule', why]);
});

test.each([
  ['Europe/Berlin', "what time it is there: ds cron next '* * * * *' -n 1 --tz Europe/Berlin"],
  [MACHINE_TIME_ZONE, "what time it is there: ds cron next '* * * * *' -n 1"],
])('of a time that is past in %s the hint can be pasted: %s', (zone, hint) => {
  const seed = { name: 'job', createdAt: START };
  expect(thrownBy(() => settleSchedule(schedule('at 2020-01-01', zone), START, seed)).hint).toBe(hint);
});

test('what is put is stored as typed; "in" becomes the instant it means, and stays there', () => {
  const seed = { name: 'job', createdAt: START };
  expect(settleSchedule(schedule(' */5 * * * * '), START, seed).expression).toBe('*/5 * * * *');
  expect(settleSchedule(schedule('@reboot'), START, seed).expression).toBe('@reboot');
  const settled = settleSchedule(schedule('in 10m', 'Asia/Tokyo'), START, seed);
  expect(settled.expression).toBe('at 2026-11-26T00:10:00.000Z');
  expect(compileSchedule(settled, seed).next(START)).toBe(START + 600_000);
});

test('H and ~ are spread by the name of the job, within their range, and stay', () => {
  const expression = 'H H(0-5) ~ * *';
  expect(times(expression, 3, 'a')).toBe(times(expression, 3, 'a'));
  const seen = new Set(Array.from({ length: 200 }, (_, i) => times('H H(2-3) * * *', 1, `job-${i}`)));
  expect(seen.size).toBeGreaterThan(80);
  for (const time of seen) expect(time).toMatch(/^11-26T0[23]:/);
  const quarters = times('H/15 * * * *', 4, 'x')
    .split(' ')
    .map((time) => Number(time.slice(9)));
  const steps = quarters.slice(1).map((minute, i) => (minute - (quarters[i] ?? 0) + 60) % 60);
  expect(steps).toEqual([15, 15, 15]);
  const days = Array.from({ length: 100 }, (_, i) => times('0 0 ~ * *', 1, `job-${i}`).slice(3, 5));
  expect(Math.max(...days.map(Number))).toBeLessThanOrEqual(28);
});

test('instants are strictly after the one that is asked from, and @every counts from its creation', () => {
  const { next } = compileSchedule(schedule('* * * * * *'), { name: 'job', createdAt: 0 });
  expect([next(999), next(1000), next(1001)]).toEqual([1000, 2000, 2000]);
  const every = compileSchedule(schedule('@every 7s'), { name: 'job', createdAt: 500 });
  expect([every.next(0), every.next(7_499), every.next(7_500)]).toEqual([7_500, 7_500, 14_500]);
  expect([next(8.64e15), every.next(8.64e15)]).toEqual([undefined, undefined]);
});

function thrownBy(work: () => unknown): DsError {
  try {
    work();
  } catch (error) {
    if (error instanceof DsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
