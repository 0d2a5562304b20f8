/** Clocks that change: what every policy does in New York, Lord Howe, São Paulo and Apia, and over years. */
import { describe, expect, test } from 'vitest';
import { type ClockChangePolicy, clockChangePolicies } from '../../../../src/blocks/cron/job.js';
import { compileSchedule } from '../../../../src/blocks/cron/schedule.js';

function due(expression: string, timeZone: string, clockChanges: ClockChangePolicy, from: string, until: string) {
  const { next } = compileSchedule(
    { expression, timeZone, clockChanges, jitterMs: 0 },
    { name: 'job', createdAt: Date.parse(from) },
  );
  const times: string[] = [];
  const end = Date.parse(until);
  for (let at = next(Date.parse(from)); at !== undefined && at < end; at = next(at)) {
    times.push(new Date(at).toISOString().replace(/:00\.000Z$/, ''));
  }
  return times;
}

const all = (times: readonly string[]) => ({ vixie: times, skip: times, both: times });
const NY = 'America/New_York';

type Case = [
  name: string,
  expression: string,
  zone: string,
  from: string,
  until: string,
  expected: Record<ClockChangePolicy, readonly string[]>,
];

const cases: Case[] = [
  [
    'a fixed time in a gap',
    '30 2 * * *',
    NY,
    '2026-03-08T00:00Z',
    '2026-03-09T12:00Z',
    {
      vixie: ['2026-03-08T07:00', '2026-03-09T06:30'],
      skip: ['2026-03-09T06:30'],
      both: ['2026-03-08T07:00', '2026-03-09T06:30'],
    },
  ],
  [
    'several in one gap, and one at its end',
    '0,15,45 2,3 * * *',
    NY,
    '2026-03-08T06:00Z',
    '2026-03-08T07:50Z',
    {
      vixie: ['2026-03-08T07:00', '2026-03-08T07:15', '2026-03-08T07:45'],
      skip: ['2026-03-08T07:00', '2026-03-08T07:15', '2026-03-08T07:45'],
      both: ['2026-03-08T07:00', '2026-03-08T07:15', '2026-03-08T07:45'],
    },
  ],
  [
    'elapsed time over a gap',
    '*/30 * * * *',
    NY,
    '2026-03-08T06:00Z',
    '2026-03-08T08:00Z',
    all(['2026-03-08T06:30', '2026-03-08T07:00', '2026-03-08T07:30']),
  ],
  [
    'a star in the minute only',
    '*/30 2 * * *',
    NY,
    '2026-03-08T00:00Z',
    '2026-03-09T06:40Z',
    all(['2026-03-09T06:00', '2026-03-09T06:30']),
  ],
  [
    'a fixed time in a fold',
    '30 1 * * *',
    NY,
    '2026-11-01T00:00Z',
    '2026-11-02T12:00Z',
    {
      vixie: ['2026-11-01T05:30', '2026-11-02T06:30'],
      skip: ['2026-11-01T05:30', '2026-11-02T06:30'],
      both: ['2026-11-01T05:30', '2026-11-01T06:30', '2026-11-02T06:30'],
    },
  ],
  [
    'asked from between the two',
    '30 1 * * *',
    NY,
    '2026-11-01T06:10Z',
    '2026-11-02T12:00Z',
    {
      vixie: ['2026-11-02T06:30'],
      skip: ['2026-11-02T06:30'],
      both: ['2026-11-01T06:30', '2026-11-02T06:30'],
    },
  ],
  [
    'elapsed time over a fold',
    '*/30 1 1 11 *',
    NY,
    '2026-11-01T00:00Z',
    '2026-12-01T00:00Z',
    all(['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30']),
  ],
  [
    'half an hour',
    '15 2 4 10 *',
    'Australia/Lord_Howe',
    '2026-01-01T00:00Z',
    '2027-01-01T00:00Z',
    { vixie: ['2026-10-03T15:30'], skip: [], both: ['2026-10-03T15:30'] },
  ],
  [
    'half an hour back',
    '45 1 5 4 *',
    'Australia/Lord_Howe',
    '2026-01-01T00:00Z',
    '2027-01-01T00:00Z',
    {
      vixie: ['2026-04-04T14:45'],
      skip: ['2026-04-04T14:45'],
      both: ['2026-04-04T14:45', '2026-04-04T15:15'],
    },
  ],
  [
    'a midnight that does not exist',
    '@daily',
    'America/Sao_Paulo',
    '2018-11-03T12:00Z',
    '2018-11-05T12:00Z',
    {
      vixie: ['2018-11-04T03:00', '2018-11-05T02:00'],
      skip: ['2018-11-05T02:00'],
      both: ['2018-11-04T03:00', '2018-11-05T02:00'],
    },
  ],
  [
    'a day that does not exist',
    '0 8 30 12 *',
    'Pacific/Apia',
    '2011-12-01T00:00Z',
    '2012-12-30T00:00Z',
    { vixie: ['2012-12-29T18:00'], skip: ['2012-12-29T18:00'], both: ['2011-12-30T10:00', '2012-12-29T18:00'] },
  ],
  [
    'a one-shot in a gap',
    'at 2026-03-08T02:30',
    NY,
    '2026-01-01T00:00Z',
    '2027-01-01T00:00Z',
    { vixie: ['2026-03-08T07:00'], skip: [], both: ['2026-03-08T07:00'] },
  ],
  [
    'a one-shot in a fold',
    'at 2026-11-01 01:30',
    NY,
    '2026-01-01T00:00Z',
    '2027-01-01T00:00Z',
    all(['2026-11-01T05:30']),
  ],
];

