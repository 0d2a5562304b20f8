import { describe, expect, it } from 'vitest';
import { externalSpec, jobSpec, leader, letSlotsCome, type Place, pingKeyOf, states, take } from './contract-world.js';

export function jobContract(makePlace: () => Promise<Place>): void {
  describe('jobs', () => {
    it('are made once by create, replaced otherwise, and keep their history and their slots', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const made = await ledger.put(jobSpec('backup'), { create: true });
      expect(made).toMatchObject({ paused: false, running: 0, queued: 0, createdAt: place.clock.now() });
      expect(made.nextAt).toBe(place.clock.now() + 60_000);
      await expect(ledger.put(jobSpec('backup'), { create: true })).rejects.toMatchObject({
        code: 'cron.job_exists',
        kind: 'usage',
      });
      await letSlotsCome(place, ledger, 'backup');
      // Slots that are due and undecided, too.
      place.clock.advance(150_000);
      const before = await ledger.get('backup');
      // The same schedule, whatever order its keys have.
      const { timeZone, expression, ...others } = jobSpec('backup').schedule;
      const schedule = { timeZone, ...others, ...(expression === undefined ? {} : { expression }) };
      const after = await ledger.put(jobSpec('backup', { description: 'nightly', schedule }));
      expect(after).toEqual({ ...before, spec: after.spec, updatedAt: place.clock.now() });
      expect(after.spec.description).toBe('nightly');
      place.clock.advance(1_000);
      expect(await ledger.put(jobSpec('backup', { description: 'nightly' }))).toEqual(after);
      await ledger.apply({ put: [after.spec], remove: [] });
      expect(await ledger.get('backup')).toEqual(after);
      await expect(ledger.get('backups')).rejects.toMatchObject({ code: 'cron.no_such_job', kind: 'no' });
    });

    it('get slots of a new schedule from now on, and the ones that were left of the old one are missed', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const { createdAt } = await ledger.put(jobSpec('backup'));
      place.clock.advance(150_000);
      const schedule = { ...jobSpec('backup').schedule, expression: '@every 70s' };
      const job = await ledger.put(jobSpec('backup', { schedule }));
      expect(job.accountedUntil).toBe(place.clock.now());
      expect(job.nextAt).toBe(createdAt + 210_000);
      const runs = await ledger.runs({ job: 'backup', limit: 10 });
      expect(runs.map(({ slot, state }) => [slot - createdAt, state])).toEqual([
        [120_000, 'missed'],
        [60_000, 'missed'],
      ]);
      // Back to the first one, on a clock that was stepped back: no slot comes twice.
      place.clock.step(-100_000);
      expect((await ledger.put(jobSpec('backup'))).nextAt).toBe(createdAt + 180_000);
    });

    it('are deleted with their history; whoever carries a run out hears that it is lost', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { mutexes: ['disk'] }));
      await letSlotsCome(place, ledger, 'backup');
      const claim = await take(ledger);
      await ledger.delete('backup');
      await expect(ledger.run(claim.run.id)).rejects.toMatchObject({ code: 'cron.no_such_run' });
      await expect(ledger.delete('backup')).rejects.toMatchObject({ code: 'cron.no_such_job' });
      expect(await ledger.heartbeat('worker', 4, [claim.run.id], 1_000)).toEqual({ cancel: [], lost: [claim.run.id] });
      expect(await ledger.list()).toEqual([]);
    });

    it('are applied all or none', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.apply({
        put: [jobSpec('b', { after: { job: 'a', on: 'any' } }), jobSpec('a'), jobSpec('c')],
        remove: [],
      });
      expect((await ledger.list()).map(({ spec }) => spec.name)).toEqual(['a', 'b', 'c']);
      await expect(ledger.apply({ put: [jobSpec('d')], remove: ['c', 'x'] })).rejects.toMatchObject({
        code: 'cron.no_such_job',
      });
      for (const plan of [
        { put: [jobSpec('a', { description: 'x' }), jobSpec('d'), jobSpec('a')], remove: [] },
        { put: [jobSpec('a', { description: 'x' })], remove: ['a'] },
      ])
        await expect(ledger.apply(plan)).rejects.toMatchObject({ code: 'cron.bad_job', message: 'a is named twice' });
      expect((await ledger.list()).map(({ spec }) => spec.name)).toEqual(['a', 'b', 'c']);
      expect((await ledger.get('a')).spec.description).toBeUndefined();
      await ledger.apply({ put: [jobSpec('d')], remove: ['a', 'b'] });
      expect((await ledger.list()).map(({ spec }) => spec.name)).toEqual(['c', 'd']);
    });

    it('run after jobs that are there, and never after themselves', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await expect(ledger.put(jobSpec('b', { after: { job: 'a', on: 'any' } }))).rejects.toThrow(/no job of this name/);
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b', { after: { job: 'a', on: 'any' } }));
      await expect(ledger.put(jobSpec('a', { after: { job: 'b', on: 'success' } }))).rejects.toMatchObject({
        code: 'cron.bad_job',
        message: expect.stringMatching(/after itself: . after . after ./),
      });
      await expect(ledger.delete('a')).rejects.toThrow('a cannot be deleted: b runs after it');
      await expect(ledger.apply({ put: [], remove: ['a'] })).rejects.toThrow('a cannot be deleted: b runs after it');
      expect((await ledger.get('a')).spec.after).toBeUndefined();
    });

    it('have ping keys of their own', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(externalSpec('a'));
      await ledger.put(externalSpec('a', { description: 'as before' }));
      expect(await ledger.jobOfPing(pingKeyOf('a'))).toBe('a');
      expect(await ledger.jobOfPing(pingKeyOf('b'))).toBeUndefined();
      await expect(
        ledger.put(jobSpec('b', { action: { kind: 'external', pingKey: pingKeyOf('a') } })),
      ).rejects.toMatchObject({
        code: 'cron.bad_job',
      });
    });

    it('rest while they are paused, for the slots of that time, and go on by themselves', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      const until = place.clock.now() + 90_000;
      const long = ledger.pause('backup', { reason: 'x'.repeat(5_000) });
      await expect(long).rejects.toMatchObject({ code: 'cron.bad_job', message: 'reason is longer than 4096 bytes' });
      expect(await ledger.pause('backup', { reason: 'holidays', until })).toMatchObject({
        paused: true,
        pauseReason: 'holidays',
        pausedUntil: until,
      });
      for (const job of [await ledger.get('backup'), ...(await ledger.list())])
        expect(job).not.toHaveProperty('nextAt');
      place.clock.advance(60_000);
      expect(await ledger.due(place.clock.now(), 10)).toMatchObject([{ paused: { reason: 'holidays', until } }]);
      const [job] = await ledger.due(place.clock.now(), 10);
      if (job === undefined) throw new Error('not due');
      place.clock.advance(60_000);
      expect(await ledger.get('backup')).toMatchObject({ paused: false, nextAt: job.nextAt });
      const slots = [
        { slot: job.nextAt, dueAt: job.nextAt, state: 'skipped', reason: 'paused: holidays' },
        { slot: job.nextAt + 60_000, dueAt: job.nextAt + 60_000, state: 'queued', reason: '' },
      ] as const;
      const settled = { job, trigger: 'schedule', slots, accountedUntil: job.nextAt + 60_000 } as const;
      await ledger.settle(await leader(ledger), [settled]);
      expect(await states(ledger, 'backup')).toBe('queued skipped');
      await ledger.put(jobSpec('backup', { schedule: { ...job.spec.schedule, expression: '@every 50s' } }));
      expect((await ledger.due(Number.MAX_SAFE_INTEGER, 1))[0]?.paused).toBeUndefined();
    });

    it('that go on keep the pause for slots that came meanwhile', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      await ledger.pause('backup', { reason: 'holidays' });
      expect((await ledger.status()).paused).toBe(1);
      await ledger.resume('backup');
      expect((await ledger.due(Number.MAX_SAFE_INTEGER, 1))[0]?.paused).toBeUndefined();
      await ledger.pause('backup');
      place.clock.advance(100_000);
      expect(await ledger.resume('backup')).toMatchObject({ paused: false });
      const [job] = await ledger.due(place.clock.now(), 1);
      expect(job?.paused).toEqual({ reason: '', until: place.clock.now() });
      expect((await ledger.status()).paused).toBe(0);
    });
  });
}
