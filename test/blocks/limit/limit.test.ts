import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineLimit, formatRate, readAlgorithm, readRate } from '../../../src/blocks/limit/limit.js';

describe('a rate as people write it', () => {
  test.each([
    ['100/s', 100, 1e6],
    ['5/min', 5, 60e6],
    ['5/minute', 5, 60e6],
    ['1000/d', 1000, 86_400e6],
    ['1/month', 1, 30 * 86_400e6],
    ['20/250ms', 20, 250e3],
    ['3/100us', 3, 100],
    ['1000000/s', 1_000_000, 1e6],
    ['10/10s', 10, 10e6],
    ['0.5/s', 1, 2e6],
    ['2.5/s', 5, 2e6],
  ])('%s is %d in %d µs', (text, count, periodUs) => {
    expect(readRate(text)).toEqual({ count, periodUs });
  });

  test.each([
    '',
    '5',
    '5/',
    '/s',
    '5/min/day',
    '-1/s',
    '0/s',
    '0.0/s',
    'five/s',
    '5/fortnight',
    '5/0s',
    '1e3/s',
    '5/s s',
  ])('%j is refused', (text) => {
    expect(() => readRate(text)).toThrow(expect.objectContaining({ code: 'limit.bad_rate' }));
  });

  test('what is printed is read back', () => {
    const rate = fc.record({ count: fc.integer({ min: 1, max: 1e6 }), periodUs: fc.integer({ min: 1, max: 1e13 }) });
    fc.assert(
      fc.property(rate, (given) => {
        expect(readRate(formatRate(given))).toEqual(given);
      }),
    );
  });
});

describe('a limit', () => {
  const refuses = (request: Parameters<typeof defineLimit>[0], code: string) =>
    expect(() => defineLimit(request)).toThrow(expect.objectContaining({ code }));

  test('takes its count for a burst', () => {
    expect(defineLimit({ algorithm: 'gcra', count: 5, periodUs: 60e6 }).burst).toBe(5);
  });

  test('keeps the time for one exactly, in lowest terms', () => {
    expect(defineLimit({ algorithm: 'gcra', count: 3, periodUs: 1e6 })).toMatchObject({
      stepUs: 333_333,
      stepFraction: 1,
      fractions: 3,
      burstUs: 1e6,
      burstFraction: 0,
    });
    expect(defineLimit({ algorithm: 'gcra', count: 1000, periodUs: 1e9 }).fractions).toBe(1);
  });

  test('refuses what cannot be counted exactly', () => {
    refuses({ algorithm: 'gcra', count: 0, periodUs: 1e6 }, 'limit.bad_rate');
    refuses({ algorithm: 'gcra', count: 1.5, periodUs: 1e6 }, 'limit.bad_rate');
    refuses({ algorithm: 'gcra', count: 2 ** 26 + 1, periodUs: 1e6 }, 'limit.bad_rate');
    refuses({ algorithm: 'gcra', count: 1, periodUs: 1e18 }, 'limit.bad_rate');
    refuses({ algorithm: 'gcra', count: 1, periodUs: 30 * 86_400e6, burst: 2 ** 20 }, 'limit.bad_burst');
    refuses({ algorithm: 'gcra', count: 1, periodUs: 1e6, burst: 0 }, 'limit.bad_burst');
    refuses({ algorithm: 'gcra', count: 1, periodUs: 1e6, burst: Number.NaN }, 'limit.bad_burst');
    refuses({ algorithm: 'fixed-window', count: 10, periodUs: 1e6, burst: 5 }, 'limit.bad_burst');
    refuses({ algorithm: 'sliding-log', count: 10_001, periodUs: 1e6 }, 'limit.bad_rate');
  });

  test('an algorithm that is nearly spelt is suggested', () => {
    expect(() => readAlgorithm('token-buket')).toThrow(expect.objectContaining({ hint: 'did you mean token-bucket?' }));
  });
});
