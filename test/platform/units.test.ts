import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseInstant,
  parseRate,
  parseSize,
} from '../../src/platform/units.js';

const NOW = Date.UTC(2026, 0, 31, 12);

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '5', '5parsec', '-5s', '5 s', 's', '1e3s', '999999999999d'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test('what is written is read back', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});

describe('counts', () => {
  test.each([
    ['0', 0],
    ['-3', -3],
    ['50_000', 50_000],
    ['5e4', 50_000],
  ])('%s is %i', (text, count) => expect(parseCount(text)).toBe(count));

  test.each(['', '1.5', '1,000', '_1', '1_', '0x10', '5e', '1e999', ' 1', 'many'])('%j is none', (text) =>
    expect(parseCount(text)).toBeUndefined(),
  );
});

describe('sizes', () => {
  test('are shown in the largest unit', () => expect(formatSize(1_572_864)).toBe('1.5 MiB'));

  test.each([
    ['64KB', 64_000],
    ['10MiB', 10_485_760],
    ['1.5 GiB', 1_610_612_736],
    ['64 kib', 65_536],
    ['2TB', 2e12],
    ['12B', 12],
    ['4096', 4_096],
    ['0', 0],
  ])('%s is read', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['', '-1KB', '64K', '64  KB', '1.0001 KB', '0.5', '9007199254740993', '1e3', '64 Kb/s'])(
    '%s is refused',
    (text) => expect(parseSize(text)).toBeUndefined(),
  );
});

describe('rates', () => {
  test.each([
    ['100/s', 100, 1_000],
    ['5/min', 5, 60_000],
    ['5/m', 5, 60_000],
    ['10/250ms', 10, 250],
    ['7', 7, 1_000],
  ])('%s', (text, count, perMs) => expect(parseRate(text)).toEqual({ count, perMs }));

  test.each(['', '/s', '5/', '5/0', '5/parsec', '-1/s'])('%j is none', (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );
});

describe('instants', () => {
  test.each([
    ['2026-01-31T12:00:00Z', NOW],
    ['2026-01-31T12:00', NOW],
    ['2026-01-31 12:00:00', NOW],
    ['2026-01-31T13:00:00+01:00', NOW],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026', Date.UTC(2026)],
    ['1769860800000', NOW],
    ['now', NOW],
    ['-1h', NOW - 3_600_000],
    ['+7d', NOW + 604_800_000],
  ])('%s, in UTC whatever the time zone', (text, ms) => expect(parseInstant(text, NOW)).toBe(ms));

  test.each(['', 'yesterday', '2026-13-01', '2026-01-31T25:00', '1h', '-1', '31.1.2026'])('%j is none', (text) =>
    expect(parseInstant(text, NOW)).toBeUndefined(),
  );
});
