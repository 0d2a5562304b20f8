/** The rules against oracles that count in fractions of BigInts, or keep everything that happened. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlgorithmName, algorithmNames, defineLimit, type Limit } from '../../../../src/blocks/limit/limit.js';
import type { Decision } from '../../../../src/blocks/limit/limiter.js';
import { type Rules, rulesOf, type State } from '../../../../src/blocks/limit/rules/index.js';

const START = 1_750_000_000_000_000;
const DAY = 86_400e6;

/** A limit's state with a hand on the clock. */
class Counted {
  readonly #rules: Rules;
  readonly state: State;
  #lease = 0;

  constructor(
    readonly limit: Limit,
    public now = START,
  ) {
    this.#rules = rulesOf(limit.algorithm);
    this.state = this.#rules.fresh(limit, now);
  }

  judge(cost: number): Decision {
    return this.#rules.judge(this.state, this.limit, this.now, cost);
  }

  check(cost = 1): Decision {
    this.#rules.settle(this.state, this.limit, this.limit, this.now);
    const decision = this.judge(cost);
    if (decision.allowed) this.#rules.take(this.state, this.limit, this.now, cost, ++this.#lease);
    return decision;
  }

  refund(cost: number, lease = this.#lease): void {
    this.#rules.refund(this.state, this.limit, this.now, cost, lease);
  }
}

/** Rates that do and do not divide, from one a month to a million a second, and bursts of all sizes. */
const rates = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 1000 }), periodUs: fc.constantFrom(1e6, 60e6, 3600e6, DAY, 30 * DAY) }),
  fc.record({ count: fc.constantFrom(1_000_000, 999_983, 333_333), periodUs: fc.constantFrom(1e6, 7e6) }),
  fc.record({ count: fc.integer({ min: 1, max: 50 }), periodUs: fc.integer({ min: 1, max: 1e7 }) }),
);

interface Step {
  readonly wait: number;
  readonly cost: number;
}

/** Waits around the limit's own times: whole periods, single steps, a microsecond before and after. */
function stepsFor(limit: Limit): fc.Arbitrary<Step[]> {
  const wait = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 3 }),
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -1, max: 1 })).map(([n, off]) => n * limit.stepUs + off),
    fc.integer({ min: 0, max: limit.periodUs }),
    fc.integer({ min: -1, max: 1 }).map((off) => limit.periodUs + off),
  );
  const cost = fc.oneof(fc.constant(1), fc.integer({ min: 0, max: Math.min(limit.burst + 1, 20) }));
  return fc.array(fc.record({ wait: wait.map((us) => Math.max(0, us)), cost }), { maxLength: 60 });
}

function limits(algorithm: AlgorithmName): fc.Arbitrary<Limit> {
  return fc
    .tuple(rates, fc.integer({ min: 1, max: 40 }))
    .filter(([{ count }]) => count <= 10_000 || (algorithm !== 'sliding-log' && algorithm !== 'concurrency'))
    .map(([rate, burst]) => defineLimit({ algorithm, ...rate, ...(/gcra|bucket/.test(algorithm) ? { burst } : {}) }));
}

const runs = (algorithm: AlgorithmName) =>
  limits(algorithm).chain((limit) => fc.record({ limit: fc.constant(limit), steps: stepsFor(limit) }));

/** GCRA in multiples of 1/count µs: theoretical arrival time, increment and burst are integers there. */
class ScheduleOracle {
  #tat = 0n;

  constructor(readonly limit: Limit) {}

