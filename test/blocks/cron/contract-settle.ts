import { describe, expect, it } from 'vitest';
import type { ConcurrencyPolicy } from '../../../src/blocks/cron/job.js';
import {
  dueJob,
  end,
  FAILED,
  jobSpec,
  leader,
  letSlotsCome,
  type Place,
  settlementOf,
  states,
  take,
} from './contract-world.js';

export function settleContract(makePlace: () => Promise<Place>): void {
  describe('slots', () => {
    it('are due when they have come, the longest due first, and move on when they are settled', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('later'));
      place.clock.advance(1);
      await ledger.put(jobSpec('latest'));
      const start = place.clock.now();
      expect(await ledger.due(start + 59_998, 10)).toEqual([]);
      expect(await ledger.nextAt()).toBe(start + 59_999);
      expect((await ledger.due(start + 60_000, 10)).map(({ spec }) => spec.name)).toEqual(['later', 'latest']);
      expect((await ledger.due(start + 60_000, 1)).map(({ spec }) => spec.name)).toEqual(['later']);
      place.clock.advance(60_000);
      const job = await dueJob(ledger, 'later');
      await ledger.settle(await leader(ledger), [settlementOf(job, [job.nextAt])]);
      expect((await ledger.due(place.clock.now(), 10)).map(({ spec }) => spec.name)).toEqual(['latest']);
      expect(await ledger.get('later')).toMatchObject({
        accountedUntil: job.nextAt,
        nextAt: job.nextAt + 60_000,
        queued: 1,
      });
    });

    it('become one row each, however often and by whomever they are settled', async () => {
      const place = await makePlace();
      const [one, two] = [await place.open(), await place.open()];
      await one.put(jobSpec('backup', { concurrency: 'allow-all' }));
      place.clock.advance(60_000);
      const job = await dueJob(one, 'backup');
      const settled = settlementOf(job, [job.nextAt, job.nextAt + 1]);
      const first = await leader(one, 'one');
      await Promise.all([one.settle(first, [settled]), one.settle(first, [settled])]);
      place.clock.advance(20_000);
      const second = await leader(two, 'two');
      expect(second.fence).toBe(first.fence + 1);
      expect(await two.settle(second, [settled])).toBe(true);
      // The clock was stepped back, and the slot has come once more.
      place.clock.step(-100_000);
      expect(await two.settle(second, [settlementOf(await dueJob(two, 'backup'), [job.nextAt])])).toBe(true);
      expect(await states(one, 'backup')).toBe('queued queued');
      expect((await one.get('backup')).nextAt).toBe(job.nextAt + 60_001);
      expect(await one.settle(first, [settlementOf(await dueJob(one, 'backup'), [job.nextAt + 60_001])])).toBe(false);
      expect(await states(one, 'backup')).toBe('queued queued');
    });

    it('that were decided on for an older version of the job are not written', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      const job = await dueJob(ledger, 'backup');
      await ledger.put(jobSpec('backup', { description: 'other' }));
      place.clock.advance(60_000);
      const leadership = await leader(ledger);
      expect(await ledger.settle(leadership, [settlementOf(job, [job.nextAt])])).toBe(true);
      expect(await states(ledger, 'backup')).toBe('');
      await ledger.delete('backup');
      expect(await ledger.settle(leadership, [settlementOf(job, [job.nextAt])])).toBe(true);
    });

    it('of the start of the machine come once for each start', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const schedule = { ...jobSpec('').schedule, expression: '@reboot' };
      await ledger.put(jobSpec('warm-up', { schedule, concurrency: 'buffer-all' }));
      expect(await ledger.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
      const [job] = await ledger.atBoot();
      if (job === undefined) throw new Error('not found');
      const leadership = await leader(ledger);
      const boot = (slot: number) => ({ ...settlementOf(job, [slot]), trigger: 'boot' }) as const;
      for (const slot of [1_000, 1_000, 2_000]) await ledger.settle(leadership, [boot(slot)]);
      expect(await states(ledger, 'warm-up')).toBe('queued queued');
      expect((await ledger.get('warm-up')).nextAt).toBeUndefined();
    });

    it('by the ten thousand are written in one go', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      const job = await dueJob(ledger, 'backup');
      const slots = Array.from({ length: 12_000 }, (_, index) => job.nextAt + 60_000 * index);
      place.clock.advance(60_000);
      await ledger.settle(await leader(ledger), [settlementOf(job, slots, 'missed')]);
      expect((await ledger.runs({ limit: 1, triggers: ['schedule'] }))[0]).toMatchObject({
        slot: slots.at(-1),
        state: 'missed',
        reason: 'told so',
        finishedAt: place.clock.now(),
        attempt: 0,
      });
      expect(await ledger.runs({ limit: 20_000 })).toHaveLength(12_000);
    });
  });

  describe('a slot that comes while a run of the job goes on', () => {
    /** Three slots come: one at the start, which is taken; two more while it runs. */
    async function crowd(concurrency: ConcurrencyPolicy) {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { concurrency }));
      await letSlotsCome(place, ledger, 'backup');
      const claim = await take(ledger);
      await letSlotsCome(place, ledger, 'backup');
      await letSlotsCome(place, ledger, 'backup');
      const { cancel } = await ledger.heartbeat('worker', 1, [claim.run.id], 1_000);
      const claimable = await ledger.claim('other', 10, 1_000);
      return { states: await states(ledger, 'backup'), cancel, started: claimable.length, place, ledger, claim };
    }

    it('does not run under skip', async () => {
      const { ledger, ...found } = await crowd('skip');
      expect(found).toMatchObject({ states: 'overlapped overlapped running', cancel: [], started: 0 });
      expect((await ledger.runs({ limit: 1 }))[0]?.reason).toBe('1 run was going on');
    });

    it('waits under buffer-one, the first of them', async () => {
      const { place, ledger, claim, ...found } = await crowd('buffer-one');
      expect(found).toMatchObject({ states: 'overlapped queued running', cancel: [], started: 0 });
      await end(place, ledger, claim);
      expect(await ledger.claim('worker', 10, 1_000)).toHaveLength(1);
    });

    it('waits under buffer-all, and they run one after the other', async () => {
      const { place, ledger, claim, ...found } = await crowd('buffer-all');
      expect(found).toMatchObject({ states: 'queued queued running', started: 0 });
      await end(place, ledger, claim);
      const [next, ...others] = await ledger.claim('worker', 10, 1_000);
      expect(others).toEqual([]);
      expect(next?.run.slot).toBe(claim.run.slot + 60_000);
    });

    it('ends it under cancel-other, and replaces the one that waits', async () => {
      const { place, ledger, claim, ...found } = await crowd('cancel-other');
      expect(found).toMatchObject({ states: 'queued overlapped running', started: 0 });
      expect(found.cancel).toMatchObject([
        { run: claim.run.id, how: 'terminate', reason: expect.stringMatching(/^replaced by/) },
      ]);
      await end(place, ledger, claim, { kind: 'failed', reason: 'SIGTERM', signal: 'SIGTERM' });
      expect(await states(ledger, 'backup')).toBe('queued overlapped cancelled');
      expect((await take(ledger)).run.slot).toBe(claim.run.slot + 120_000);
    });

    it('kills it under terminate-other', async () => {
      const { cancel } = await crowd('terminate-other');
      expect(cancel).toMatchObject([{ how: 'kill' }]);
    });

    it('runs beside it under allow-all', async () => {
      const found = await crowd('allow-all');
      expect(found).toMatchObject({ states: 'running running running', started: 2 });
    });

    it('neither waits for nor replaces one that is past its start deadline', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      for (const concurrency of ['skip', 'cancel-other'] as const)
        await ledger.put(jobSpec(concurrency, { concurrency, startDeadlineMs: 30_000 }));
      await letSlotsCome(place, ledger, 'skip', 'cancel-other');
      await letSlotsCome(place, ledger, 'skip', 'cancel-other');
      expect(await ledger.watchOver(await leader(ledger))).toBe(2);
      for (const job of ['skip', 'cancel-other']) {
        expect(await states(ledger, job)).toBe('queued missed');
        expect((await ledger.runs({ job, limit: 2 }))[1]?.reason).toBe('could not start before its deadline');
      }
    });

    it('finds the policy kept among slots of one settlement', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      for (const concurrency of ['skip', 'buffer-one', 'cancel-other'] as const)
        await ledger.put(jobSpec(concurrency, { concurrency }));
      place.clock.advance(180_000);
      const leadership = await leader(ledger);
      const due = await ledger.due(place.clock.now(), 10);
      const settlements = due.map((job) =>
        settlementOf(
          job,
          [0, 1, 2].map((index) => job.nextAt + 60_000 * index),
        ),
      );
      await ledger.settle(leadership, settlements);
      expect(await states(ledger, 'skip')).toBe('overlapped overlapped queued');
      expect(await states(ledger, 'buffer-one')).toBe('overlapped queued queued');
      expect(await states(ledger, 'cancel-other')).toBe('queued overlapped overlapped');
    });

    it('counts a run that waits for its retry as one that goes on', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const retries = { most: 3, delayMs: 90_000, longestDelayMs: 90_000, jitter: 0 };
      await ledger.put(jobSpec('skip', { retries }));
      await ledger.put(jobSpec('buffer-all', { retries, concurrency: 'buffer-all' }));
      await ledger.put(jobSpec('cancel-other', { retries, concurrency: 'cancel-other' }));
      await letSlotsCome(place, ledger, 'skip', 'buffer-all', 'cancel-other');
      for (const claim of await ledger.claim('worker', 10, 1_000)) await end(place, ledger, claim, FAILED);
      await letSlotsCome(place, ledger, 'skip', 'buffer-all', 'cancel-other');
      expect(await states(ledger, 'skip')).toBe('overlapped queued');
      expect(await states(ledger, 'buffer-all')).toBe('queued queued');
      expect(await states(ledger, 'cancel-other')).toBe('queued cancelled');
      expect((await ledger.claim('worker', 10, 1_000)).map(({ run }) => run.job)).toEqual(['cancel-other']);
    });
  });
}
