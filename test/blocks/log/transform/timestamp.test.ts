import { describe, expect, test } from 'vitest';
import { readZoneName } from '../../../../src/blocks/log/transform/timestamp/zone.js';
import { batchOf, NOW, step } from './batches.js';

/** The time of a single line, as ISO 8601 with nanoseconds; undefined where none was found. */
function timeOf(
  line: string,
  { format = 'auto', timezone, now = NOW }: { format?: string; timezone?: string; now?: bigint } = {},
) {
  const { batch } = step({ timestamp: { format } }, timezone).apply(batchOf({ line, timestamp: 1n }), now);
  const time = batch.timestamps[0] ?? 0n;
  if (time === 1n) return undefined;
  const nanos = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((time - nanos) / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanos).padStart(9, '0')}`;
}

describe('usual forms', () => {
  test.each([
    ['2015-10-18T18:01:47Z x', '2015-10-18T18:01:47.000000000'],
    ['2015-10-18T18:01:47.978+02:00 x', '2015-10-18T16:01:47.978000000'],
    ['2015-10-18T18:01:47.123456789-0530 x', '2015-10-18T23:31:47.123456789'],
    ['2015-10-18T18:01:47.1234567899Z more digits than count', '2015-10-18T18:01:47.123456789'],
    ['2015-10-18 18:01:47,978 INFO x', '2015-10-18T18:01:47.978000000'],
    ['2024-01-02 15:04:05.123 CET [7] LOG: x', '2024-01-02T14:04:05.123000000'],
    ['2024/01/02 15:04:05 [error] 31#31: x', '2024-01-02T15:04:05.000000000'],
    ['time="2024-01-02T15:04:05Z" level=info', '2024-01-02T15:04:05.000000000'],
    ['level=info ts=2024-01-02T15:04:05.5Z', '2024-01-02T15:04:05.500000000'],
    ['20240102T150405Z x', '2024-01-02T15:04:05.000000000'],
    ['<34>Oct 11 22:14:15 mymachine su: x', '2025-10-11T22:14:15.000000000'],
    ['Jun  4 15:16:01.250 combo sshd[1]: x', '2025-06-04T15:16:01.250000000'],
    ['*Mar  1 2024 18:46:11: %SYS-5-CONFIG_I: x', '2024-03-01T18:46:11.000000000'],
    ['[Sun Dec 04 04:47:44 2005] [notice] x', '2005-12-04T04:47:44.000000000'],
    ['[Sun Dec 04 04:47:44.123456 2005] [core:error] x', '2005-12-04T04:47:44.123456000'],
    ['Sun Dec  4 04:47:44 UTC 2005', '2005-12-04T04:47:44.000000000'],
    ['127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326', '2000-10-10T20:55:36.000000000'],
    ['10-Oct-2000 13:55:36.123 queries: info: x', '2000-10-10T13:55:36.123000000'],
    ['Sun, 04 Dec 2005 04:47:44 +0100 x', '2005-12-04T03:47:44.000000000'],
    ['4 Dec 2005 04:47:44 EST x', '2005-12-04T09:47:44.000000000'],
    ['I0102 15:04:05.000001 1 server.go:1] x', '2026-01-02T15:04:05.000001000'],
    ['[10.30 16:49:06] chrome.exe - x', '2025-10-30T16:49:06.000000000'],
    ['081109 203615 148 INFO dfs.DataNode: x', '2008-11-09T20:36:15.000000000'],
    ['- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 x', '2005-11-09T20:01:01.000000000'],
    ['1157689312.049   5006 10.1.33.3 TCP_MISS/200', '2006-09-08T04:21:52.049000000'],
    ['type=SYSCALL msg=audit(1364481363.243:24287): x', '2013-03-28T14:36:03.243000000'],
    ['{"level":30,"time":1531171074631,"msg":"at 2001-01-01 00:00:00"}', '2018-07-09T21:17:54.631000000'],
    [
      '{"msg":"\\"time\\":\\"2001-01-01T00:00:00Z\\"","@timestamp":"2024-01-02T15:04:05.1Z"}',
      '2024-01-02T15:04:05.100000000',
    ],
    ['{"__REALTIME_TIMESTAMP" : "1531171074631001"}', '2018-07-09T21:17:54.631001000'],
    ['{"ts":1531171074.5}', '2018-07-09T21:17:54.500000000'],
    ['{"timeUnixNano":"1531171074631000009"}', '2018-07-09T21:17:54.631000009'],
    ['1969-12-31T23:59:59.5Z before the epoch', '1969-12-31T23:59:59.500000000'],
    ['2016-12-31T23:59:60Z a leap second', '2017-01-01T00:00:00.000000000'],
  ])('%s', (line, expected) => {
    expect(timeOf(line)).toBe(expected);
  });

  test.each([
    ['2015-02-30 18:01:47 no such day'],
    ['2015-10-18 25:01:47 no such hour'],
    ['version 12015-10-18 18:01:47'],
    ['pid 1131566461a and id-1131566461'],
    ['block 081109 203615 is not at the beginning'],
    ['{"msg":"2024-01-02T15:04:05Z"}'],
    ['9999-12-31T23:59:59Z does not fit into 64 bits of nanoseconds'],
    ['2262-04-11T23:47:16.854775808Z'],
    ['9999999999999999999 x'],
    ['\tat java.lang.Thread.run(Thread.java:748)'],
    [''],
  ])('none in %j', (line) => {
    expect(timeOf(line)).toBeUndefined();
  });
});

describe('a year that is missing', () => {
  test.each([
    ['2026-03-01T12:00:00Z', 'Mar  1 11:00:00 x', '2026'],
    ['2026-03-01T12:00:00Z', 'Mar  2 11:59:59 within a day', '2026'],
    ['2026-03-01T12:00:00Z', 'Mar  2 12:00:01 further than a day', '2025'],
    ['2026-01-01T00:00:10Z', 'Dec 31 23:59:59 x', '2025'],
    ['2025-12-31T23:59:59Z', 'Jan  1 00:00:01 of a clock that is ahead', '2026'],
    ['2026-03-01T12:00:00Z', 'Feb 29 12:00:00 x', '2024'],
    ['1904-01-01T00:00:00Z', 'Feb 29 12:00:00 1900 was no leap year', '1896'],
  ])('at %s: %s is of %s', (now, line, year) => {
    expect(timeOf(line, { now: BigInt(Date.parse(now)) * 1_000_000n })?.slice(0, 4)).toBe(year);
  });
});

describe('zones', () => {
  const wall = (text: string) => Date.parse(`${text}Z`) / 1000;
  test.each([
    ['Europe/Berlin', '2026-01-15T12:00:00', '2026-01-15T11:00:00Z'],
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59Z'],
    // The gap: by the offset before.
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
    ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00Z'],
    // The overlap: the first of the two.
    ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
    ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
    ['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-04T14:45:00Z'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00', '2025-12-31T18:15:00Z'],
    ['Pacific/Kiritimati', '2026-01-01T00:00:00', '2025-12-31T10:00:00Z'],
    ['+02:00', '2026-01-01T00:00:00', '2025-12-31T22:00:00Z'],
    ['-0530', '2026-01-01T00:00:00', '2026-01-01T05:30:00Z'],
    ['utc', '2026-01-01T00:00:00', '2026-01-01T00:00:00Z'],
  ])('%s %s', (name, text, expected) => {
    expect(new Date(readZoneName(name).toEpoch(wall(text)) * 1000).toISOString()).toBe(expected.replace('Z', '.000Z'));
  });

  test('of what has no offset alone', () => {
    expect(timeOf('2026-01-15 12:00:00 x', { timezone: 'Europe/Berlin' })).toMatch(/T11:00/);
    expect(timeOf('2026-01-15 12:00:00Z x', { timezone: 'Europe/Berlin' })).toMatch(/T12:00/);
    expect(timeOf('1157689312 x', { timezone: 'Europe/Berlin' })).toMatch(/T04:21:52/);
  });

  test('an unknown one is refused', () => {
    expect(() => readZoneName('Europe/Atlantis')).toThrow(expect.objectContaining({ code: 'log.bad_timezone' }));
  });
});

describe('a format of the user', () => {
  test.each([
    ['%d/%m/%Y %H:%M:%S', 'at 31/12/2025 23:59:58 x', '2025-12-31T23:59:58.000000000'],
    ['%d.%m.%y %I:%M %p', '[01.02.26 12:05 AM] x', '2026-02-01T00:05:00.000000000'],
    ['%b %e %Y %T.%L %z', 'Feb  3 2026 04:05:06.789 +0100 x', '2026-02-03T03:05:06.789000000'],
    ['%A, %d. %B %Y %R', 'Tuesday, 3. February 2026 04:05', '2026-02-03T04:05:00.000000000'],
    ['%s.%f', 'x 1131566461.25', '2005-11-09T20:01:01.250000000'],
    ['%m-%d %T', '12-31 10:00:00 a year that is missing', '2025-12-31T10:00:00.000000000'],
  ])('%s', (format, line, expected) => {
    expect(timeOf(line, { format })).toBe(expected);
  });

  test.each([['%Q %H'], ['%Y-%m-%d'], ['%H:%'], ['x'.repeat(101)]])('%s is refused', (format) => {
    expect(() => step({ timestamp: { format } })).toThrow(expect.objectContaining({ code: 'log.bad_transform' }));
  });
});

test('a line without one has the time of the line before it in its stream; the first ones keep theirs', () => {
  const { batch } = step('timestamp=auto').apply(
    batchOf(
      { line: 'starting', timestamp: 7n },
      '2026-01-01 00:00:00 ERROR x',
      '\tat a.b(C.java:1)',
      '2026-01-01 00:00:01 y',
    ),
    NOW,
  );
  const first = BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n;
  expect([...batch.timestamps]).toEqual([7n, first, first, first + 1_000_000_000n]);
});

test('lines of several forms in one stream are each read', () => {
  const lines = [
    '2026-01-01 00:00:00 a',
    'Jan  1 00:00:00 host b: c',
    '{"time":"2026-01-01T00:00:00Z"}',
    'x [01/Jan/2026:00:00:00 +0000]',
  ];
  const { batch } = step('timestamp=auto').apply(batchOf(...lines, ...lines, ...lines), NOW);
  expect(new Set(batch.timestamps)).toEqual(new Set([BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n]));
});

test('hostile lines end quickly', () => {
  const long = 'a'.repeat(256 * 1024);
  const lines = [
    long,
    `{"${long}`,
    `{${'"time" '.repeat(30_000)}`,
    '"time":'.repeat(30_000),
    '\0'.repeat(1000),
    '[['.repeat(10_000),
  ];
  const before = process.cpuUsage().user;
  for (const line of lines) expect(timeOf(line)).toBeUndefined();
  expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
});
