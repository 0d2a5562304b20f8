import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineLimit, readRate } from '../../../src/blocks/limit/limit.js';
import { openMemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { queueOf, sharedPace, steadyPace } from '../../../src/blocks/limit/pace.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { RunningClock } from '../../helpers/running-clock.js';

/** What is caught up at rates whose lines come closer together, ms. */
const CATCH_UP = 5;

const pace = (clock: RunningClock, rate: string, burst = 1) => steadyPace({ ...readRate(rate), burst }, clock);

describe('the pace of one process', () => {
  test('lines are evenly spaced, and no error adds up', async () => {
    const clock = new RunningClock();
    const { take } = pace(clock, '3/100ms');
    const times: number[] = [];
    for (let i = 0; i < 301; i++) {
      await take(1);
      times.push(clock.monotonic());
    }
    // A timer has whole milliseconds: each line is at most one late, and the last not later than the others.
    for (const [i, time] of times.entries()) expect(time - (i * 100) / 3).toBeGreaterThanOrEqual(-1e-6);
    expect(times.at(-1)).toBeLessThanOrEqual(10_001);
  });

  test('a million lines a second go in batches, at the full rate', async () => {
    const clock = new RunningClock();
    const { take } = pace(clock, '1000000/s');
    let lines = 0;
    let calls = 0;
    for (; lines < 1_000_000; calls++) lines += await take(8_000);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(1_000 - CATCH_UP);
    expect(clock.monotonic()).toBeLessThanOrEqual(1_001);
    expect(calls).toBeLessThan(2_000);
  });

  test('a pause is not made up for, except for the burst', async () => {
    const clock = new RunningClock();
    const { take } = pace(clock, '10/s', 4);
    await take(1);
    clock.advance(60_000);
    expect(await take(100)).toBe(4);
    const before = clock.monotonic();
    await take(1);
    expect(clock.monotonic() - before).toBe(100);
  });

  test('a wall clock that is set changes nothing', async () => {
    const clock = new RunningClock();
    const { take } = pace(clock, '10/s');
    await take(1);
    clock.step(-3_600_000);
    await take(1);
    clock.step(7_200_000);
    await take(1);
    expect(clock.monotonic()).toBe(200);
  });

  test('no stretch of time sees more than the rate, the burst and what is caught up', async () => {
    const steps = fc.array(
      fc.record({ want: fc.integer({ min: 1, max: 50 }), idleMs: fc.integer({ min: 0, max: 300 }) }),
      {
        maxLength: 60,
      },
    );
    const rates = fc.record({
      count: fc.integer({ min: 1, max: 2_000 }),
      periodUs: fc.integer({ min: 1_000, max: 2_000_000 }),
      burst: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(rates, steps, async (schedule, moves) => {
        const clock = new RunningClock();
        const { take } = steadyPace(schedule, clock);
        const perMs = (schedule.count * 1000) / schedule.periodUs;
        const seen: { at: number; lines: number }[] = [];
        for (const { want, idleMs } of moves) {
          clock.advance(idleMs);
          const lines = await take(want);
          if (lines < 1 || lines > want) throw new Error(`${lines} of ${want}`);
          seen.push({ at: clock.monotonic(), lines });
        }
        const slack = Math.max(schedule.burst, 1 + CATCH_UP * perMs);
        for (const [i, first] of seen.entries()) {
          let sum = 0;
          for (const { at, lines } of seen.slice(i)) {
            sum += lines;
            const most = (at - first.at) * perMs + slack;
            if (sum > most + 1e-6) throw new Error(`${sum} lines in ${at - first.at} ms, not ${most}`);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a pace that is shared', () => {
  const waiting = (clock: RunningClock) => ({ clock, random: systemRandom, timeoutMs: Number.POSITIVE_INFINITY });

  test('the lines of several pipes together keep to the rate', async () => {
    const clock = new RunningClock();
    const limiter = openMemoryLimiter({ clock, random: systemRandom });
    const limit = queueOf(readRate('10/s'));
    const pipes = [1, 2, 3].map(() => sharedPace(limiter, { scope: '', key: 'k', limit }, waiting(clock)));
    for (let round = 0; round < 7; round++) for (const { take } of pipes) expect(await take(5)).toBe(1);
    expect(clock.monotonic()).toBe(2_000);
    await limiter.close();
  });

  test('a fast rate asks for the lines of twenty milliseconds at once, never for more than there are', async () => {
    const clock = new RunningClock();
    const limiter = openMemoryLimiter({ clock, random: systemRandom });
    const { take } = sharedPace(limiter, { scope: '', key: 'k', limit: queueOf(readRate('100000/s')) }, waiting(clock));
    expect(await take(5)).toBe(5);
    expect(await take(1_000_000)).toBe(2_000);
    const burst = defineLimit({ algorithm: 'gcra', ...readRate('100000/s'), burst: 7 });
    expect(await sharedPace(limiter, { scope: '', key: 'g', limit: burst }, waiting(clock)).take(1_000)).toBe(7);
    await limiter.close();
  });

  test.each(['1/us', '1000000/s', '1/s', '1/month', '1/36500d'])('there is a queue for %s', (rate) => {
    expect(queueOf(readRate(rate)).burst).toBeGreaterThanOrEqual(1);
  });
});
