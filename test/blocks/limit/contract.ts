/**
 * What every {@link RateLimiter} must do, whatever stands behind it. Run it like this:
 *
 *     describeLimiterContract('the SQLite file', async () => ({ limiter, clock, reopen, cleanup }));
 *
 * With a `clock` the cases step it; without one (a daemon, a real Redis) they use long periods where nothing may come
 * back meanwhile, and short real times where something must.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyFromBytes, storedKey } from '../../../src/blocks/limit/key.js';
import { type AlgorithmName, algorithmNames, defineLimit, type Limit } from '../../../src/blocks/limit/limit.js';
import {
  type Demand,
  MOST_DEMANDS,
  type Outcome,
  type RateLimiter,
  RECENT_DECISIONS,
} from '../../../src/blocks/limit/limiter.js';
import { DsError } from '../../../src/platform/errors.js';
import type { ManualClock } from '../../helpers/manual-clock.js';
import { waitFor } from '../../helpers/wait-for.js';

export interface LimiterSubject {
  readonly limiter: RateLimiter;
  /** The clock that the implementation reads, where it can be given one. */
  readonly clock?: ManualClock;
  /** Closes the present limiter and opens another one on the same data. Left out where nothing is kept. */
  reopen?(): Promise<RateLimiter>;
  /** Closes what is open and removes the data. */
  cleanup(): Promise<void>;
}

const DAY_US = 86_400_000_000;
const MINUTE_US = 60_000_000;
/** Short enough to wait for in real time, long enough not to run out between two requests on a busy machine. */
const SHORT_US = 1_500_000;

/** Nothing of them comes back while a test runs. */
const perDay = (algorithm: AlgorithmName, count = 5): Limit => defineLimit({ algorithm, count, periodUs: DAY_US });

const demand = (key: string, limit: Limit, changes: Partial<Demand> = {}): Demand => ({
  scope: '',
  key,
  limit,
  cost: 1,
  ...changes,
});

