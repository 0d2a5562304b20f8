import { expect, test } from 'vitest';
import { intervalsOf, jittered } from '../../../../../src/blocks/dns/server/transfer/intervals.js';

const DAY_MS = 86_400_000;
const random = (byte: number) => ({ bytes: (length: number) => new Uint8Array(length).fill(byte) });

test('the intervals of an SOA in milliseconds', () => {
  expect(intervalsOf({ refresh: 7_200, retry: 900, expire: 1_209_600 })).toEqual({
    refreshMs: 7_200_000,
    retryMs: 900_000,
    expireMs: 14 * DAY_MS,
  });
});

test('a primary cannot have us ask without a pause, nor never', () => {
  expect(intervalsOf({ refresh: 0, retry: 0, expire: 0 })).toEqual({
    refreshMs: 2_000,
    retryMs: 1_000,
    expireMs: 3_000,
  });
  const longest = 2 ** 32 - 1;
  expect(intervalsOf({ refresh: longest, retry: longest, expire: longest })).toEqual({
    refreshMs: 28 * DAY_MS,
    retryMs: 14 * DAY_MS,
    expireMs: 168 * DAY_MS,
  });
});

test('a zone does not expire before it was asked for again (RFC 1912, section 2.2)', () => {
  expect(intervalsOf({ refresh: 3_600, retry: 600, expire: 60 }).expireMs).toBe(4_200_000);
});

test('jitter makes it up to a tenth sooner, never later', () => {
  expect(jittered(1_000, random(0))).toBe(1_000);
  expect(jittered(1_000, random(255))).toBe(900);
});
