import { expect, test } from 'vitest';
import { parsePolicies } from '../../../../src/blocks/limit/policy/index.js';
import { limitOf, policyOf } from '../../../../src/blocks/limit/tester/emit.js';
import type { Family, Finding } from '../../../../src/blocks/limit/tester/finding.js';
import { rateOfStep, simplestDuration, simplestStep } from '../../../../src/blocks/limit/tester/simplest.js';

const exactly = (value: number) => ({ value, low: value, high: value });
const finding = (family: Family, count: number, periodMs?: number): Finding => ({
  family,
  limit: exactly(count),
  ...(periodMs === undefined ? {} : { periodMs: exactly(periodMs) }),
});

test.each([
  [finding('bucket', 21, 100), 'gcra', 10, 1_000_000, 21],
  [finding('queue', 8, 50), 'leaky-bucket', 20, 1_000_000, 8],
  [finding('fixed-window', 100, 60_000), 'fixed-window', 100, 60_000_000, 100],
  [finding('anchored-window', 20, 2000), 'anchored-window', 20, 2_000_000, 20],
  [finding('sliding-counter', 30, 5000), 'sliding-window', 30, 5_000_000, 30],
  [finding('sliding-log', 10, 2000), 'sliding-log', 10, 2_000_000, 10],
  [finding('concurrency', 5), 'concurrency', 5, 60_000_000, 5],
] as const)(
  'a policy of what was found reads back as the limit it was made from: %o',
  (found, algorithm, count, periodUs, burst) => {
    expect(limitOf(found)).toMatchObject({ algorithm, count, periodUs, burst });
    const set = parsePolicies(policyOf(found, new URL('http://api.test/v1/items?page=2')), 'clone.yaml');
    expect(set.policies[0]?.match.path).toEqual(['/v1/items']);
    expect(set.policies[0]?.limits[0]?.limit).toEqual(limitOf(found));
  },
);

test('of what is possible the roundest number is the likeliest', () => {
  expect(simplestDuration(59_200, 61_000)).toBe(60_000);
  expect(simplestDuration(985, 1013)).toBe(1000);
  expect(simplestDuration(2481, 2519)).toBe(2500);
  expect(simplestStep(98, 103)).toBe(100);
  expect(simplestStep(33, 33.6)).toBeCloseTo(1000 / 30);
  expect(rateOfStep(12_000)).toEqual({ count: 5, periodMs: 60_000 });
});
