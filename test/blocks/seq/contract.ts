/**
 * What every {@link Sequencer} must do, whatever stands behind it. Run it like this:
 *
 *     describeSequencerContract('the SQLite file', async () => ({ sequencer, clock, reopen, cleanup }));
 *
 * With a `clock` the cases step it; without one (a daemon, a real Redis) they use short real times to live and wait.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LeaseRequest, Sequencer } from '../../../src/blocks/seq/sequencer.js';
import { DsError } from '../../../src/platform/errors.js';
import type { ManualClock } from '../../helpers/manual-clock.js';
import { waitFor } from '../../helpers/wait-for.js';

export interface SequencerSubject {
  readonly sequencer: Sequencer;
  /** The clock that the implementation reads, where it can be given one. */
  readonly clock?: ManualClock;
  /** Closes the present sequencer and opens another one on the same data. */
  reopen(): Promise<Sequencer>;
  /** Closes what is open and removes the data. */
  cleanup(): Promise<void>;
}

/** Short enough to wait for in real time, long enough not to run out between two statements on a busy machine. */
const SHORT_MS = 400;
const LONG_MS = 60_000;
const SPACE = 'contract';

/** `hlc: false` leaves out the cases of the hybrid logical clock, for a server that refuses to keep one. */
export function describeSequencerContract(
  name: string,
  open: () => Promise<SequencerSubject>,
  { hlc = true }: { readonly hlc?: boolean } = {},
): void {
  describe(`the sequencer contract on ${name}`, () => {
    let subject: SequencerSubject;
    let sequencer: Sequencer;

    beforeEach(async () => {
      subject = await open();
      sequencer = subject.sequencer;
    });
    afterEach(() => subject.cleanup());

    const now = () => subject.clock?.now() ?? Date.now();

    const request = (changes: Partial<LeaseRequest> = {}): LeaseRequest => ({
      space: SPACE,
      workers: 4,
      holder: 'test:1',
      ttlMs: LONG_MS,
      skewMs: 0,
      reserveMs: 50,
      ...changes,
    });

    /** Lets `ms` pass and then `attempt` succeed; in real time it is tried until it does. */
    async function whenPassed<T>(ms: number, attempt: () => Promise<T>): Promise<T> {
      if (subject.clock !== undefined) {
        subject.clock.advance(ms);
        return attempt();
      }
      const result = await waitFor(async () => ({ value: await attempt() }), { timeoutMs: ms + 5000, intervalMs: 20 });
      return result.value;
    }

    async function reopen(): Promise<void> {
      sequencer = await subject.reopen();
    }

    describe('worker leases', () => {
      test('gives the lowest number first, and different ones to different holders', async () => {
        const leases = await Promise.all([1, 2, 3].map(() => sequencer.workers.lease(request())));
        expect(leases.map((lease) => lease.worker)).toEqual([0, 1, 2]);
      });

      test('gives the number that is asked for, also the highest', async () => {
        expect((await sequencer.workers.lease(request({ worker: 3 }))).worker).toBe(3);
        expect((await sequencer.workers.lease(request())).worker).toBe(0);
      });

      test('refuses a number outside the space', async () => {
        await expectCode(sequencer.workers.lease(request({ worker: 4 })), 'seq.worker_out_of_range');
        await expectCode(sequencer.workers.lease(request({ worker: -1 })), 'seq.worker_out_of_range');
      });

      test.each([
        ['no space', { space: '' }],
        ['a space of a megabyte', { space: 's'.repeat(1_000_000) }],
        ['a holder of a megabyte', { holder: 'h'.repeat(1_000_000) }],
        ['no worker numbers', { workers: 0 }],
        ['fewer than none', { workers: -4 }],
      ])('refuses %s, and keeps nothing of it', async (_what, changes) => {
        await expectCode(sequencer.workers.lease(request(changes)), 'seq.bad_argument');
        expect(await sequencer.workers.list()).toEqual([]);
      });

      test('refuses a number that is held, and says when it is free', async () => {
        const lease = await sequencer.workers.lease(request({ worker: 2 }));
        const error = await expectCode(sequencer.workers.lease(request({ worker: 2 })), 'seq.worker_taken');
        expect(error.details['free_at_ms']).toBeGreaterThanOrEqual(lease.expiresAt);
      });

      test('refuses when all are held, and says when the first is free', async () => {
        const first = await sequencer.workers.lease(request({ workers: 2, ttlMs: LONG_MS }));
        await sequencer.workers.lease(request({ workers: 2, ttlMs: 2 * LONG_MS }));
        const error = await expectCode(sequencer.workers.lease(request({ workers: 2 })), 'seq.workers_exhausted');
        expect(error.details['free_at_ms']).toBe(first.expiresAt);
      });

      test('keeps spaces apart', async () => {
        await sequencer.workers.lease(request({ workers: 1 }));
        const other = await sequencer.workers.lease(
          request({ workers: 1, space: 'ts:41@1ms,worker:10,seq:12;epoch=0' }),
        );
        expect(other.worker).toBe(0);
        expect(await sequencer.workers.list(SPACE)).toHaveLength(1);
        expect(await sequencer.workers.list()).toHaveLength(2);
      });

      test('reserves ahead of now with the lease', async () => {
        const before = now();
        const lease = await sequencer.workers.lease(request({ reserveMs: 1000 }));
        expect(lease.reservedUntil).toBeGreaterThanOrEqual(before + 1000);
        expect(lease.expiresAt).toBeGreaterThanOrEqual(before + LONG_MS);
        expect(lease.floor).toBeLessThanOrEqual(lease.reservedUntil);
      });

      test('does not let a holder that reserved years hold up the other numbers', async () => {
        const year = 365 * 86_400_000;
        const poisoned = await sequencer.workers.lease(request({ ttlMs: year, reserveMs: year }));
        await sequencer.workers.release(poisoned);
        await sequencer.workers.lease(request({ worker: 2, ttlMs: 1, reserveMs: year }));
        const next = await whenPassed(2, () => sequencer.workers.lease(request()));
        expect(next.worker).toBe(1);
        // A minute for each of the two.
        expect(next.floor).toBeLessThanOrEqual(now() + 120_000);
        // The numbers themselves stay taken: IDs of theirs may carry those instants.
        for (const worker of [poisoned.worker, 2]) {
          await expectCode(sequencer.workers.lease(request({ worker })), 'seq.worker_taken');
        }
      });

      test('gives rising fencing tokens, over all spaces and after reopening', async () => {
        const first = await sequencer.workers.lease(request());
        const second = await sequencer.workers.lease(request({ space: 'other' }));
        await reopen();
        const third = await sequencer.workers.lease(request());
        expect(second.token).toBeGreaterThan(first.token);
        expect(third.token).toBeGreaterThan(second.token);
      });

      test('remembers leases after reopening', async () => {
        const lease = await sequencer.workers.lease(request());
        await reopen();
        expect((await sequencer.workers.lease(request())).worker).toBe(1);
        const renewed = await sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil: lease.reservedUntil });
        expect(renewed.token).toBe(lease.token);
      });

      test('extends lease and reservation by renewing, and never shrinks the reservation', async () => {
        const lease = await sequencer.workers.lease(request());
        const reserveUntil = lease.reservedUntil + 5000;
        const renewed = await sequencer.workers.renew(lease, { ttlMs: 2 * LONG_MS, reserveUntil });
        expect(renewed).toMatchObject({ worker: lease.worker, token: lease.token, reservedUntil: reserveUntil });
        expect(renewed.expiresAt).toBeGreaterThan(lease.expiresAt);
        const again = await sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil: lease.reservedUntil });
        expect(again.reservedUntil).toBe(reserveUntil);
      });

      test('refuses a reservation far ahead of its clock', async () => {
        const lease = await sequencer.workers.lease(request());
        const reserveUntil = now() + 3_600_000;
        await expectCode(sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil }), 'seq.clock_ahead');
      });

      test('refuses to renew or release under an outdated token', async () => {
        const lease = await sequencer.workers.lease(request());
        const stale = { ...lease, token: lease.token - 1n };
        await expectCode(sequencer.workers.renew(stale, { ttlMs: LONG_MS, reserveUntil: now() }), 'seq.lease_lost');
        await expectCode(sequencer.workers.release(stale), 'seq.lease_lost');
      });

      test('refuses to renew or release what was released', async () => {
        const lease = await sequencer.workers.lease(request());
        await sequencer.workers.release(lease);
        await expectCode(sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil: now() }), 'seq.lease_lost');
        await expectCode(sequencer.workers.release(lease), 'seq.lease_lost');
      });

      test('refuses to renew what was never leased', async () => {
        const never = { space: 'never', worker: 0, token: 1n };
        await expectCode(sequencer.workers.renew(never, { ttlMs: LONG_MS, reserveUntil: now() }), 'seq.lease_lost');
      });

      test('gives a released number again, from where its IDs ended', async () => {
        const lease = await sequencer.workers.lease(request());
        const usedUntil = Math.min(now() + 1, lease.reservedUntil);
        await sequencer.workers.release(lease, usedUntil);
        const next = await whenPassed(10, () => sequencer.workers.lease(request({ worker: lease.worker })));
        expect(next.floor).toBeGreaterThanOrEqual(usedUntil);
        expect(next.token).toBeGreaterThan(lease.token);
      });

      test('holds a number back until the whole reservation has passed when it is released without its use', async () => {
        const lease = await sequencer.workers.lease(request({ reserveMs: SHORT_MS }));
        await sequencer.workers.release(lease);
        await expectCode(sequencer.workers.lease(request({ worker: lease.worker })), 'seq.worker_taken');
        const next = await whenPassed(SHORT_MS, () => sequencer.workers.lease(request({ worker: lease.worker })));
        expect(next.floor).toBeGreaterThanOrEqual(lease.reservedUntil);
      });

      test('ignores a use beyond the reservation', async () => {
        const lease = await sequencer.workers.lease(request());
        await sequencer.workers.release(lease, lease.reservedUntil + 3_600_000);
        const [record] = await sequencer.workers.list(SPACE);
        expect(record?.highWater).toBe(lease.reservedUntil);
      });

      test('holds a number back for the skew', async () => {
        const lease = await sequencer.workers.lease(request({ skewMs: SHORT_MS }));
        await sequencer.workers.release(lease, now());
        const other = await sequencer.workers.lease(request({ skewMs: SHORT_MS }));
        expect(other.worker).toBe(1);
        const again = await whenPassed(SHORT_MS, () =>
          sequencer.workers.lease(request({ skewMs: SHORT_MS, worker: lease.worker })),
        );
        expect(again.worker).toBe(0);
      });

      test('gives an expired number to somebody else, above all that its holder may have used', async () => {
        const lease = await sequencer.workers.lease(request({ workers: 1, ttlMs: SHORT_MS, reserveMs: 2 * SHORT_MS }));
        const next = await whenPassed(2 * SHORT_MS, () => sequencer.workers.lease(request({ workers: 1 })));
        expect(next.worker).toBe(lease.worker);
        expect(next.floor).toBeGreaterThanOrEqual(lease.reservedUntil);
        await expectCode(sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil: now() }), 'seq.lease_lost');
        await expectCode(sequencer.workers.release(lease), 'seq.lease_lost');
      });

      test('renews an expired lease as long as nobody else has the number', async () => {
        const lease = await sequencer.workers.lease(request({ ttlMs: SHORT_MS }));
        await whenPassed(SHORT_MS, () => expectState(sequencer, 'expired'));
        const renewed = await sequencer.workers.renew(lease, { ttlMs: LONG_MS, reserveUntil: now() + 50 });
        expect(renewed.expiresAt).toBeGreaterThan(now());
        await expectState(sequencer, 'leased');
      });

      test('lists what is held, by whom and until when', async () => {
        const lease = await sequencer.workers.lease(request({ holder: 'host:42 ds seq serve', skewMs: 7 }));
        const [record] = await sequencer.workers.list(SPACE);
        expect(record).toMatchObject({
          space: SPACE,
          worker: 0,
          state: 'leased',
          token: lease.token,
          holder: 'host:42 ds seq serve',
          expiresAt: lease.expiresAt,
          highWater: lease.reservedUntil,
          freeAt: Math.max(lease.expiresAt, lease.reservedUntil) + 7,
        });
        await sequencer.workers.release(lease, now());
        await expectState(sequencer, 'released');
      });
    });

    describe('tickets', () => {
      test('start at 1 and rise, after reopening too', async () => {
        expect(await sequencer.tickets.take('orders', 1n)).toEqual({ first: 1n, last: 1n });
        expect(await sequencer.tickets.take('orders', 10n)).toEqual({ first: 2n, last: 11n });
        await reopen();
        const next = await sequencer.tickets.take('orders', 1n);
        expect(next.first).toBeGreaterThan(11n);
      });

      test('give every number once under concurrency', async () => {
        const ranges = await Promise.all(
          Array.from({ length: 200 }, (_, i) => sequencer.tickets.take('busy', BigInt(1 + (i % 3)))),
        );
        const numbers = ranges.flatMap(({ first, last }) =>
          Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i)),
        );
        expect(numbers).toHaveLength(67 + 67 * 2 + 66 * 3);
        expect(new Set(numbers).size).toBe(numbers.length);
      });

      test('say the highest number given out, and nothing for an unused name', async () => {
        expect(await sequencer.tickets.current('fresh')).toBeUndefined();
        await sequencer.tickets.take('fresh', 3n);
        expect(await sequencer.tickets.current('fresh')).toBe(3n);
      });

      test('keep names apart, byte for byte', async () => {
        for (const name of ['a', 'A', 'a ', 'ä', 'a:b', 'a{b}', '✓', 'x'.repeat(512)]) {
          expect(await sequencer.tickets.take(name, 1n)).toEqual({ first: 1n, last: 1n });
        }
      });

      test.each(['', 'x'.repeat(513), 'ä'.repeat(257)])('refuse a name that is empty or too long', async (bad) => {
        await expectCode(sequencer.tickets.take(bad, 1n), 'seq.bad_ticket_name');
        await expectCode(sequencer.tickets.current(bad), 'seq.bad_ticket_name');
        await expectCode(sequencer.tickets.reserve(bad, { holder: 'h', ttlMs: LONG_MS }), 'seq.bad_ticket_name');
      });

      test.each([0n, -1n, 2n ** 53n + 1n])('refuse a count of %s', async (count) => {
        await expectCode(sequencer.tickets.take('orders', count), 'seq.bad_ticket_count');
      });

      test('go on beyond 2^53 exactly', async () => {
        await sequencer.tickets.take('wide', 2n ** 53n);
        expect(await sequencer.tickets.take('wide', 1n)).toEqual({ first: 2n ** 53n + 1n, last: 2n ** 53n + 1n });
        expect(await sequencer.tickets.current('wide')).toBe(2n ** 53n + 1n);
      });

      test('are listed with their kinds', async () => {
        await sequencer.tickets.take('blocks', 5n);
        await sequencer.tickets.reserve('invoices', { holder: 'h', ttlMs: LONG_MS });
        expect((await sequencer.tickets.list()).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
          { name: 'blocks', kind: 'block', last: 5n, holes: 0 },
          { name: 'invoices', kind: 'gapless', last: 1n, holes: 1 },
        ]);
      });

      test('keep to the kind that a name was first used as', async () => {
        await sequencer.tickets.take('blocks', 1n);
        await expectCode(sequencer.tickets.reserve('blocks', { holder: 'h', ttlMs: LONG_MS }), 'seq.ticket_kind');
        await sequencer.tickets.reserve('invoices', { holder: 'h', ttlMs: LONG_MS });
        await expectCode(sequencer.tickets.take('invoices', 1n), 'seq.ticket_kind');
      });
    });

    describe('gapless tickets', () => {
      const reserve = (ttlMs = LONG_MS) => sequencer.tickets.reserve('invoices', { holder: 'test:1', ttlMs });

      test('go from reserved to committed for good', async () => {
        const first = await reserve();
        const second = await reserve();
        expect([first.number, second.number]).toEqual([1n, 2n]);
        await sequencer.tickets.commit(first);
        expect((await sequencer.tickets.holes('invoices')).map((hole) => hole.number)).toEqual([2n]);
        await sequencer.tickets.commit(second);
        expect(await sequencer.tickets.holes('invoices')).toEqual([]);
        expect((await reserve()).number).toBe(3n);
      });

      test('are given again when aborted, the lowest first, under a higher token', async () => {
        const tickets = [await reserve(), await reserve(), await reserve()] as const;
        await sequencer.tickets.abort(tickets[2]);
        await sequencer.tickets.abort(tickets[0]);
        const again = await reserve();
        expect(again.number).toBe(1n);
        expect(again.token).toBeGreaterThan(tickets[2].token);
        expect((await reserve()).number).toBe(3n);
        expect((await reserve()).number).toBe(4n);
      });

      test('cannot be committed or aborted under an outdated token', async () => {
        const first = await reserve();
        await sequencer.tickets.abort(first);
        const again = await reserve();
        await expectCode(sequencer.tickets.commit(first), 'seq.ticket_lost');
        await expectCode(sequencer.tickets.abort(first), 'seq.ticket_lost');
        await sequencer.tickets.commit(again);
      });

      test('cannot be committed or aborted twice, or without a reservation', async () => {
        const ticket = await reserve();
        await sequencer.tickets.commit(ticket);
        await expectCode(sequencer.tickets.commit(ticket), 'seq.ticket_lost');
        await expectCode(sequencer.tickets.abort(ticket), 'seq.ticket_lost');
        await expectCode(sequencer.tickets.commit({ ...ticket, number: 99n }), 'seq.ticket_lost');
        const aborted = await reserve();
        await sequencer.tickets.abort(aborted);
        await expectCode(sequencer.tickets.commit(aborted), 'seq.ticket_lost');
        await expectCode(sequencer.tickets.abort(aborted), 'seq.ticket_lost');
      });

      test('are given again when they expire', async () => {
        const stalled = await reserve(SHORT_MS);
        const again = await whenPassed(SHORT_MS, async () => {
          const [hole] = await sequencer.tickets.holes('invoices');
          expect(hole).toMatchObject({ number: 1n, state: 'abandoned', token: stalled.token });
          return reserve();
        });
        expect(again.number).toBe(1n);
        expect(again.token).toBeGreaterThan(stalled.token);
        await expectCode(sequencer.tickets.commit(stalled), 'seq.ticket_lost');
      });

      test('can be committed late, as long as nobody else was given the number', async () => {
        const late = await reserve(SHORT_MS);
        await whenPassed(SHORT_MS, async () => {
          expect((await sequencer.tickets.holes('invoices'))[0]?.state).toBe('abandoned');
        });
        await sequencer.tickets.commit(late);
        expect((await reserve()).number).toBe(2n);
      });

      test('show who holds what, after reopening too', async () => {
        const ticket = await reserve();
        await reopen();
        expect(await sequencer.tickets.holes('invoices')).toEqual([
          { number: 1n, state: 'reserved', holder: 'test:1', token: ticket.token, expiresAt: ticket.expiresAt },
        ]);
        await sequencer.tickets.commit(ticket);
      });

      test('have no holes under an unused name', async () => {
        expect(await sequencer.tickets.holes('unused')).toEqual([]);
      });

      test('leave no gap under concurrency', async () => {
        const tickets = await Promise.all(Array.from({ length: 50 }, () => reserve()));
        await Promise.all(
          tickets.map((ticket, i) => (i % 2 ? sequencer.tickets.abort(ticket) : sequencer.tickets.commit(ticket))),
        );
        const again = await Promise.all(Array.from({ length: 25 }, () => reserve()));
        const committed = tickets.filter((_, i) => i % 2 === 0);
        const numbers = [...committed, ...again].map((ticket) => Number(ticket.number)).sort((a, b) => a - b);
        expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      });
    });

    describe.runIf(hlc)('the hybrid logical clock', () => {
      const order = ({ wall, logical }: { wall: number; logical: number }) => BigInt(wall) * 65536n + BigInt(logical);

      test('rises with every tick, also concurrent ones and after reopening', async () => {
        const stamps = await Promise.all(Array.from({ length: 50 }, () => sequencer.hlc.tick()));
        await reopen();
        stamps.push(await sequencer.hlc.tick());
        const orders = stamps.map(order);
        expect(orders).toEqual([...orders].sort((a, b) => (a < b ? -1 : 1)));
        expect(new Set(orders).size).toBe(orders.length);
      });

      test('stays by the wall clock when nothing is ahead of it', async () => {
        const before = now();
        const stamp = await sequencer.hlc.tick();
        expect(stamp.wall).toBeGreaterThanOrEqual(before);
        expect(stamp.wall).toBeLessThanOrEqual(now());
      });

      test('goes above a remote stamp, and stays above it', async () => {
        const remote = { wall: now() + 5000, logical: 41 };
        const merged = await sequencer.hlc.merge(remote, 60_000);
        expect(merged).toEqual({ wall: remote.wall, logical: 42 });
        expect(await sequencer.hlc.tick()).toEqual({ wall: remote.wall, logical: 43 });
      });

      test('ignores a remote stamp from the past, apart from rising', async () => {
        const own = await sequencer.hlc.tick();
        const merged = await sequencer.hlc.merge({ wall: own.wall - 10_000, logical: 9 }, 60_000);
        expect(order(merged)).toBeGreaterThan(order(own));
        expect(merged.wall).toBeLessThanOrEqual(now());
      });

      test('refuses a remote stamp beyond the allowed drift, and does not move for it', async () => {
        const remote = { wall: now() + 3_600_000, logical: 0 };
        await expectCode(sequencer.hlc.merge(remote, 60_000), 'seq.hlc_drift');
        expect((await sequencer.hlc.tick()).wall).toBeLessThan(remote.wall);
      });

      test('carries a full counter into the next millisecond', async () => {
        const remote = { wall: now() + 5000, logical: 65535 };
        expect(await sequencer.hlc.merge(remote, 60_000)).toEqual({ wall: remote.wall + 1, logical: 0 });
      });

      test.each([
        { wall: -1, logical: 0 },
        { wall: 2 ** 48, logical: 0 },
        { wall: 1.5, logical: 0 },
        { wall: 1, logical: 65536 },
        { wall: 1, logical: -1 },
      ])('refuses $wall.$logical, which does not fit', async (remote) => {
        await expectCode(sequencer.hlc.merge(remote, Number.MAX_SAFE_INTEGER), 'seq.hlc_out_of_range');
      });

      test('is never pulled ahead by more than a day, whatever drift is allowed', async () => {
        const remote = { wall: 2 ** 48 - 2, logical: 0 };
        await expectCode(sequencer.hlc.merge(remote, Number.MAX_SAFE_INTEGER), 'seq.bad_duration');
        expect((await sequencer.hlc.tick()).wall).toBeLessThan(now() + 60_000);
      });
    });

    test('refuses a holder of a gapless number that is a megabyte long', async () => {
      const holder = 'h'.repeat(1_000_000);
      await expectCode(sequencer.tickets.reserve('orders', { holder, ttlMs: LONG_MS }), 'seq.bad_argument');
      expect(await sequencer.tickets.list()).toEqual([]);
    });

    test('close can be called twice', async () => {
      await sequencer.tickets.take('orders', 1n);
      await sequencer.close();
      await sequencer.close();
    });
  });
}

/** Awaits a rejection with this code and returns the error. */
export async function expectCode(promise: Promise<unknown>, code: string): Promise<DsError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(DsError);
  if (!(outcome instanceof DsError)) throw new Error('unreachable');
  expect(outcome.code).toBe(code);
  return outcome;
}

async function expectState(sequencer: Sequencer, state: string): Promise<void> {
  const [record] = await sequencer.workers.list(SPACE);
  expect(record?.state).toBe(state);
}
