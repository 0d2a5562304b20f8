import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LeaseRequest } from '../../../src/blocks/seq/sequencer.js';
import { nextStamp } from '../../../src/blocks/seq/store/hlc.js';
import { adoptSequencerStore, openSequencerStore, type SequencerStore } from '../../../src/blocks/seq/store.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { expectCode } from './contract.js';

const HOUR_MS = 3_600_000;

describe('the sequencer on a file', () => {
  let clock: ManualClock;
  let path: string;
  let store: SequencerStore;

  beforeEach(() => {
    const folder = makeTemporaryFolder();
    clock = new ManualClock();
    path = join(folder.path, 'seq.db');
    store = openSequencerStore({ path, clock, machine: 'here' });
    return async () => {
      await store.close();
      folder.remove();
    };
  });

  const request = (changes: Partial<LeaseRequest> = {}): LeaseRequest => ({
    space: 'twitter',
    workers: 1024,
    holder: 'test:1',
    ttlMs: 10_000,
    skewMs: 0,
    reserveMs: 1000,
    ...changes,
  });

  describe('the floor of a lease', () => {
    test('is 0 in a new file', async () => {
      expect((await store.workers.lease(request())).floor).toBe(0);
    });

    test('is above the used instants of every released number, whichever number is leased', async () => {
      const first = await store.workers.lease(request());
      const second = await store.workers.lease(request());
      const usedUntil = clock.now() + 900;
      await store.workers.release(second, usedUntil);
      await store.workers.release(first, clock.now());
      clock.step(-HOUR_MS);
      const next = await store.workers.lease(request());
      expect(next.worker).toBe(2);
      expect(next.floor).toBe(usedUntil);
      expect(next.reservedUntil).toBe(usedUntil + 1000);
    });

    test('is above the reservation of a lease that ran out', async () => {
      const lost = await store.workers.lease(request());
      clock.advance(10_000);
      expect((await store.workers.lease(request())).floor).toBe(lost.reservedUntil);
    });

    test('is above the last reservation of a live holder, although the clock stepped back', async () => {
      const live = await store.workers.lease(request());
      clock.advance(5000);
      const reservedAt = clock.now();
      await store.workers.renew(live, { ttlMs: 10_000, reserveUntil: reservedAt + 1000 });
      clock.step(-4000);
      expect((await store.workers.lease(request())).floor).toBe(reservedAt);
    });

    test('does not make a newcomer wait for the reservations of live holders', async () => {
      await store.workers.lease(request({ reserveMs: 50_000 }));
      expect((await store.workers.lease(request())).floor).toBeLessThanOrEqual(clock.now());
    });

    test('concerns only its own space', async () => {
      await store.workers.lease(request({ reserveMs: 50_000 }));
      clock.advance(10_000);
      expect((await store.workers.lease(request({ space: 'discord' }))).floor).toBe(0);
    });
  });

  test('does not lower what was used below the floor', async () => {
    await store.workers.release(await store.workers.lease(request()), clock.now() + 500);
    clock.step(-HOUR_MS);
    const lease = await store.workers.lease(request());
    await store.workers.release(lease, 0);
    const records = await store.workers.list();
    expect(records.find(({ worker }) => worker === lease.worker)?.highWater).toBe(lease.floor);
  });

  test('says when the first number is free after the clock stepped back and all are taken', async () => {
    for (let i = 0; i < 2; i += 1) {
      await store.workers.release(await store.workers.lease(request({ workers: 2 })), clock.now() + 1 + i);
    }
    const freeAt = clock.now() + 1;
    clock.step(-HOUR_MS);
    const error = await expectCode(store.workers.lease(request({ workers: 2 })), 'seq.workers_exhausted');
    expect(error.details['free_at_ms']).toBe(freeAt);
    expect(error.message).toContain('has the clock been set back?');
  });

  test('fills the gap below numbers that were asked for', async () => {
    for (const worker of [0, 2]) await store.workers.lease(request({ worker }));
    expect((await store.workers.lease(request())).worker).toBe(1);
    expect((await store.workers.lease(request())).worker).toBe(3);
  });

  test.each([{ ttlMs: 0 }, { ttlMs: 1.5 }, { skewMs: -1 }, { reserveMs: Number.NaN }, { ttlMs: Number.MAX_VALUE }])(
    'refuses a lease with %o',
    async (changes) => {
      await expectCode(store.workers.lease(request(changes)), 'seq.bad_duration');
    },
  );

  test('keeps the hybrid clock rising when the wall clock steps back', async () => {
    const before = await store.hlc.tick();
    clock.step(-HOUR_MS);
    expect(await store.hlc.tick()).toEqual({ wall: before.wall, logical: before.logical + 1 });
  });

  test('counts what is in it', async () => {
    await store.workers.release(await store.workers.lease(request()));
    await store.workers.lease(request());
    await store.tickets.take('orders', 5n);
    await store.tickets.reserve('invoices', { holder: 'h', ttlMs: 1000 });
    expect(store.counts()).toEqual({ sequences: 1, gapless: 1, holes: 1, workersLeased: 1, workers: 2 });
    expect(store.pendingWrites()).toBe(0);
  });

  test('answers reads in the order of the writes before them', async () => {
    const taken = store.tickets.take('orders', 5n);
    expect(await store.tickets.current('orders')).toBe(5n);
    await taken;
  });

  test('shares the file with another process: leases and tickets never meet', async () => {
    const other = openSequencerStore({ path, clock, machine: 'here' });
    const ranges = [];
    for (let i = 0; i < 20; i += 1) ranges.push(await (i % 2 ? store : other).tickets.take('orders', 2n));
    expect(ranges.map(({ first }) => first)).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(2 * i + 1)));
    expect((await store.workers.lease(request())).worker).toBe(0);
    expect((await other.workers.lease(request())).worker).toBe(1);
    await other.close();
  });

  test('keeps what a one-shot command did', async () => {
    const oneShot = openSequencerStore({ path, clock, machine: 'here', oneShot: true });
    const lease = await oneShot.workers.lease(request());
    await oneShot.workers.release(lease, clock.now() + 7);
    await oneShot.close();
    const [record] = await store.workers.list();
    expect(record).toMatchObject({ state: 'released', highWater: clock.now() + 7 });
  });

  describe('on another machine', () => {
    const elsewhere = () => ({ path: `${path}.copy`, clock, machine: 'there' });

    async function copyAway(): Promise<void> {
      await store.close();
      copyFileSync(path, elsewhere().path);
    }

    test('is refused, with the ways out', async () => {
      await copyAway();
      const open = () => openSequencerStore(elsewhere());
      expect(open).toThrow(expect.objectContaining({ code: 'seq.copied_database', kind: 'storage' }));
      expect(open).toThrow(
        expect.objectContaining({ hint: expect.stringContaining(`ds seq adopt --db '${path}.copy'`) }),
      );
    });

    test('is accepted once adopted, and refused on the first machine from then on', async () => {
      await copyAway();
      expect(adoptSequencerStore(elsewhere())).toMatchObject({ adopted: true, previousMachine: 'here' });
      await openSequencerStore(elsewhere()).close();
      expect(() => openSequencerStore({ ...elsewhere(), machine: 'here' })).toThrow(/another machine/);
    });

    test('repeats nothing that it knows of once adopted', async () => {
      const lease = await store.workers.lease(request());
      const taken = await store.tickets.take('orders', 10n);
      const reserved = await store.tickets.reserve('invoices', { holder: 'h', ttlMs: HOUR_MS });
      const stamp = await store.hlc.merge({ wall: clock.now() + 1000, logical: 5 }, HOUR_MS);
      await copyAway();
      expect(adoptSequencerStore(elsewhere())).toMatchObject({ leasesEnded: 1, reservationsAbandoned: 1 });
      const copy = openSequencerStore(elsewhere());
      await expectCode(copy.workers.renew(lease, { ttlMs: 1000, reserveUntil: 0 }), 'seq.lease_lost');
      await expectCode(copy.workers.release(lease), 'seq.lease_lost');
      expect((await copy.workers.lease(request())).floor).toBe(lease.reservedUntil);
      expect((await copy.tickets.take('orders', 1n)).first).toBe(taken.last + 1n);
      await expectCode(copy.tickets.commit(reserved), 'seq.ticket_lost');
      const again = await copy.tickets.reserve('invoices', { holder: 'h', ttlMs: HOUR_MS });
      expect(again.number).toBe(1n);
      expect(again.token).toBeGreaterThan(reserved.token);
      expect((await copy.hlc.tick()).wall).toBeGreaterThanOrEqual(stamp.wall);
      await copy.close();
    });

    test('changes nothing when it is adopted where it belongs', async () => {
      const lease = await store.workers.lease(request());
      expect(adoptSequencerStore({ path, clock, machine: 'here' })).toMatchObject({ adopted: false, leasesEnded: 0 });
      await store.workers.release(lease);
    });
  });
});

describe('the rules of the hybrid logical clock', () => {
  const previous = { wall: 100, logical: 3 };
  test.each([
    ['the wall clock leads', 200, undefined, { wall: 200, logical: 0 }],
    ['the wall clock lags', 50, undefined, { wall: 100, logical: 4 }],
    ['the remote leads', 50, { wall: 300, logical: 9 }, { wall: 300, logical: 10 }],
    ['all are equal', 100, { wall: 100, logical: 9 }, { wall: 100, logical: 10 }],
    ['own stamp leads', 50, { wall: 60, logical: 9 }, { wall: 100, logical: 4 }],
    ['the wall clock leads both', 400, { wall: 300, logical: 9 }, { wall: 400, logical: 0 }],
    ['the counter is full', 50, { wall: 300, logical: 65535 }, { wall: 301, logical: 0 }],
  ])('%s', (_, now, remote, expected) => {
    expect(nextStamp(previous, now, remote)).toEqual(expected);
  });
});
