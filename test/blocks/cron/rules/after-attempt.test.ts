import fc from 'fast-check';
import { expect, it } from 'vitest';
import { afterAttempt, retryDelayMs } from '../../../../src/blocks/cron/rules/after-attempt.js';

const retries = { most: 2, delayMs: 1_000, longestDelayMs: 5_000, jitter: 0.5 };
const failed = { kind: 'failed', reason: 'exit code 3' } as const;
const end = { retries, attempt: 1, outcome: failed, finishedAt: 50_000, chance: 0 };

it('tries again while there are retries, and then fails with the last reason', () => {
  expect(afterAttempt(end)).toEqual({ state: 'queued', reason: 'retry 1 of 2, after: exit code 3', dueAt: 51_000 });
  expect(afterAttempt({ ...end, attempt: 2 })).toMatchObject({ state: 'queued', dueAt: 52_000 });
  expect(afterAttempt({ ...end, attempt: 3 })).toEqual({ state: 'failed', reason: 'exit code 3' });
});

it('never tries again what succeeded or was cancelled', () => {
  expect(afterAttempt({ ...end, outcome: { kind: 'succeeded' } })).toEqual({ state: 'succeeded', reason: '' });
  expect(afterAttempt({ ...end, outcome: { kind: 'cancelled', reason: 'stop' } })).toEqual({
    state: 'cancelled',
    reason: 'stop',
  });
  // Who is ended by a signal says that it failed; who was quick enough succeeded.
  expect(afterAttempt({ ...end, cancelled: 'by hand' })).toEqual({ state: 'cancelled', reason: 'by hand' });
  expect(afterAttempt({ ...end, cancelled: 'by hand', outcome: { kind: 'succeeded' } }).state).toBe('succeeded');
});

it('waits twice as long each time up to the longest delay, less a random share of at most the jitter', () => {
  expect([1, 2, 3, 4, 5_000].map((retry) => retryDelayMs({ ...retries, jitter: 0 }, retry, 0.9))).toEqual([
    1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
  expect(retryDelayMs(retries, 1, 0.5)).toBe(750);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (retry, chance) => {
      const delay = retryDelayMs(retries, retry, chance);
      expect(Number.isSafeInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(500);
      expect(delay).toBeLessThanOrEqual(5_000);
    }),
  );
});
