/** What lint finds, and what it leaves alone. */
import { expect, test } from 'vitest';
import { lintExpression, lintFile } from '../../../../src/blocks/cron/lint.js';

const options = { timeZone: 'America/New_York', clockChanges: 'vixie', seed: '', now: Date.UTC(2026, 0, 1) } as const;
const codes = (text: string) =>
  lintExpression(text, options).findings.map(({ severity, code, field }) => [severity, code, field]);

test.each([
  ['15 3 * * MON', []],
  ['*/20 * * * *', []],
  ['0 0 * * MON#1', [['note', 'midnight', 'hour']]],
  ['5 4 1 * MON', [['warning', 'either_day', 'day-of-month']]],
  [
    '5 4 */2 * MON',
    [
      ['warning', 'both_days', 'day-of-month'],
      ['warning', 'uneven_step', 'day-of-month'],
    ],
  ],
  ['*/7 * * * *', [['warning', 'uneven_step', 'minute']]],
  ['*/90 * * * *', [['warning', 'step_too_large', 'minute']]],
  ['* 4 * * *', [['warning', 'every_minute', 'minute']]],
  ['5 4 31 * *', [['warning', 'short_months', 'day-of-month']]],
  ['5 4 31 1,3 *', []],
  ['5 4 29 2 *', [['warning', 'leap_day', 'day-of-month']]],
  ['30 2 * * *', [['warning', 'skipped_time', 'hour']]],
  ['30 1 * * *', [['warning', 'repeated_time', 'hour']]],
  ['30 2 * 7 *', []],
  ['0 0 30 2 *', [['error', 'impossible', 'day-of-month']]],
  ['*/0 * * * *', [['error', 'unreadable', 'minute']]],
  ['at 2020-01-01', [['error', 'impossible', undefined]]],
  ['@every 90s', []],
  ['at 2027-01-01 08:00', []],
  ['5 4 * * * date +%F', [['warning', 'percent', 'command']]],
  ['5 4 * * * date +\\%F', []],
  ['5 4 * * FRI 2027-2029', [['error', 'unreadable', 'month']]],
])('%s', (text, expected) => {
  expect(codes(text)).toEqual(expected);
});

test('a time that the clocks skip or repeat is told with its date and what each policy does', () => {
  const [skipped] = lintExpression('30 2 * * *', options).findings;
  expect(skipped?.message).toBe(
    '2026-03-08 02:30 does not exist in America/New_York (clocks skip 1h): vixie and both run it at 03:00, skip does not',
  );
  const [repeated] = lintExpression('30 1 * * *', options).findings;
  expect(repeated?.message).toBe(
    '2026-11-01 01:30 comes twice in America/New_York: vixie and skip run it the first time, both runs it twice',
  );
});

test('a crontab: comments and variables are passed over, CRON_TZ holds for the lines after it', () => {
  const text = [
    ...['# 99 * * * * no', 'MAILTO="a b"', '', '30 2 * * * root backup', 'CRON_TZ=Asia/Tokyo'],
    ...['30 2 * * * backup', '@hourly run', '99 * * * * broken', '@every 90s cleanup 50%'],
  ].join('\n');
  const { findings, schedules } = lintFile(text, 'tab', options);
  expect(schedules).toBe(5);
  expect(findings.map(({ line, code, expression }) => [line, code, expression])).toEqual([
    [4, 'skipped_time', '30 2 * * *'],
    [8, 'unreadable', '99 * * * *'],
    [9, 'percent', '@every 90s'],
  ]);
});

test('a crontab that is too long is refused, not read in part', () => {
  const text = '5 4 * * * true\n'.repeat(300_000);
  expect(() => lintFile(text, 'tab', options)).toThrow('tab:1: it is longer than 4194304 bytes');
});

test('what cron would refuse or would hand to the command is found, too', () => {
  const text = '10 * * * *\nCRON_TZ=Mars/Base\n15 3 * * * a\r\n';
  const { findings, schedules } = lintFile(text, 'tab', options);
  expect(findings.map(({ severity, code, line }) => [severity, code, line])).toEqual([
    ['error', 'no_command', 1],
    ['error', 'unknown_zone', 2],
    ['error', 'carriage_return', 3],
  ]);
  expect(schedules).toBe(2);
  expect(lintFile('# nothing\nA=1\n', 'tab', options)).toEqual({ findings: [], schedules: 0 });
  expect(() => lintFile('5 4 * * * x\n'.repeat(20_001), 'tab', options)).toThrow(
    'tab:20001: it has more than 20000 jobs',
  );
});

test('of YAML each job is looked at in its own zone and by its own policy', () => {
  const text = `jobs:
  late: {schedule: 30 2 * * *, command: x, tz: Asia/Tokyo}
  asked: {command: y}
  nightly:
    command: x 50%
    schedule: 30 2 * * *
  outside: {schedule: '*/7 * * * *', external: {}}
`;
  const { findings, schedules } = lintFile(text, 'jobs.yaml', options);
  expect(findings.map(({ line, code }) => [line, code])).toEqual([
    [6, 'skipped_time'],
    [7, 'uneven_step'],
  ]);
  expect(schedules).toBe(3);
  expect(() => lintFile(`jobs: ${'['.repeat(100_000)}`, 'stdin', options)).toThrow(
    'stdin:1: it is nested more than 64',
  );
});