  check(
    now: number,
    cost: number,
  ): { allowed: boolean; remaining: bigint; retryAfterUs: number; resetAfterUs: number } {
    const count = BigInt(this.limit.count);
    const at = BigInt(now) * count;
    const step = BigInt(this.limit.periodUs);
    const most = step * BigInt(this.limit.burst);
    const tat = this.#tat > at ? this.#tat : at;
    const next = tat + step * BigInt(cost);
    const allowed = next - at <= most;
    if (allowed) this.#tat = next;
    const after = (allowed ? next : tat) - at;
    const up = (value: bigint) => Number((value + count - 1n) / count);
    const never = cost > this.limit.burst;
    return {
      allowed,
      remaining: (most - after) / step,
      retryAfterUs: allowed ? 0 : never ? Number.POSITIVE_INFINITY : up(next - at - most),
      resetAfterUs: up(after),
    };
  }
}

describe.each(['gcra', 'token-bucket', 'leaky-bucket'] as const)('%s', (algorithm) => {
  test('decides as exact fractions do, at every rate', () => {
    fc.assert(
      fc.property(runs(algorithm), ({ limit, steps }) => {
        const counted = new Counted(limit);
        const oracle = new ScheduleOracle(limit);
        for (const { wait, cost } of steps) {
          counted.now += wait;
          const { allowed, remaining, retryAfterUs, resetAfterUs } = counted.check(cost);
          const expected = oracle.check(counted.now, cost);
          expect({ allowed, remaining: BigInt(remaining), retryAfterUs, resetAfterUs }).toEqual(expected);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('lets the next one through at the very microsecond that it told, and not before', () => {
    fc.assert(
      fc.property(runs(algorithm), ({ limit, steps }) => {
        const counted = new Counted(limit);
        for (const { wait, cost } of steps) {
          counted.now += wait;
          const { retryAfterUs } = counted.check(cost);
          if (retryAfterUs === 0 || retryAfterUs === Number.POSITIVE_INFINITY) continue;
          counted.now += retryAfterUs - 1;
          expect(counted.judge(cost).allowed).toBe(false);
          counted.now += 1;
          expect(counted.judge(cost).allowed).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

test('a million a second is a million in a second, and not one more', () => {
  const counted = new Counted(defineLimit({ algorithm: 'gcra', count: 1_000_000, periodUs: 1e6, burst: 1 }));
  let allowed = 0;
  for (let us = 0; us < 100_000; us++) {
    counted.now = START + us;
    if (counted.check().allowed) allowed++;
    if (counted.check().allowed) allowed++;
  }
  expect(allowed).toBe(100_000);
});

test('three a second over a day are 259,200, though a third of a second is no whole number of microseconds', () => {
  const counted = new Counted(defineLimit({ algorithm: 'gcra', count: 3, periodUs: 1e6, burst: 1 }));
  let allowed = 0;
  while (counted.now < START + DAY) {
    const { allowed: now, retryAfterUs } = counted.check();
    if (now) allowed++;
    counted.now += now ? counted.judge(1).retryAfterUs : retryAfterUs;
  }
  expect(allowed).toBe(259_200);
});

test('one a month comes back after thirty days, to the microsecond', () => {
  const counted = new Counted(defineLimit({ algorithm: 'gcra', count: 1, periodUs: 30 * DAY }));
  counted.check();
  expect(counted.check().retryAfterUs).toBe(30 * DAY);
});

test('a leaky bucket tells each how long to wait, one step after another', () => {
  const counted = new Counted(defineLimit({ algorithm: 'leaky-bucket', count: 10, periodUs: 1e6, burst: 4 }));
  expect([1, 2, 3, 4, 5].map(() => counted.check()).map(({ allowed, delayUs }) => [allowed, delayUs])).toEqual([
    [true, 0],
    [true, 100_000],
    [true, 200_000],
    [true, 300_000],
    [false, 0],
  ]);
});

/** Everything that was taken, forever: what a window lets through is a question about this list. */
interface Taken {
  readonly at: number;
  readonly cost: number;
}

function play(
  { limit, steps }: { limit: Limit; steps: readonly Step[] },
  each: (taken: Taken[], now: number, decision: Decision, cost: number) => void,
) {
  const counted = new Counted(limit);
  const taken: Taken[] = [];
  for (const { wait, cost } of steps) {
    counted.now += wait;
    const decision = counted.check(cost);
    each(taken, counted.now, decision, cost);
    if (decision.allowed) taken.push({ at: counted.now, cost });
    if (decision.retryAfterUs > 0 && decision.retryAfterUs !== Number.POSITIVE_INFINITY) {
      const later = new Counted(limit, counted.now + decision.retryAfterUs);
      later.state.splice(0, Number.POSITIVE_INFINITY, ...counted.state);
      expect(later.judge(cost).allowed).toBe(true);
      later.now -= 1;
      expect(later.judge(cost).allowed).toBe(false);
    }
  }
}

const sum = (taken: readonly Taken[], within: (at: number) => boolean) =>
  taken.reduce((total, { at, cost }) => (within(at) ? total + cost : total), 0);

describe('windows', () => {
  test('fixed: what was taken in the window of the clock, and nothing else, counts', () => {
    fc.assert(
      fc.property(runs('fixed-window'), (run) => {
        const { count, periodUs } = run.limit;
        play(run, (taken, now, decision, cost) => {
          const used = sum(taken, (at) => Math.floor(at / periodUs) === Math.floor(now / periodUs));
          expect(decision.allowed).toBe(used + cost <= count);
          expect(decision.remaining).toBe(count - used - (decision.allowed ? cost : 0));
        });
      }),
      { numRuns: 300 },
    );
  });

  test('anchored: what was taken since the window opened counts', () => {
    fc.assert(
      fc.property(runs('anchored-window'), (run) => {
        const { count, periodUs } = run.limit;
        let opened = Number.NEGATIVE_INFINITY;
        play(run, (taken, now, decision, cost) => {
          const used = sum(taken, (at) => at >= opened && now < opened + periodUs);
          expect(decision.allowed).toBe(used + cost <= count);
          if (decision.allowed && used === 0) opened = now;
        });
      }),
      { numRuns: 300 },
    );
  });

  test('sliding log: what was taken within the last period counts, whichever period', () => {
    fc.assert(
      fc.property(runs('sliding-log'), (run) => {
        const { count, periodUs } = run.limit;
        play(run, (taken, now, decision, cost) => {
          const used = sum(taken, (at) => at > now - periodUs);
          expect(decision.allowed).toBe(used + cost <= count);
          expect(decision.remaining).toBe(count - used - (decision.allowed ? cost : 0));
        });
      }),
      { numRuns: 300 },
    );
  });

  test('sliding window: the earlier window counts by the part that is still in sight, rounded up', () => {
    fc.assert(
      fc.property(runs('sliding-window'), (run) => {
        const { count, periodUs } = run.limit;
        play(run, (taken, now, decision, cost) => {
          const window = Math.floor(now / periodUs);
          const current = sum(taken, (at) => Math.floor(at / periodUs) === window);
          const previous = BigInt(sum(taken, (at) => Math.floor(at / periodUs) === window - 1));
          const left = BigInt(periodUs - (now - window * periodUs));
          const weighted = Number((previous * left + BigInt(periodUs) - 1n) / BigInt(periodUs));
          expect(decision.allowed).toBe(weighted + current + cost <= count);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('concurrency', () => {
  const limit = defineLimit({ algorithm: 'concurrency', count: 2, periodUs: 10e6 });

  test('refuses the third until one is given back', () => {
    const counted = new Counted(limit);
    expect([counted.check().allowed, counted.check().allowed, counted.check().allowed]).toEqual([true, true, false]);
    counted.refund(0, 1);
    expect(counted.check().allowed).toBe(true);
  });

  test('a lease that nobody gives back ends after the period', () => {
    const counted = new Counted(limit);
    counted.check();
    counted.now += 4e6;
    counted.check();
    expect(counted.check().retryAfterUs).toBe(6e6);
    counted.now += 6e6;
    expect(counted.check().allowed).toBe(true);
    expect(counted.check().allowed).toBe(false);
  });

  test('giving back twice frees one place', () => {
    const counted = new Counted(limit);
    counted.check();
    counted.check();
    counted.refund(0, 1);
    counted.refund(0, 1);
    expect(counted.judge(0).remaining).toBe(1);
  });
});

describe.each(algorithmNames)('%s, whatever happens', (algorithm) => {
  const limit = defineLimit({ algorithm, count: 6, periodUs: 60e6 });

  test('judging changes nothing, and a cost of 0 counts nothing', () => {
    const counted = new Counted(limit);
    counted.check(2);
    const before = [...counted.state];
    counted.judge(3);
    counted.judge(0);
    expect(counted.state).toEqual(before);
    expect(counted.check(0)).toMatchObject({ allowed: true, remaining: 4 });
    expect(counted.judge(0).remaining).toBe(4);
  });

  test('more than the burst is never allowed, and says so', () => {
    expect(new Counted(limit).check(7)).toMatchObject({ allowed: false, remaining: 6, retryAfterUs: Infinity });
  });

  test('what is given back can be taken again, and never more than there was', () => {
    const counted = new Counted(limit);
    for (let i = 0; i < 6; i++) counted.check();
    expect(counted.check().allowed).toBe(false);
    counted.refund(1);
    expect(counted.check().allowed).toBe(true);
    expect(counted.check().allowed).toBe(false);
    for (let lease = 1; lease <= 7; lease++) counted.refund(3, lease);
    expect(counted.judge(0).remaining).toBe(6);
  });

  test('is as new from the instant that it told', () => {
    fc.assert(
      fc.property(runs(algorithm), ({ limit: drawn, steps }) => {
        const counted = new Counted(drawn);
        for (const { wait, cost } of steps) {
          counted.now += wait;
          counted.check(cost);
        }
        counted.now = Math.max(counted.now, rulesOf(algorithm).freshAt(counted.state, drawn));
        expect(counted.judge(0)).toMatchObject({ remaining: drawn.burst, resetAfterUs: 0 });
      }),
      { numRuns: 200 },
    );
  });

  test('a clock that is set back by years holds nobody up for longer than two periods', () => {
    const counted = new Counted(limit);
    for (let i = 0; i < 6; i++) counted.check();
    counted.now -= 5 * 365 * DAY;
    const asked = counted.now;
    // Who is refused and keeps asking gets through all the same.
    for (let refused = 0; refused < 20; refused++) {
      const { allowed, retryAfterUs } = counted.check();
      if (allowed) break;
      counted.now += Math.max(1, Math.floor(retryAfterUs / 2));
    }
    while (!counted.check().allowed) counted.now += limit.periodUs / 10;
    expect(counted.now - asked).toBeLessThanOrEqual(2 * limit.periodUs);
  });

  test('a clock that is set back by a moment gives nothing twice', () => {
    const counted = new Counted(limit);
    for (let i = 0; i < 6; i++) counted.check();
    counted.now -= 1_000;
    expect(counted.check().allowed).toBe(false);
  });

  test('states stay lists of whole numbers below 2^53', () => {
    fc.assert(
      fc.property(runs(algorithm), ({ limit: drawn, steps }) => {
        const counted = new Counted(drawn);
        for (const { wait, cost } of steps) {
          counted.now += wait;
          counted.check(cost);
          expect(counted.state.every(Number.isSafeInteger)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('another limit of the same algorithm goes on with what was counted', () => {
    const counted = new Counted(limit);
    for (let i = 0; i < 6; i++) counted.check();
    const stricter = defineLimit({ algorithm, count: 7, periodUs: 61e6 });
    rulesOf(algorithm).settle(counted.state, limit, stricter, counted.now);
    const { remaining } = rulesOf(algorithm).judge(counted.state, stricter, counted.now, 0);
    expect(remaining).toBeLessThanOrEqual(2);
  });
});