export function describeLimiterContract(name: string, open: () => Promise<LimiterSubject>): void {
  describe(`the limiter contract on ${name}`, () => {
    let subject: LimiterSubject;
    let limiter: RateLimiter;

    beforeEach(async () => {
      subject = await open();
      limiter = subject.limiter;
    });
    afterEach(() => subject.cleanup());

    const now = () => subject.clock?.micros() ?? Date.now() * 1000;
    const advance = (us: number) => subject.clock?.advance(us / 1000);

    async function checkOne(key: string, limit: Limit, changes: Partial<Demand> = {}) {
      return only(await limiter.check([demand(key, limit, changes)]));
    }
    async function peekOne(key: string, limit: Limit, cost = 0) {
      return only(await limiter.peek([demand(key, limit, { cost })]));
    }

    describe.each(algorithmNames)('%s', (algorithm) => {
      const limit = perDay(algorithm);

      test('lets exactly the limit through from idle, then refuses and says until when', async () => {
        const decisions = [];
        for (let taken = 0; taken < 6; taken++) decisions.push(await checkOne('user', limit));
        expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
        expect(decisions.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0]);
        expect(decisions.every((decision) => decision.limit === 5)).toBe(true);
        expect(decisions.slice(0, 5).every(({ retryAfterUs }) => retryAfterUs === 0)).toBe(true);
        const last = decisions[5];
        expect(last?.retryAfterUs).toBeGreaterThan(0);
        expect(last?.retryAfterUs).toBeLessThanOrEqual(2 * DAY_US);
        expect(last?.resetAfterUs).toBeGreaterThan(0);
        expect(last?.resetAfterUs).toBeLessThanOrEqual(2 * DAY_US);
      });

      test('lets exactly the limit through of many at once', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 40 }, () => limiter.check([demand('user', perDay(algorithm, 17))])),
        );
        expect(outcomes.filter(({ allowed }) => allowed)).toHaveLength(17);
      });

      test('counts costs, and takes nothing for a demand that does not fit', async () => {
        expect(await checkOne('user', limit, { cost: 3 })).toMatchObject({ allowed: true, remaining: 2 });
        expect(await checkOne('user', limit, { cost: 3 })).toMatchObject({ allowed: false, remaining: 2 });
        expect(await checkOne('user', limit, { cost: 2 })).toMatchObject({ allowed: true, remaining: 0 });
      });

      test('never satisfies a cost above the limit, and says so', async () => {
        expect(await checkOne('user', limit, { cost: 6 })).toMatchObject({
          allowed: false,
          remaining: 5,
          retryAfterUs: Number.POSITIVE_INFINITY,
        });
        expect(await checkOne('user', limit, { cost: 5 })).toMatchObject({ allowed: true, remaining: 0 });
      });

      test('allows a cost of 0 always, and counts nothing by it', async () => {
        expect(await checkOne('user', limit, { cost: 0 })).toMatchObject({
          allowed: true,
          remaining: 5,
          resetAfterUs: 0,
        });
        await checkOne('user', limit, { cost: 5 });
        expect(await checkOne('user', limit, { cost: 0 })).toMatchObject({ allowed: true, remaining: 0 });
        expect(await checkOne('user', limit)).toMatchObject({ allowed: false });
      });

      test('peeks without counting', async () => {
        expect(await peekOne('user', limit)).toMatchObject({ allowed: true, remaining: 5, resetAfterUs: 0 });
        for (let look = 0; look < 8; look++) {
          expect(await peekOne('user', limit, 2)).toMatchObject({ allowed: true, remaining: 3 });
        }
        await checkOne('user', limit, { cost: 4 });
        expect(await peekOne('user', limit)).toMatchObject({ allowed: true, remaining: 1 });
        const refused = await peekOne('user', limit, 2);
        expect(refused).toMatchObject({ allowed: false, remaining: 1 });
        expect(refused.retryAfterUs).toBeGreaterThan(0);
        expect(await checkOne('user', limit)).toMatchObject({ allowed: true, remaining: 0 });
      });

      test('gives back what is refunded, at most to a fresh state', async () => {
        const { lease } = await checkOne('user', limit, { cost: 4 });
        const back = { scope: '', key: 'user', limit, cost: 4, ...(lease === undefined ? {} : { lease }) };
        expect(await limiter.refund(back)).toMatchObject({ allowed: true, remaining: 5 });
        expect(await limiter.refund(back)).toMatchObject({ allowed: true, remaining: 5 });
        expect(await checkOne('user', limit, { cost: 6 })).toMatchObject({ allowed: false });
        expect(await checkOne('user', limit, { cost: 5 })).toMatchObject({ allowed: true, remaining: 0 });
      });

      test('is as new after a reset', async () => {
        await checkOne('user', limit, { cost: 5 });
        expect(await limiter.reset('user')).toBe(true);
        expect(await peekOne('user', limit)).toMatchObject({ remaining: 5, resetAfterUs: 0 });
        expect(await limiter.inspect('user')).toEqual({ reports: [], blockedUntilUs: undefined });
        expect(await limiter.reset('user')).toBe(false);
        expect(await checkOne('user', limit)).toMatchObject({ allowed: true, remaining: 4 });
      });

      test('comes back by itself, when it said it would', async () => {
        // Nothing here depends on its not being over yet, so that real time may be shorter than elsewhere.
        const periodUs = subject.clock === undefined ? SHORT_US / 5 : SHORT_US;
        const short = defineLimit({ algorithm, count: 2, periodUs });
        await checkOne('user', short, { cost: 2 });
        if (subject.clock !== undefined) {
          const { retryAfterUs } = await checkOne('user', short);
          advance(retryAfterUs - 1);
          expect(await checkOne('user', short)).toMatchObject({ allowed: false, retryAfterUs: 1 });
          advance(1);
          expect(await checkOne('user', short)).toMatchObject({ allowed: true });
          return;
        }
        await waitFor(async () => (await peekOne('user', short)).remaining === 2, { intervalMs: 50, timeoutMs: 8000 });
        expect(await checkOne('user', short, { cost: 2 })).toMatchObject({ allowed: true });
      });

      test('is fresh when it said it would be', async () => {
        if (subject.clock === undefined) return;
        const { resetAfterUs } = await checkOne('user', limit, { cost: 3 });
        advance(resetAfterUs);
        expect(await peekOne('user', limit)).toMatchObject({ remaining: 5, resetAfterUs: 0 });
      });

      test('keeps what it counted', async () => {
        await checkOne('user', limit, { cost: 4 });
        if (subject.reopen !== undefined) limiter = await subject.reopen();
        expect(await checkOne('user', limit)).toMatchObject({ allowed: true, remaining: 0 });
        expect(await checkOne('user', limit)).toMatchObject({ allowed: false });
      });

      test('lets nobody wait longer than its own time when the clock was set back', async () => {
        if (subject.clock === undefined) return;
        const minutely = defineLimit({ algorithm, count: 5, periodUs: MINUTE_US });
        await checkOne('user', minutely, { cost: 5 });
        subject.clock.step(-3_600_000);
        const { retryAfterUs } = await peekOne('user', minutely, 1);
        expect(retryAfterUs).toBeLessThanOrEqual(2 * MINUTE_US);
        // Who keeps asking is not put off anew each time.
        for (let asked = 0; asked < 120; asked++) {
          await checkOne('user', minutely);
          advance(1_000_000);
        }
        expect(await limiter.reset('user')).toBe(true);
        subject.clock.step(3_600_000);
        expect(await checkOne('user', minutely, { cost: 5 })).toMatchObject({ allowed: true });
      });

      test('gives nothing twice when the clock is set back a little, or to and fro', async () => {
        if (subject.clock === undefined) return;
        const minutely = defineLimit({ algorithm, count: 5, periodUs: MINUTE_US });
        await checkOne('user', minutely, { cost: 5 });
        for (const ms of [-10_000, 10_000, -20_000, 15_000, 5000]) {
          subject.clock.step(ms);
          expect(await checkOne('user', minutely, { cost: 5 })).toMatchObject({ allowed: false });
        }
      });

      test('goes on from what was counted when the limit is changed', async () => {
        await checkOne('user', perDay(algorithm, 10), { cost: 4 });
        const lowered = await checkOne('user', perDay(algorithm, 5), { cost: 5 });
        expect(lowered).toMatchObject({ allowed: false, limit: 5 });
        const { reports } = await limiter.inspect('user');
        expect(reports[0]?.decision.remaining).toBeLessThan(10);
      });
    });

    describe('exact rates', () => {
      test('one a month', async () => {
        if (subject.clock === undefined) return;
        const month = 30 * DAY_US;
        const limit = defineLimit({ algorithm: 'gcra', count: 1, periodUs: month });
        expect(await checkOne('user', limit)).toMatchObject({ allowed: true, resetAfterUs: month });
        advance(month - 1);
        expect(await checkOne('user', limit)).toMatchObject({ allowed: false, retryAfterUs: 1 });
        advance(1);
        expect(await checkOne('user', limit)).toMatchObject({ allowed: true });
      });

      test('a million a second', async () => {
        if (subject.clock === undefined) return;
        for (const algorithm of ['gcra', 'token-bucket'] as const) {
          const limit = defineLimit({ algorithm, count: 1_000_000, periodUs: 1_000_000, burst: 3 });
          expect(await checkOne(algorithm, limit, { cost: 3 })).toMatchObject({ allowed: true, remaining: 0 });
          expect(await checkOne(algorithm, limit)).toMatchObject({ allowed: false, retryAfterUs: 1 });
          advance(1);
          expect(await checkOne(algorithm, limit)).toMatchObject({ allowed: true, remaining: 0 });
          expect(await checkOne(algorithm, limit)).toMatchObject({ allowed: false });
        }
      });

      test('three a second, whose time is no whole number of microseconds', async () => {
        if (subject.clock === undefined) return;
        const limit = defineLimit({ algorithm: 'gcra', count: 3, periodUs: 1_000_000 });
        await checkOne('user', limit, { cost: 3 });
        for (let second = 0; second < 200; second++) {
          advance(1_000_000);
          expect(await checkOne('user', limit, { cost: 3 })).toMatchObject({ allowed: true, remaining: 0 });
          expect(await checkOne('user', limit)).toMatchObject({ allowed: false, retryAfterUs: 333_334 });
        }
      });
    });

    test('a leaky bucket tells each caller how long to wait', async () => {
      const limit = defineLimit({ algorithm: 'leaky-bucket', count: 4, periodUs: DAY_US });
      const delays = [];
      for (let taken = 0; taken < 4; taken++) delays.push((await checkOne('user', limit)).delayUs);
      const step = DAY_US / 4;
      delays.forEach((delay, place) => {
        expect(delay).toBeLessThanOrEqual(place * step);
        expect(delay).toBeGreaterThan(place * step - 30_000_000);
      });
      expect(await checkOne('user', limit)).toMatchObject({ allowed: false, delayUs: 0 });
    });

    describe('concurrency', () => {
      const limit = perDay('concurrency', 2);
      const giveBack = (lease: number | undefined) => ({
        scope: '',
        key: 'job',
        limit,
        cost: 1,
        lease: lease ?? Number.NaN,
      });

      test('names each place taken, and gives back just that one', async () => {
        const first = await checkOne('job', limit);
        const second = await checkOne('job', limit);
        expect(first.lease).toBeTypeOf('number');
        expect(Number.isSafeInteger(first.lease)).toBe(true);
        expect(second.lease).not.toBe(first.lease);
        expect((await checkOne('job', limit)).lease).toBeUndefined();
        expect(await limiter.refund(giveBack(first.lease))).toMatchObject({ remaining: 1 });
        expect(await limiter.refund(giveBack(first.lease))).toMatchObject({ remaining: 1 });
        expect(await checkOne('job', limit)).toMatchObject({ allowed: true, remaining: 0 });
      });

      test('a lease that nobody knows changes nothing', async () => {
        await checkOne('job', limit);
        expect(await limiter.refund(giveBack(123_456))).toMatchObject({ remaining: 1 });
        expect(await limiter.refund({ ...giveBack(1), key: 'never seen' })).toMatchObject({ remaining: 2 });
      });

      test('leases expire', async () => {
        const short = defineLimit({ algorithm: 'concurrency', count: 2, periodUs: SHORT_US });
        const { lease } = await checkOne('job', short, { cost: 2 });
        advance(SHORT_US);
        await waitFor(async () => (await peekOne('job', short)).remaining === 2, { intervalMs: 50 });
        const next = await checkOne('job', short, { cost: 2 });
        expect(next.allowed).toBe(true);
        expect(await limiter.refund({ ...giveBack(lease), limit: short })).toMatchObject({ remaining: 0 });
      });

      test('a cost of 0 takes no place and no lease', async () => {
        expect((await checkOne('job', limit, { cost: 0 })).lease).toBeUndefined();
        expect(await peekOne('job', limit)).toMatchObject({ remaining: 2 });
      });
    });

    describe('several demands', () => {
      const [wide, narrow] = [perDay('gcra', 10), perDay('fixed-window', 2)];
      const both = (changes: Partial<Demand> = {}) => [
        demand('user', wide, { scope: 'wide' }),
        demand('user', narrow, { scope: 'narrow', ...changes }),
      ];

      test('are counted all or none', async () => {
        const outcomes: Outcome[] = [];
        for (let i = 0; i < 4; i++) outcomes.push(await limiter.check(both()));
        expect(outcomes.map(({ allowed }) => allowed)).toEqual([true, true, false, false]);
        // The wide one had room: it says so, with what there is, for it was not counted.
        expect(outcomes[3]?.decisions[0]).toMatchObject({ allowed: true, remaining: 8, retryAfterUs: 0 });
        expect(outcomes[3]?.decisions[1]).toMatchObject({ allowed: false, remaining: 0 });
        expect(only(await limiter.peek([demand('user', wide, { scope: 'wide', cost: 0 })])).remaining).toBe(8);
      });

      test('give back no place that was not taken', async () => {
        const places = perDay('concurrency', 1);
        await limiter.check(both({ cost: 2 }));
        const { allowed, decisions } = await limiter.check([demand('job', places), ...both()]);
        expect(allowed).toBe(false);
        expect(decisions[0]).toMatchObject({ allowed: true, remaining: 1 });
        expect(decisions[0]?.lease).toBeUndefined();
      });

      test('of one key in several scopes are counted apart', async () => {
        await limiter.check([demand('user', narrow, { scope: 'a', cost: 2 })]);
        expect((await limiter.check([demand('user', narrow, { scope: 'b', cost: 2 })])).allowed).toBe(true);
        const { reports } = await limiter.inspect('user');
        expect(reports.map(({ scope }) => scope).sort()).toEqual(['a', 'b']);
        expect(await limiter.reset('user', 'a')).toBe(true);
        expect(await limiter.reset('user', 'a')).toBe(false);
        expect((await limiter.inspect('user')).reports.map(({ scope }) => scope)).toEqual(['b']);
      });

      test('in the shadow neither refuse nor hold up the others, and are counted as far as they go', async () => {
        const outcomes: Outcome[] = [];
        for (let i = 0; i < 4; i++) outcomes.push(await limiter.check(both({ shadow: true })));
        expect(outcomes.map(({ allowed }) => allowed)).toEqual([true, true, true, true]);
        expect(outcomes.map(({ decisions }) => decisions[1]?.allowed)).toEqual([true, true, false, false]);
        expect(outcomes.map(({ decisions }) => decisions[0]?.remaining)).toEqual([9, 8, 7, 6]);
      });

      test('in the shadow are not counted when another one refuses', async () => {
        await limiter.check([demand('user', narrow, { scope: 'narrow', cost: 2 })]);
        await limiter.check([
          demand('user', narrow, { scope: 'narrow' }),
          demand('user', wide, { scope: 'shadow', shadow: true }),
        ]);
        expect(only(await limiter.peek([demand('user', wide, { scope: 'shadow', cost: 0 })])).remaining).toBe(10);
      });

      test('none at all are allowed', async () => {
        expect(await limiter.check([])).toEqual({ allowed: true, blockedForUs: 0, decisions: [] });
        expect(await limiter.peek([])).toEqual({ allowed: true, blockedForUs: 0, decisions: [] });
      });

      test('are refused when there are too many, or two alike', async () => {
        const many = Array.from({ length: MOST_DEMANDS + 1 }, (_, i) => demand(`user ${i}`, wide));
        await expectCode(limiter.check(many), 'limit.bad_demand');
        await expectCode(limiter.peek([demand('user', wide), demand('user', narrow)]), 'limit.bad_demand');
        const long = 'long '.repeat(200);
        const twoTexts = [demand(long, wide), demand(storedKey(long), narrow)];
        await expectCode(limiter.check(twoTexts), 'limit.bad_demand');
        const most = await limiter.check(many.slice(1));
        expect(most.decisions).toHaveLength(MOST_DEMANDS);
        expect(most.allowed).toBe(true);
      });
    });

    describe('a block', () => {
      const limit = perDay('gcra');

      test('refuses every demand of the key, in every scope, and counts none', async () => {
        await limiter.block('user', DAY_US);
        const outcome = await limiter.check([demand('user', limit, { scope: 'any' }), demand('other', limit)]);
        expect(outcome.allowed).toBe(false);
        expect(outcome.blockedForUs).toBeGreaterThan(DAY_US - MINUTE_US);
        expect(outcome.blockedForUs).toBeLessThanOrEqual(DAY_US);
        expect(outcome.decisions.map(({ remaining }) => remaining)).toEqual([5, 5]);
        expect((await limiter.peek([demand('user', limit)])).allowed).toBe(false);
        expect((await limiter.check([demand('other', limit)])).allowed).toBe(true);
      });

      test('is listed, counted and inspected', async () => {
        await limiter.block('user', DAY_US);
        const [blocked, ...others] = await limiter.blocked();
        expect(others).toEqual([]);
        expect(blocked?.key).toBe('user');
        expect(Math.abs((blocked?.untilUs ?? 0) - now() - DAY_US)).toBeLessThan(MINUTE_US);
        expect((await limiter.counts()).blocked).toBe(1);
        expect((await limiter.inspect('user')).blockedUntilUs).toBe(blocked?.untilUs);
      });

      test('is lifted by 0, and by a reset', async () => {
        await limiter.block('user', DAY_US);
        await limiter.block('user', 0);
        expect((await limiter.check([demand('user', limit)])).allowed).toBe(true);
        await limiter.block('user', DAY_US);
        expect(await limiter.reset('user')).toBe(true);
        expect(await limiter.blocked()).toEqual([]);
        expect(await limiter.reset('user')).toBe(false);
        await limiter.block('never blocked', 0);
      });

      test('ends', async () => {
        await limiter.block('user', SHORT_US);
        expect((await limiter.check([demand('user', limit)])).allowed).toBe(false);
        advance(SHORT_US);
        await waitFor(async () => (await limiter.peek([demand('user', limit)])).allowed, { intervalMs: 50 });
        expect(await limiter.blocked()).toEqual([]);
        expect((await limiter.inspect('user')).blockedUntilUs).toBeUndefined();
        expect((await limiter.counts()).blocked).toBe(0);
      });

      test('stays', async () => {
        await limiter.block('user', DAY_US);
        if (subject.reopen !== undefined) limiter = await subject.reopen();
        expect((await limiter.check([demand('user', limit)])).blockedForUs).toBeGreaterThan(0);
      });

      test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('for %s µs is refused', async (forUs) => {
        await expectCode(limiter.block('user', forUs), 'limit.bad_block');
        expect(await limiter.blocked()).toEqual([]);
      });
    });

    describe('what is known of a key', () => {
      const limit = perDay('token-bucket', 20);

      test('is nothing at first, also after a look or a refusal', async () => {
        expect(await limiter.inspect('user')).toEqual({ reports: [], blockedUntilUs: undefined });
        await peekOne('user', limit);
        await checkOne('user', limit, { cost: 0 });
        await checkOne('user', limit, { cost: 21 });
        expect(await limiter.inspect('user')).toEqual({ reports: [], blockedUntilUs: undefined });
        expect(await limiter.counts()).toEqual({ keys: 0, blocked: 0 });
      });

      test('is the limit, the totals, the state and the last decisions, newest first', async () => {
        const before = now();
        await checkOne('user', limit, { cost: 15 });
        await checkOne('user', limit, { cost: 6 });
        await checkOne('user', limit, { cost: 3 });
        const { reports } = await limiter.inspect('user');
        expect(reports).toHaveLength(1);
        const [report] = reports;
        expect(report).toMatchObject({ scope: '', key: 'user', limit, allowedTotal: 2, limitedTotal: 1 });
        expect(report?.decision).toMatchObject({ allowed: true, limit: 20, remaining: 2 });
        expect(report?.recent.map(({ allowed, cost, remaining }) => [allowed, cost, remaining])).toEqual([
          [true, 3, 2],
          [false, 6, 5],
          [true, 15, 5],
        ]);
        expect(report?.lastAt).toBe(report?.recent[0]?.at);
        expect(report?.lastAt).toBeGreaterThanOrEqual(before - 1000);
        expect(report?.lastAt).toBeLessThanOrEqual(now() + 1000);
      });

      test(`keeps the last ${RECENT_DECISIONS} decisions`, async () => {
        for (let i = 0; i < RECENT_DECISIONS + 4; i++) await checkOne('user', limit);
        await checkOne('user', limit);
        if (subject.reopen !== undefined) limiter = await subject.reopen();
        const [report] = (await limiter.inspect('user')).reports;
        expect(report?.recent).toHaveLength(RECENT_DECISIONS);
        expect(report?.recent.slice(0, 3).map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
          [false, 0],
          [true, 0],
          [true, 1],
        ]);
        expect(report).toMatchObject({ allowedTotal: 20, limitedTotal: 1 });
      });

      test('starts afresh when another algorithm counts', async () => {
        await checkOne('user', limit, { cost: 20 });
        const other = perDay('sliding-log', 3);
        expect(await checkOne('user', other)).toMatchObject({ allowed: true, remaining: 2 });
        expect((await limiter.inspect('user')).reports.map((report) => report.limit)).toEqual([other]);
      });

      test('names the busiest keys first', async () => {
        for (let i = 0; i < 4; i++) await checkOne('second', limit);
        for (let i = 0; i < 3; i++) await checkOne('third', perDay('gcra', 1));
        for (let i = 0; i < 7; i++) await checkOne('first', limit, { scope: 'api/burst' });
        await checkOne('fourth', limit);
        const top = await limiter.top(3);
        expect(top.map(({ key }) => key)).toEqual(['first', 'second', 'third']);
        expect(top[0]).toMatchObject({ scope: 'api/burst', allowedTotal: 7, limitedTotal: 0 });
        expect(top[2]).toMatchObject({ allowedTotal: 1, limitedTotal: 2 });
        expect(await limiter.top(10)).toHaveLength(4);
        expect(await limiter.counts()).toEqual({ keys: 4, blocked: 0 });
      });

      test('is not counted any more when it is as new', async () => {
        const short = defineLimit({ algorithm: 'gcra', count: 2, periodUs: SHORT_US });
        await checkOne('user', short);
        expect((await limiter.counts()).keys).toBe(1);
        advance(SHORT_US);
        await waitFor(async () => (await limiter.counts()).keys === 0, { intervalMs: 50 });
        expect(await peekOne('user', short)).toMatchObject({ remaining: 2 });
      });
    });

    describe('keys', () => {
      const limit = perDay('gcra', 1);
      const bytes = (...values: number[]) => keyFromBytes(Uint8Array.from(values));
      const odd: readonly (readonly [string, string])[] = [
        ['with NUL', 'a\0b'],
        ['with another NUL', 'a\0c'],
        ['of NUL alone', '\0'],
        ['that ends before the NUL', 'a'],
        ['of a broken byte', bytes(0xff)],
        ['of another broken byte', bytes(0xfe)],
        ['of a replacement character', '\ufffd'],
        ['of half a character', bytes(0xc3)],
        ['of a surrogate in UTF-8', bytes(0xed, 0xa0, 0x80)],
        ['beyond the basic plane', '😀'],
        ['with spaces, braces and line ends', ' {a}\r\n*:1 '],
        ['of 512 bytes', 'k'.repeat(512)],
        ['of 513 bytes', 'k'.repeat(513)],
        ['of a megabyte', 'm'.repeat(1024 * 1024)],
        ['of a megabyte that differs in the end', `${'m'.repeat(1024 * 1024 - 1)}n`],
      ];

      test('are told apart, whatever they are', async () => {
        for (const [what, key] of odd) {
          expect([what, (await limiter.check([demand(key, limit)])).allowed]).toEqual([what, true]);
        }
        for (const [what, key] of odd) {
          expect([what, (await limiter.check([demand(key, limit)])).allowed]).toEqual([what, false]);
        }
        expect((await limiter.counts()).keys).toBe(odd.length);
      });

      test('come back as they were; long ones in a form that can be asked about', async () => {
        for (const [, key] of odd) await limiter.check([demand(key, limit)]);
        const told = (await limiter.top(100)).map(({ key }) => key);
        for (const [what, key] of odd.slice(0, 12)) expect([what, told.includes(key)]).toEqual([what, true]);
        for (const key of told) {
          const { reports } = await limiter.inspect(key);
          expect(reports.map(({ allowedTotal }) => allowedTotal)).toEqual([1]);
        }
      });

      test('scopes hold any text too', async () => {
        const scopes = ['', 'api/burst', 'a\0b', 'ü', ' '];
        for (const scope of scopes) expect((await limiter.check([demand('k', limit, { scope })])).allowed).toBe(true);
        for (const scope of scopes) expect((await limiter.check([demand('k', limit, { scope })])).allowed).toBe(false);
        expect((await limiter.inspect('k')).reports.map(({ scope }) => scope).sort()).toEqual(scopes.sort());
      });

      test('that are empty or longer than a mebibyte are refused', async () => {
        for (const key of ['', 'm'.repeat(1024 * 1024 + 1)]) {
          await expectCode(limiter.check([demand(key, limit)]), 'limit.bad_key');
          await expectCode(limiter.peek([demand(key, limit)]), 'limit.bad_key');
          await expectCode(limiter.refund({ scope: '', key, limit, cost: 1 }), 'limit.bad_key');
          await expectCode(limiter.reset(key), 'limit.bad_key');
          await expectCode(limiter.block(key, 1), 'limit.bad_key');
          await expectCode(limiter.inspect(key), 'limit.bad_key');
        }
      });
    });

    test.each([-1, 1.5, Number.NaN, 2 ** 26 + 1])('a cost of %s is refused', async (cost) => {
      const limit = perDay('gcra');
      await expectCode(limiter.check([demand('user', limit, { cost })]), 'limit.bad_cost');
      await expectCode(limiter.peek([demand('user', limit, { cost })]), 'limit.bad_cost');
      await expectCode(limiter.refund({ scope: '', key: 'user', limit, cost }), 'limit.bad_cost');
      expect((await limiter.counts()).keys).toBe(0);
    });

    test('a refund to a key that was never seen changes nothing', async () => {
      const limit = perDay('gcra');
      expect(await limiter.refund({ scope: '', key: 'user', limit, cost: 2 })).toMatchObject({ remaining: 5 });
      expect((await limiter.counts()).keys).toBe(0);
    });

    test('close can be called twice', async () => {
      await checkOne('user', perDay('gcra'));
      await limiter.close();
      await limiter.close();
    });
  });
}

/** The decision of a single demand, which is also the outcome's. */
function only({ allowed, blockedForUs, decisions }: Outcome) {
  const [decision] = decisions;
  if (decision === undefined || decisions.length !== 1) throw new Error(`${decisions.length} decisions for one demand`);
  expect(allowed).toBe(decision.allowed && blockedForUs === 0);
  return decision;
}

/** Awaits a rejection with this code and returns the error. */
async function expectCode(promise: Promise<unknown>, code: string): Promise<DsError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(DsError);
  if (!(outcome instanceof DsError)) throw new Error('unreachable');
  expect(outcome.code).toBe(code);
  return outcome;
}