describe.each(cases)('%s: %s in %s', (_name, expression, zone, from, until, expected) => {
  test.each(clockChangePolicies)('%s', (policy) => {
    expect(due(expression, zone, policy, from, until)).toEqual(expected[policy]);
  });
});

test('a daily job runs once a day over ten years under vixie, wherever clocks change', () => {
  for (const zone of [NY, 'Australia/Lord_Howe', 'Africa/Casablanca', 'Europe/Dublin', 'Asia/Kathmandu']) {
    const times = due('30 2 * * *', zone, 'vixie', '2016-01-01T12:00Z', '2026-01-01T12:00Z');
    expect([zone, times.length]).toEqual([zone, 3653]);
  }
});

test('asking from any instant gives the same times as going from one to the next', () => {
  for (const policy of clockChangePolicies) {
    for (const expression of ['30 1,2 * * *', '*/20 * * * *', '0-59/25 1-3 * * *']) {
      for (const [from, until] of [
        ['2026-03-08T03:00Z', '2026-03-08T12:00Z'],
        ['2026-11-01T03:00Z', '2026-11-01T12:00Z'],
      ] as const) {
        const times = due(expression, NY, policy, from, until).map((time) => Date.parse(`${time}Z`));
        const schedule = { expression, timeZone: NY, clockChanges: policy, jitterMs: 0 };
        const { next } = compileSchedule(schedule, { name: 'job', createdAt: 0 });
        for (let at = Date.parse(from); at < (times.at(-1) ?? 0); at += 150_000) {
          expect(next(at)).toBe(times.find((time) => time > at));
        }
      }
    }
  }
});

test('what falls into a gap every year and is skipped ends the search', () => {
  const schedule = { expression: '30 2 * 3 SUN#2', timeZone: NY, clockChanges: 'skip', jitterMs: 0 } as const;
  expect(compileSchedule(schedule, { name: 'job', createdAt: 0 }).next(Date.UTC(2026, 0, 1))).toBeUndefined();
});

test('what falls into a gap in almost every year is due in the others', () => {
  // The second Sunday of March, or the 29th where that is a Sunday: the star asks for both.
  const schedule = { expression: '30 2 8-14,29 3 */7', timeZone: NY, clockChanges: 'skip', jitterMs: 0 } as const;
  const { next } = compileSchedule(schedule, { name: 'job', createdAt: 0 });
  let year = 2027;
  while (new Date(Date.UTC(year, 2, 29)).getUTCDay() !== 0) year++;
  expect(year).toBeGreaterThan(2030);
  expect(next(Date.UTC(2027, 0, 1))).toBe(Date.UTC(year, 2, 29, 6, 30));
});
