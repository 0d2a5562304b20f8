import { describe, expect, it } from 'vitest';
import { end, FAILED, jobSpec, letSlotsCome, newest, type Place, SUCCEEDED, states, take } from './contract-world.js';

export function endingContract(makePlace: () => Promise<Place>): void {
  describe('runs', () => {
    it('end as they are told, with what is known of their process', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      await letSlotsCome(place, ledger, 'backup');
      const claim = await take(ledger);
      place.clock.advance(2_000);
      expect(await end(place, ledger, claim, FAILED)).toBe(true);
      const run = await newest(ledger, 'backup');
      expect(run).toMatchObject({
        state: 'failed',
        reason: 'exit code 3',
        exitCode: 3,
        outputBytes: 7,
        worker: 'worker',
      });
      expect((run.finishedAt ?? 0) - (run.startedAt ?? 0)).toBe(2_000);
      expect(await ledger.get('backup')).toMatchObject({ running: 0, last: run });
      // Told once more, or by who has been replaced, it does not count.
      expect(await end(place, ledger, claim, SUCCEEDED)).toBe(false);
      expect(await newest(ledger, 'backup')).toEqual(run);
    });

    it('are tried again after delays that double up to a bound, and fail for good then', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const notifications = { on: ['failure', 'recovery'] as const, command: 'mail' };
      await ledger.put(
        jobSpec('backup', { retries: { most: 3, delayMs: 1_000, longestDelayMs: 3_000, jitter: 0 }, notifications }),
      );
      await letSlotsCome(place, ledger, 'backup');
      const delays: number[] = [];
      for (let attempt = 1; attempt <= 4; attempt++) {
        const claim = await take(ledger);
        expect(claim.run).toMatchObject({ attempt, fence: attempt });
        await end(place, ledger, claim, FAILED);
        const { state, dueAt } = await newest(ledger, 'backup');
        if (state === 'queued') delays.push(dueAt - place.clock.now());
        place.clock.advance(3_000);
      }
      expect(delays).toEqual([1_000, 2_000, 3_000]);
      const { id } = await newest(ledger, 'backup');
      expect(await ledger.run(id)).toMatchObject({ state: 'failed', attempt: 4, outputBytes: 28 });
      const attempts = await ledger.attempts(id);
      const failed = { worker: 'worker', outcome: 'failed', reason: 'exit code 3', exitCode: 3 };
      expect(attempts).toEqual(
        [1, 2, 3, 4].map((attempt) => {
          const startedAt = expect.any(Number);
          return { attempt, fence: attempt, startedAt, finishedAt: startedAt, ...failed };
        }),
      );
      expect(attempts.map(({ startedAt }, index) => startedAt - (attempts[index - 1]?.startedAt ?? startedAt))).toEqual(
        [0, 3_000, 3_000, 3_000],
      );
      await expect(ledger.attempts(id + 1)).rejects.toMatchObject({ code: 'cron.no_such_run' });
      expect(await ledger.takeNotices(10, 1_000)).toMatchObject([{ event: 'failure', run: { attempt: 4 } }]);
    });

    it('tell of a failure, and of the first success after it', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { notifications: { on: ['failure', 'recovery'], command: 'mail' } }));
      const events: string[] = [];
      for (const outcome of [SUCCEEDED, FAILED, FAILED, SUCCEEDED, SUCCEEDED]) {
        await letSlotsCome(place, ledger, 'backup');
        await end(place, ledger, await take(ledger), outcome);
        const notices = await ledger.takeNotices(10, 1_000);
        events.push(notices.map(({ event }) => event).join() || '-');
        for (const { id } of notices) await ledger.settleNotice(id, undefined);
      }
      expect(events).toEqual(['-', 'failure', 'failure', 'recovery', '-']);
    });

    it('that their worker cuts off, since it stops, are begun anew or have failed, which is told, and never retried', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      const retries = { most: 3, delayMs: 1_000, longestDelayMs: 3_000, jitter: 0 };
      const notifications = { on: ['failure', 'recovery'] as const, command: 'mail' };
      const deliveries = { once: 'at-most-once', again: 'at-least-once', byHand: 'at-least-once' } as const;
      for (const [name, delivery] of Object.entries(deliveries))
        await ledger.put(jobSpec(name, { delivery, retries, notifications }));
      await letSlotsCome(place, ledger, ...Object.keys(deliveries));
      const claims = await ledger.claim('worker', 3, 10_000);
      await ledger.cancel((await newest(ledger, 'byHand')).id);
      const outcome = { kind: 'cancelled', reason: 'the daemon stopped', signal: 'SIGTERM' } as const;
      const shared = { outcome, finishedAt: place.clock.now(), outputBytes: 0, cutOff: true } as const;
      expect(await ledger.finish(claims.map((claim) => ({ claim, ...shared })))).toEqual([true, true, true]);
      expect(await newest(ledger, 'once')).toMatchObject({
        ...{ state: 'failed', reason: 'the daemon stopped', signal: 'SIGTERM', attempt: 1 },
      });
      expect(await newest(ledger, 'again')).toMatchObject({ state: 'queued', reason: 'again: the daemon stopped' });
      expect(await newest(ledger, 'byHand')).toMatchObject({ state: 'cancelled', reason: 'cancelled by hand' });
      expect(await ledger.takeNotices(10, 1_000)).toMatchObject([{ event: 'failure', run: { job: 'once' } }]);
      expect((await take(ledger, 'next')).run).toMatchObject({ job: 'again', attempt: 2, fence: 2 });
    });

    it('start the jobs that run after them, by how they ended', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('first'));
      const follow = (on: 'success' | 'failure' | 'any') => ({ schedule: { ...NEVER }, after: { job: 'first', on } });
      await ledger.put(jobSpec('praise', follow('success')));
      await ledger.put(jobSpec('mourn', follow('failure')));
      await ledger.put(jobSpec('sweep', follow('any')));
      await ledger.put(jobSpec('rest', follow('any')));
      await ledger.pause('rest', { reason: 'tired' });
      await letSlotsCome(place, ledger, 'first');
      await end(place, ledger, await take(ledger), FAILED);
      expect(await newest(ledger, 'mourn')).toMatchObject({
        trigger: 'after',
        slot: place.clock.now(),
        state: 'queued',
      });
      expect(await newest(ledger, 'rest')).toMatchObject({ state: 'skipped', reason: 'paused: tired' });
      expect([await states(ledger, 'praise'), await states(ledger, 'sweep')]).toEqual(['', 'queued']);
      await letSlotsCome(place, ledger, 'first');
      await end(
        place,
        ledger,
        (await ledger.claim('worker', 9, 1_000)).find(({ run }) => run.job === 'first') ?? raise(),
      );
      expect([await states(ledger, 'praise'), await states(ledger, 'mourn')]).toEqual(['queued', 'running']);
      // A run of it goes on, and its policy drops this one.
      expect(await states(ledger, 'sweep')).toBe('overlapped running');
    });

    it('start the jobs that run after them also when they are cancelled before their retry, not before their start', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('first', { retries: { most: 1, delayMs: 1_000, longestDelayMs: 1_000, jitter: 0 } }));
      await ledger.put(jobSpec('sweep', { schedule: { ...NEVER }, after: { job: 'first', on: 'any' } }));
      await letSlotsCome(place, ledger, 'first');
      await ledger.cancel((await newest(ledger, 'first')).id);
      expect(await states(ledger, 'sweep')).toBe('');
      await letSlotsCome(place, ledger, 'first');
      await end(place, ledger, await take(ledger), FAILED);
      await ledger.cancel((await newest(ledger, 'first')).id);
      expect(await newest(ledger, 'sweep')).toMatchObject({ state: 'queued', trigger: 'after' });
    });

    it('are queued by hand, as the policy allows', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      await ledger.pause('backup');
      expect(await ledger.trigger('backup')).toMatchObject({
        trigger: 'manual',
        state: 'queued',
        slot: place.clock.now(),
      });
      expect(await ledger.trigger('backup')).toMatchObject({ state: 'overlapped', reason: '1 run was waiting' });
      expect((await take(ledger)).run.trigger).toBe('manual');
      await expect(ledger.trigger('none')).rejects.toMatchObject({ code: 'cron.no_such_job' });
    });

    it('are cancelled at once while they wait, and not at all when they have ended', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup'));
      const { id } = await ledger.trigger('backup');
      const cancelled = await ledger.cancel(id);
      expect(cancelled).toMatchObject({
        state: 'cancelled',
        reason: 'cancelled by hand',
        finishedAt: place.clock.now(),
      });
      place.clock.advance(1_000);
      expect(await ledger.cancel(id)).toEqual(cancelled);
      await expect(ledger.cancel(id + 1)).rejects.toMatchObject({ code: 'cron.no_such_run' });
    });
  });

  describe('notices', () => {
    it('come again until they are settled', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('backup', { notifications: { on: ['failure'], command: 'mail' } }));
      await ledger.trigger('backup');
      await end(place, ledger, await take(ledger), FAILED);
      const [notice] = await ledger.takeNotices(10, 5_000);
      expect(notice).toMatchObject({ event: 'failure', tries: 0, spec: { notifications: { command: 'mail' } } });
      expect(await ledger.takeNotices(10, 5_000)).toEqual([]);
      place.clock.advance(5_000);
      expect(await ledger.takeNotices(10, 5_000)).toMatchObject([{ tries: 1 }]);
      await ledger.settleNotice(notice?.id ?? 0, place.clock.now() + 60_000);
      place.clock.advance(59_999);
      expect(await ledger.takeNotices(10, 5_000)).toEqual([]);
      place.clock.advance(1);
      expect(await ledger.takeNotices(10, 5_000)).toMatchObject([{ tries: 2 }]);
      await ledger.settleNotice(notice?.id ?? 0, undefined);
      place.clock.advance(100_000);
      expect(await ledger.takeNotices(10, 5_000)).toEqual([]);
    });
  });
}

const NEVER = { timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 } as const;

function raise(): never {
  throw new Error('not found');
}
