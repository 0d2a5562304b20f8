/** Times that are typed beside a schedule: in its zone, unless they say another one. */
import { expect, test } from 'vitest';
import { readInstant } from '../../../../src/blocks/cron/schedule.js';

const NOW = Date.UTC(2026, 0, 1);

test.each([
  ['2027-01-31', '2027-01-31T05:00:00.000Z'],
  ['2027-07', '2027-07-01T04:00:00.000Z'],
  ['2027', '2027-01-01T05:00:00.000Z'],
  ['2027-01-31T08:00', '2027-01-31T13:00:00.000Z'],
  ['2027-01-31 08:00:30.25', '2027-01-31T13:00:30.250Z'],
  // Skipped, and repeated.
  ['2027-03-14T02:30', '2027-03-14T07:00:00.000Z'],
  ['2027-11-07T01:30', '2027-11-07T05:30:00.000Z'],
  ['1960-06-01', '1960-06-01T04:00:00.000Z'],
  ['2027-01-31T08:00Z', '2027-01-31T08:00:00.000Z'],
  ['2027-01-31T08:00+01:00', '2027-01-31T07:00:00.000Z'],
  ['-1h', '2025-12-31T23:00:00.000Z'],
  ['now', '2026-01-01T00:00:00.000Z'],
  ['1769860800000', '2026-01-31T12:00:00.000Z'],
  ['2027-02-30', undefined],
  ['tomorrow', undefined],
])('%s in New York', (text, expected) => {
  const instant = readInstant(text, 'America/New_York', NOW);
  expect(instant === undefined ? undefined : new Date(instant).toISOString()).toBe(expected);
});

test('an unknown zone is told', () => {
  expect(() => readInstant('2027-01-31', 'Mars/Base', NOW)).toThrow('there is no time zone');
});
