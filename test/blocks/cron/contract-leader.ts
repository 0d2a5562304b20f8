import { describe, expect, it } from 'vitest';
import {
  end,
  FAILED,
  jobSpec,
  LEASE_MS,
  leader,
  letSlotsCome,
  newest,
  type Place,
  states,
  take,
} from './contract-world.js';

export function leaderContract(makePlace: () => Promise<Place>): void {
  describe('the scheduler that leads', () => {
    it('is one, until its lease ends or it resigns; the next has a higher fence', async () => {
      const place = await makePlace();
      const [one, two] = [await place.open(), await place.open()];
      const both = await Promise.all([one.lead('one', LEASE_MS), two.lead('two', LEASE_MS)]);
      expect(both.filter((leadership) => leadership !== undefined)).toHaveLength(1);
      const first = both.find((leadership) => leadership !== undefined);
      const other = first?.worker === 'one' ? 'two' : 'one';
      place.clock.advance(LEASE_MS - 1);
      expect(await two.lead(other, LEASE_MS)).toBeUndefined();
      expect(await one.lead(first?.worker ?? '', LEASE_MS)).toMatchObject({ fence: first?.fence });
      expect((await two.status()).leader).toEqual({ ...first, until: place.clock.now() + LEASE_MS });
      place.clock.advance(LEASE_MS);
      expect(await two.status()).not.toHaveProperty('leader');
      const second = await leader(two, other);
      expect(second.fence).toBe((first?.fence ?? 0) + 1);
      if (first !== undefined) await one.resign(first);
      expect(await one.lead('third', LEASE_MS)).toBeUndefined();
      await two.resign(second);
      expect((await leader(one, 'third')).fence).toBe(second.fence + 1);
    });

    it('is replaced within a lease also when the clock was stepped back after it died', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await leader(ledger, 'dead');
      place.clock.step(-3_600_000);
      expect(await ledger.lead('next', LEASE_MS)).toBeUndefined();
      place.clock.advance(LEASE_MS);
      expect((await leader(ledger, 'next')).fence).toBe(2);
    });

    it('ends runs whose lease has run out: fenced or once more, by what the job promises', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('once', { mutexes: ['disk'], notifications: { on: ['failure'], command: 'mail' } }));
      await ledger.put(jobSpec('again', { delivery: 'at-least-once' }));
      await ledger.put(jobSpec('ended', { delivery: 'at-least-once' }));
      await ledger.put(jobSpec('other', { mutexes: ['disk'] }));
      await letSlotsCome(place, ledger, 'once', 'again', 'ended');
      const claims = await ledger.claim('worker', 9, LEASE_MS);
      await ledger.cancel((await newest(ledger, 'ended')).id);
      place.clock.advance(LEASE_MS - 1);
      expect(await ledger.watchOver(await leader(ledger))).toBe(0);
      place.clock.advance(1);
      expect(await ledger.watchOver(await leader(ledger))).toBe(3);
      expect(await newest(ledger, 'once')).toMatchObject({ state: 'fenced', reason: expect.stringMatching(/worker/) });
      expect(await newest(ledger, 'again')).toMatchObject({ state: 'queued', attempt: 1 });
      expect(await newest(ledger, 'ended')).toMatchObject({ state: 'cancelled' });
      expect(await ledger.takeNotices(9, 1_000)).toMatchObject([{ event: 'failure', run: { state: 'fenced' } }]);
      // Its mutex is free, and the dead worker's word counts for nothing.
      await ledger.trigger('other');
      expect((await ledger.claim('next', 9, LEASE_MS)).map(({ run }) => run.job).sort()).toEqual(['again', 'other']);
      for (const claim of claims) expect(await end(place, ledger, claim)).toBe(false);
      for (const claim of claims) expect(await end(place, ledger, claim, FAILED)).toBe(false);
      expect((await newest(ledger, 'once')).reason).toMatch(/worker worker any more; it told too late: succeeded$/);
      expect(await newest(ledger, 'again')).toMatchObject({ state: 'running', fence: 2, worker: 'next' });
      const { id } = await newest(ledger, 'again');
      expect(await ledger.attempts(id)).toEqual([
        {
          attempt: 1,
          fence: 1,
          worker: 'worker',
          outcome: 'fenced',
          startedAt: place.clock.now() - LEASE_MS,
          finishedAt: place.clock.now(),
          reason: expect.stringMatching(/too late/),
        },
        { attempt: 2, fence: 2, worker: 'next', startedAt: place.clock.now(), reason: '' },
      ]);
    });

    it('starts no run for ever: what takes its worker along each time is fenced in the end', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('deadly', { delivery: 'at-least-once' }));
      await ledger.trigger('deadly');
      for (let start = 1; start <= 100; start++) {
        await take(ledger);
        await ledger.retire('worker');
      }
      expect(await newest(ledger, 'deadly')).toMatchObject({ state: 'fenced', attempt: 100 });
    });

    it('does not take leases for ended because the clock was stepped or the machine slept', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      await letSlotsCome(place, ledger, 'backup');
      const claim = await take(ledger);
      expect(await ledger.watchOver(await leader(ledger))).toBe(0);
      place.clock.step(3_600_000);
      expect(await ledger.watchOver(await leader(ledger))).toBe(0);
      place.clock.step(-7_200_000);
      expect(await ledger.watchOver(await leader(ledger))).toBe(0);
      place.clock.advance(LEASE_MS - 1);
      expect(await ledger.watchOver(await leader(ledger))).toBe(0);
      place.clock.advance(1);
      expect(await ledger.watchOver(await leader(ledger))).toBe(1);
      expect(await end(place, ledger, claim)).toBe(false);
    });

    it('tells of runs that have not started in time, and of those that take too long, once', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const notifications = { on: ['late', 'overrun'] as const, command: 'mail' };
      await ledger.put(jobSpec('slow', { notifications, lateAfterMs: 5_000, overrunAfterMs: 20_000 }));
      await ledger.put(jobSpec('in-time', { notifications, lateAfterMs: 5_000, overrunAfterMs: 20_000 }));
      await letSlotsCome(place, ledger, 'slow', 'in-time');
      const claims = [...(await ledger.claim('worker', 1, LEASE_MS))];
      const watch = async () => {
        await ledger.heartbeat(
          'worker',
          1,
          claims.map(({ run }) => run.id),
          LEASE_MS,
        );
        await ledger.watchOver(await leader(ledger));
        const notices = await ledger.takeNotices(9, 1_000_000);
        return notices.map(({ event, run }) => `${run.job} ${event}`);
      };
      expect(await watch()).toEqual([]);
      place.clock.advance(5_000);
      expect(await watch()).toEqual(['in-time late']);
      claims.push(...(await ledger.claim('worker', 9, LEASE_MS)));
      place.clock.advance(14_999);
      expect(await watch()).toEqual([]);
      place.clock.advance(1);
      expect(await watch()).toEqual(['slow overrun']);
      expect(await watch()).toEqual([]);
      // Ended too late before anybody looked.
      place.clock.advance(5_000);
      for (const claim of claims) await end(place, ledger, claim);
      expect(await watch()).toEqual(['in-time overrun']);
    });

    it('forgets what ended long ago, except the newest run of each job', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b'));
      for (const outcome of [FAILED, undefined, FAILED, undefined]) {
        await letSlotsCome(place, ledger, 'a');
        const claim = await take(ledger);
        const chunk = { attempt: 1, stream: 'stdout', at: 0, bytes: Buffer.from('x'), omittedBefore: 0 } as const;
        await ledger.appendOutput([{ run: claim.run.id, fence: claim.fence, chunks: [{ ...chunk, sequence: 0 }] }]);
        await end(place, ledger, claim, outcome);
      }
      await ledger.trigger('b');
      await end(place, ledger, await take(ledger));
      const leadership = await leader(ledger);
      expect(await ledger.prune(leadership, place.clock.now() - 100_000, 10)).toBe(2);
      expect(await ledger.prune(leadership, place.clock.now() + 1, 10)).toBe(1);
      expect(await ledger.prune(leadership, place.clock.now() + 1, 10)).toBe(0);
      expect([await states(ledger, 'a'), await states(ledger, 'b')]).toEqual(['succeeded', 'succeeded']);
    });

    it('does nothing of that once another leads', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await letSlotsCome(place, ledger, 'a');
      await take(ledger);
      const old = await leader(ledger);
      place.clock.advance(LEASE_MS);
      await leader(ledger, 'next');
      expect(await ledger.watchOver(old)).toBe(0);
      expect(await ledger.prune(old, place.clock.now(), 10)).toBe(0);
      expect(await states(ledger, 'a')).toBe('running');
    });
  });
}
