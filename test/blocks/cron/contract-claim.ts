import { describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait-for.js';
import { end, FAILED, jobSpec, LEASE_MS, letSlotsCome, newest, type Place, states, take } from './contract-world.js';

export function claimContract(makePlace: () => Promise<Place>): void {
  describe('workers', () => {
    it('take runs once, the longest due first, under fences that rise with every start', async () => {
      const place = await makePlace();
      const [one, two] = [await place.open(), await place.open()];
      await one.put(jobSpec('backup', { concurrency: 'allow-all' }));
      const names = Array.from({ length: 20 }, (_, index) => `job-${index}`);
      await one.apply({ put: names.map((name) => jobSpec(name)), remove: [] });
      for (let round = 0; round < 2; round++) await letSlotsCome(place, one, 'backup');
      await letSlotsCome(place, one, ...names);
      const rounds = await Promise.all([
        one.claim('one', 7, LEASE_MS),
        two.claim('two', 7, LEASE_MS),
        one.claim('one', 7, LEASE_MS),
        two.claim('two', 7, LEASE_MS),
      ]);
      // Rows that another has locked at this moment are left out, and taken in the next round.
      const rest = await waitFor(async () => {
        rounds.push(await two.claim('two', 100, LEASE_MS));
        return rounds.flat().length === 22;
      });
      expect(rest).toBe(true);
      expect(new Set(rounds.flat().map(({ run }) => run.id)).size).toBe(22);
      const fences = rounds.flat().flatMap(({ run, fence }) => (run.job === 'backup' ? [fence] : []));
      expect(fences.sort()).toEqual([1, 2]);
      const [first] = rounds.flat();
      expect(first && (await one.run(first.run.id))).toEqual(first?.run);
      expect(first?.run).toMatchObject({ state: 'running', attempt: 1, worker: 'one', startedAt: place.clock.now() });
      expect(await one.claim('one', 10, LEASE_MS)).toEqual([]);
    });

    it('leave runs whose time has not come', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { retries: { most: 1, delayMs: 5_000, longestDelayMs: 9_000, jitter: 0 } }));
      await letSlotsCome(place, ledger, 'backup');
      await end(place, ledger, await take(ledger), FAILED);
      expect(await ledger.nextAt()).toBe(place.clock.now() + 5_000);
      expect(await ledger.claim('worker', 1, LEASE_MS)).toEqual([]);
      place.clock.advance(5_000);
      expect((await take(ledger)).run).toMatchObject({ attempt: 2, fence: 2 });
    });

    it('take one run at a time of jobs that share a mutex, and all of its mutexes or none', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a', { mutexes: ['disk', 'net'] }));
      await ledger.put(jobSpec('b', { mutexes: ['net', 'cpu'] }));
      await ledger.put(jobSpec('c', { mutexes: ['cpu'] }));
      await ledger.put(jobSpec('d'));
      await letSlotsCome(place, ledger, 'a', 'b', 'c', 'd');
      const claims = await ledger.claim('worker', 3, LEASE_MS);
      expect(claims.map(({ run }) => run.job).sort()).toEqual(['a', 'c', 'd']);
      for (const claim of claims.filter(({ run }) => run.job === 'a')) await end(place, ledger, claim);
      expect(await ledger.claim('worker', 3, LEASE_MS)).toEqual([]);
      for (const claim of claims.filter(({ run }) => run.job === 'c')) await end(place, ledger, claim);
      expect((await take(ledger)).run.job).toBe('b');
    });

    it('do not take runs whose start deadline has passed: they are missed, and late ones are told of', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { startDeadlineMs: 5_000, notifications: { on: ['late'], command: 'mail' } }));
      await letSlotsCome(place, ledger, 'backup');
      place.clock.advance(5_001);
      expect(await ledger.claim('worker', 1, LEASE_MS)).toEqual([]);
      expect(await newest(ledger, 'backup')).toMatchObject({
        state: 'missed',
        reason: expect.stringMatching(/deadline/),
      });
      expect(await ledger.takeNotices(10, 1_000)).toMatchObject([{ event: 'late', run: { state: 'missed' } }]);
    });

    it('tell that they live, and are told what is to end and what is lost', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b'));
      await letSlotsCome(place, ledger, 'a', 'b');
      const [a, b] = await ledger.claim('worker', 2, LEASE_MS);
      if (a === undefined || b === undefined) throw new Error('not taken');
      expect(await ledger.cancel(a.run.id)).toMatchObject({ state: 'running' });
      const beat = { cancel: [{ run: a.run.id, how: 'terminate', reason: 'cancelled by hand' }], lost: [9_999] };
      expect(await ledger.heartbeat('worker', 4, [a.run.id, b.run.id, 9_999], LEASE_MS)).toEqual(beat);
      expect(await ledger.heartbeat('other', 4, [b.run.id], LEASE_MS)).toEqual({ cancel: [], lost: [b.run.id] });
      expect((await ledger.status()).workers).toEqual([
        { name: 'other', capacity: 4, seenAt: place.clock.now() },
        { name: 'worker', capacity: 4, seenAt: place.clock.now() },
      ]);
      await end(place, ledger, a, { kind: 'cancelled', reason: 'SIGTERM', signal: 'SIGTERM' });
      expect(await newest(ledger, 'a')).toMatchObject({
        state: 'cancelled',
        reason: 'cancelled by hand',
        signal: 'SIGTERM',
      });
    });

    it('end, and what they had taken is treated as lost at once', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('once', { mutexes: ['disk'] }));
      await ledger.put(jobSpec('again', { delivery: 'at-least-once' }));
      await letSlotsCome(place, ledger, 'once', 'again');
      const claims = await ledger.claim('worker', 2, LEASE_MS);
      await ledger.heartbeat('worker', 2, [], LEASE_MS);
      await ledger.retire('worker');
      expect([await states(ledger, 'once'), await states(ledger, 'again')]).toEqual(['fenced', 'queued']);
      expect((await ledger.status()).workers).toEqual([]);
      expect(await ledger.finish(claims.map((claim) => ended(claim, place.clock.now())))).toEqual([false, false]);
      expect((await take(ledger, 'next')).run).toMatchObject({ job: 'again', attempt: 2, fence: 2, worker: 'next' });
    });
  });
}

const ended = (claim: Awaited<ReturnType<typeof take>>, finishedAt: number) => ({
  claim,
  outcome: { kind: 'succeeded' } as const,
  finishedAt,
  outputBytes: 0,
});
