import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AlgorithmName, defineLimit, readRate } from '../../../src/blocks/limit/limit.js';
import type { RateLimiter } from '../../../src/blocks/limit/limiter.js';
import { openMemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { takeWhenAllowed } from '../../../src/blocks/limit/waiting.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { waitFor } from '../../helpers/wait-for.js';

let clock: ManualClock;
let limiter: RateLimiter;
beforeEach(() => {
  clock = new ManualClock();
  limiter = openMemoryLimiter({ clock, random: systemRandom });
});
afterEach(() => limiter.close());

const demand = (rate: string, algorithm: AlgorithmName = 'gcra', burst?: number) => ({
  scope: '',
  key: 'k',
  limit: defineLimit({ algorithm, ...readRate(rate), ...(burst === undefined ? {} : { burst }) }),
  cost: 1,
});

const take = (what: ReturnType<typeof demand>, timeoutMs = Number.POSITIVE_INFINITY, signal?: AbortSignal) =>
  takeWhenAllowed(limiter, what, {
    clock,
    random: systemRandom,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });

/** Lets time pass, a millisecond a turn, until the promise is settled; the milliseconds it took. */
async function passUntil(settled: Promise<unknown>, mostMs = 600_000): Promise<number> {
  let done = false;
  const ended = () => {
    done = true;
  };
  settled.then(ended, ended);
  const start = clock.monotonic();
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (done) return clock.monotonic() - start;
    if (clock.monotonic() - start > mostMs) throw new Error(`not settled after ${mostMs} ms`);
    clock.advance(1);
  }
}

test('what is allowed is taken at once', async () => {
  expect((await take(demand('1/h'))).allowed).toBe(true);
  expect(clock.sleeping).toBe(0);
});

test('a lone waiter comes when the slot opens, not before, and soon after', async () => {
  await take(demand('2/s', 'gcra', 1));
  const second = take(demand('2/s', 'gcra', 1));
  const waited = await passUntil(second);
  expect(waited).toBeGreaterThanOrEqual(500);
  expect(waited).toBeLessThanOrEqual(521);
  expect((await second).allowed).toBe(true);
});

test('a cost above the burst is refused at once, for ever', async () => {
  const outcome = await take({ ...demand('2/s'), cost: 3 });
  expect([outcome.allowed, outcome.decisions[0]?.retryAfterUs]).toEqual([false, Number.POSITIVE_INFINITY]);
});

test('a wait that the timeout does not suffice for is refused at once; one that it suffices for is waited', async () => {
  await take(demand('1/s'));
  expect((await take(demand('1/s'), 999)).allowed).toBe(false);
  expect(clock.sleeping).toBe(0);
  const waiting = take(demand('1/s'), 1_001);
  await passUntil(waiting);
  expect((await waiting).allowed).toBe(true);
});

test('a reset is noticed by those who wait for long', async () => {
  await take(demand('1/d'));
  const waiting = take(demand('1/d'));
  await waitFor(() => clock.sleeping > 0);
  await limiter.reset('k');
  expect(await passUntil(waiting)).toBeLessThanOrEqual(5_001);
  expect((await waiting).allowed).toBe(true);
});

test('a block is waited out', async () => {
  await limiter.block('k', 2_000_000);
  const waiting = take(demand('5/s'));
  expect(await passUntil(waiting)).toBeGreaterThanOrEqual(2_000);
  expect((await waiting).allowed).toBe(true);
});

test('the time on the timeout is up: refused, and nothing counted', async () => {
  const holder = await take(demand('1/1h', 'concurrency'));
  expect(holder.allowed).toBe(true);
  const waiting = take(demand('1/1h', 'concurrency'), 3_000);
  expect(await passUntil(waiting)).toBeLessThanOrEqual(3_001);
  expect((await waiting).allowed).toBe(false);
});

test('a place of a semaphore is taken soon after it is given back, long before its lease ends', async () => {
  const what = demand('1/1h', 'concurrency');
  const lease = (await take(what)).decisions[0]?.lease ?? 0;
  const waiting = take(what);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  await limiter.refund({ ...what, lease });
  expect(await passUntil(waiting)).toBeLessThanOrEqual(751);
  expect((await waiting).decisions[0]?.lease).not.toBe(lease);
});

describe('a leaky bucket', () => {
  test('is waited for in the order of coming, a slot apart', async () => {
    const order: [number, number][] = [];
    const waiters = [0, 1, 2, 3].map((i) =>
      take(demand('10/s', 'leaky-bucket')).then(() => void order.push([i, clock.monotonic()])),
    );
    await passUntil(Promise.all(waiters));
    expect(order).toEqual([
      [0, 0],
      [1, 100],
      [2, 200],
      [3, 300],
    ]);
  });

  test('a turn that comes after the timeout is given back', async () => {
    await take(demand('1/s', 'leaky-bucket', 5));
    const outcome = await take(demand('1/s', 'leaky-bucket', 5), 500);
    expect(outcome).toMatchObject({ allowed: false, decisions: [{ allowed: false, retryAfterUs: 1_000_000 }] });
    expect((await limiter.peek([demand('1/s', 'leaky-bucket', 5)])).decisions[0]?.delayUs).toBe(1_000_000);
  });

  test('who is interrupted gives its place in the queue back', async () => {
    await take(demand('1/s', 'leaky-bucket', 5));
    const stop = new AbortController();
    const waiting = take(demand('1/s', 'leaky-bucket', 5), Number.POSITIVE_INFINITY, stop.signal);
    waiting.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.sleeping).toBe(1);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect((await limiter.peek([demand('1/s', 'leaky-bucket', 5)])).decisions[0]?.delayUs).toBe(1_000_000);
  });
});

test('many waiters are all served at about the rate, and do not ask much more often than there are slots', async () => {
  const what = demand('20/s', 'gcra', 1);
  const waiters = Array.from({ length: 60 }, () => take(what));
  const tookMs = await passUntil(Promise.all(waiters));
  expect(tookMs).toBeGreaterThanOrEqual(59 * 50);
  expect(tookMs).toBeLessThanOrEqual(59 * 50 * 2);
  const { reports } = await limiter.inspect('k');
  // The first refusal of each, and a few who looked in the same millisecond as the one that won.
  expect(reports[0]?.allowedTotal).toBe(60);
  expect(reports[0]?.limitedTotal).toBeLessThanOrEqual(59 * 4);
}, 30_000);
