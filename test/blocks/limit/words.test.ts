import { expect, test } from 'vitest';
import { answerFields, answerRecord, answersOf, sayAnswer } from '../../../src/blocks/limit/answer.js';
import { type AlgorithmName, algorithmNames, defineLimit, readRate } from '../../../src/blocks/limit/limit.js';
import type { Decision, KeyReport } from '../../../src/blocks/limit/limiter.js';
import { sayLimit, sayState, sayTime } from '../../../src/blocks/limit/words.js';

test.each([
  [0, '0µs'],
  [340, '340µs'],
  [1_000, '1ms'],
  [12_001, '13ms'],
  [999_999, '1s'],
  [11_900_001, '12s'],
  [11_899_999, '11.9s'],
  [59_950_000, '1m'],
  [60_000_000, '1m'],
  [61_000_001, '1m2s'],
  [3_600_000_000, '1h'],
  [3_600_000_001, '1h1m'],
  [90_000_000_000, '1d1h'],
  [Number.POSITIVE_INFINITY, 'never'],
])('%d µs are said as %s: enough to wait', (us, text) => {
  expect(sayTime(us)).toBe(text);
});

const limitOf = (algorithm: AlgorithmName, rate = '5/min', burst?: number) =>
  defineLimit({ algorithm, ...readRate(rate), ...(burst === undefined ? {} : { burst }) });

test.each([
  [limitOf('gcra'), '5/min by gcra'],
  [limitOf('gcra', '5/min', 10), '5/min by gcra, burst 10'],
  [limitOf('leaky-bucket', '5/min', 10), '5/min by leaky-bucket, 10 in the queue'],
  [limitOf('concurrency', '3/10min'), '3 at once, each for at most 10m'],
])('a limit in words: %#', (limit, text) => {
  expect(sayLimit(limit)).toBe(text);
});

const NOW = Date.parse('2026-11-23T12:03:48Z') * 1000;

const decision = (change: Partial<Decision> = {}): Decision => {
  return { allowed: true, limit: 5, remaining: 0, retryAfterUs: 0, resetAfterUs: 12_000_000, delayUs: 0, ...change };
};

test.each<[AlgorithmName, string]>([
  ['gcra', '5 of 5 taken, all given back in 12s; the next slot in 12s'],
  ['token-bucket', '5 of 5 taken, all given back in 12s; the next slot in 12s'],
  ['leaky-bucket', '5 of 5 places in the queue taken, empty in 12s; the next slot in 12s'],
  ['fixed-window', '5 of 5 in the window since 2026-11-23 12:03:00Z; the next slot in 12s'],
  ['anchored-window', '5 of 5 in the window since 2026-11-23 12:03:00Z; the next slot in 12s'],
  ['sliding-window', 'about 5 of 5 in the last 1m; the next slot in 12s'],
  ['sliding-log', '5 of 5 in the last 1m; the next slot in 12s'],
  ['concurrency', '5 of 5 places held; the next slot in 12s'],
])('what %s has counted, in words', (algorithm, text) => {
  const limit = limitOf(algorithm);
  const report: KeyReport = {
    ...{ scope: '', key: 'k', limit, decision: decision() },
    ...{ allowedTotal: 5, limitedTotal: 0, lastAt: NOW, recent: [] },
  };
  expect(sayState(report, 12_000_000, NOW)).toBe(text);
  expect(algorithmNames).toContain(algorithm);
});

test('an answer as fields, record and words', () => {
  const limit = limitOf('gcra');
  const demand = { scope: '', key: 'k', limit, cost: 1 };
  const [limited] = answersOf(
    { allowed: false, blockedForUs: 0, decisions: [decision({ allowed: false, retryAfterUs: 11_999_930 })] },
    [demand],
  );
  if (limited === undefined) throw new Error('no answer');
  expect(answerFields(limited)).toBe('limited\t0\t5\t11.99993\t12\t0\t');
  expect(answerRecord(limited)).toEqual({
    ...{ state: 'limited', allowed: false, limit: 5, remaining: 0 },
    ...{ retry_after_ms: 11_999.93, reset_after_ms: 12_000 },
  });
  expect(sayAnswer(limited)).toBe('0 of 5 left, retry in 12s');

  const never = decision({ allowed: false, remaining: 5, retryAfterUs: Number.POSITIVE_INFINITY });
  const [refused] = answersOf({ allowed: false, blockedForUs: 0, decisions: [never] }, [demand]);
  if (refused === undefined) throw new Error('no answer');
  expect(answerFields(refused)).toBe('limited\t5\t5\tinf\t12\t0\t');
  expect(answerRecord(refused).retry_after_ms).toBeNull();
  expect(sayAnswer(refused)).toBe('5 of 5 left, more than ever fits');

  const [held] = answersOf({ allowed: true, blockedForUs: 0, decisions: [decision({ lease: 77 })] }, [demand]);
  if (held === undefined) throw new Error('no answer');
  expect(answerFields(held)).toBe('allowed\t0\t5\t0\t12\t0\t77');

  const [blocked] = answersOf({ allowed: false, blockedForUs: 3e9, decisions: [decision()] }, [demand]);
  if (blocked === undefined) throw new Error('no answer');
  expect(answerRecord(blocked)).toMatchObject({ state: 'blocked', allowed: false, retry_after_ms: 3_000_000 });
});
