/** The discovery matrix: servers that nobody here wrote, and ours; settings; and what is true of each. */
import type { AlgorithmName } from '../../src/blocks/limit/limit.js';
import type { Family } from '../../src/blocks/limit/tester/finding.js';

/** What the tester should say. */
export interface Truth {
  readonly family: Family;
  /** In a window; of a bucket the burst, of a queue the places, of concurrency those in flight. */
  readonly count: number;
  /** Milliseconds: the window; of a bucket or a queue the time for one. */
  readonly periodMs?: number;
}

export type Setting =
  /** A `limit_req_zone` rate and a `limit_req`. */
  | { readonly server: 'nginx'; readonly rate: string; readonly limit: string }
  /** `http_req_rate(period) gt count`. */
  | { readonly server: 'haproxy'; readonly period: string; readonly count: number }
  | { readonly server: 'middleware'; readonly kind: string; readonly options: Readonly<Record<string, number>> }
  /** `ds limit serve --proxy` with a policy for this path. */
  | {
      readonly server: 'ds';
      readonly algorithm: AlgorithmName;
      readonly rate: string;
      readonly burst?: number;
    };

export interface Case {
  readonly name: string;
  readonly says: string;
  readonly setting: Setting;
  readonly truth: Truth;
}

const nginx = (rate: string, limit: string, truth: Truth): Case => ({
  name: 'nginx limit_req',
  says: `rate=${rate} ${limit}`.trim(),
  setting: { server: 'nginx', rate, limit },
  truth,
});

const haproxy = (count: number, seconds: number): Case => ({
  name: 'haproxy stick-table',
  says: `http_req_rate(${seconds}s) gt ${count}`,
  setting: { server: 'haproxy', period: `${seconds}s`, count },
  truth: { family: 'sliding-counter', count, periodMs: seconds * 1000 },
});

const middleware = (name: string, kind: string, options: Readonly<Record<string, number>>, truth: Truth): Case => ({
  name,
  says: Object.entries(options)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', '),
  setting: { server: 'middleware', kind, options },
  truth,
});

const anchored = (count: number, periodMs: number): Truth => ({ family: 'anchored-window', count, periodMs });

const ds = (algorithm: AlgorithmName, rate: string, truth: Truth, burst?: number): Case => ({
  name: `ds limit serve, ${algorithm}`,
  says: `${rate}${burst === undefined ? '' : `, burst ${burst}`}`,
  setting: { server: 'ds', algorithm, rate, ...(burst === undefined ? {} : { burst }) },
  truth,
});

export const cases: readonly Case[] = [
  nginx('5r/s', '', { family: 'bucket', count: 1, periodMs: 200 }),
  nginx('20r/s', '', { family: 'bucket', count: 1, periodMs: 50 }),
  nginx('10r/s', 'burst=9 nodelay', { family: 'bucket', count: 10, periodMs: 100 }),
  nginx('30r/s', 'burst=19 nodelay', { family: 'bucket', count: 20, periodMs: 1000 / 30 }),
  nginx('20r/s', 'burst=9', { family: 'queue', count: 10, periodMs: 50 }),
  nginx('10r/s', 'burst=5', { family: 'queue', count: 6, periodMs: 100 }),
  haproxy(10, 2),
  haproxy(30, 5),
  middleware('express-rate-limit', 'express', { limit: 20, windowMs: 2000 }, anchored(20, 2000)),
  middleware('express-rate-limit', 'express', { limit: 50, windowMs: 5000 }, anchored(50, 5000)),
  middleware('@fastify/rate-limit', 'fastify', { max: 10, timeWindow: 1000 }, anchored(10, 1000)),
  middleware('@fastify/rate-limit', 'fastify', { max: 40, timeWindow: 4000 }, anchored(40, 4000)),
  middleware('rate-limiter-flexible', 'flexible', { points: 15, duration: 3 }, anchored(15, 3000)),
  middleware('rate-limiter-flexible', 'flexible', { points: 60, duration: 6 }, anchored(60, 6000)),
  // One waits for its turn, and `highWater` stand behind it; once the very first has run, in a millisecond, there is room for
  // one more: 21 or 22 from idle.
  middleware(
    'bottleneck',
    'bottleneck',
    { minTime: 50, maxConcurrent: 1, highWater: 20 },
    { family: 'queue', count: 21, periodMs: 50 },
  ),
  middleware(
    'bottleneck',
    'bottleneck',
    { maxConcurrent: 5, highWater: 0, ms: 100 },
    { family: 'concurrency', count: 5 },
  ),
  ds('gcra', '20/2s', { family: 'bucket', count: 20, periodMs: 100 }),
  ds('gcra', '25/s', { family: 'bucket', count: 10, periodMs: 40 }, 10),
  ds('token-bucket', '10/s', { family: 'bucket', count: 10, periodMs: 100 }),
  ds('token-bucket', '60/3s', { family: 'bucket', count: 30, periodMs: 50 }, 30),
  ds('leaky-bucket', '20/s', { family: 'queue', count: 8, periodMs: 50 }, 8),
  ds('leaky-bucket', '12/s', { family: 'queue', count: 12, periodMs: 1000 / 12 }),
  ds('fixed-window', '10/s', { family: 'fixed-window', count: 10, periodMs: 1000 }),
  ds('fixed-window', '45/3s', { family: 'fixed-window', count: 45, periodMs: 3000 }),
  ds('anchored-window', '12/2s', anchored(12, 2000)),
  ds('anchored-window', '40/5s', anchored(40, 5000)),
  ds('sliding-window', '10/s', { family: 'sliding-counter', count: 10, periodMs: 1000 }),
  ds('sliding-window', '40/4s', { family: 'sliding-counter', count: 40, periodMs: 4000 }),
  ds('sliding-log', '10/2s', { family: 'sliding-log', count: 10, periodMs: 2000 }),
  ds('sliding-log', '30/3s', { family: 'sliding-log', count: 30, periodMs: 3000 }),
  ds('concurrency', '4/10s', { family: 'concurrency', count: 4 }),
  ds('concurrency', '10/10s', { family: 'concurrency', count: 10 }),
];
