import { describe, expect, it } from 'vitest';
import type { OutputChunk } from '../../../src/blocks/cron/run.js';
import { waitFor } from '../../helpers/wait-for.js';
import { end, FAILED, jobSpec, letSlotsCome, type Place, SUCCEEDED, take } from './contract-world.js';

export function viewContract(makePlace: () => Promise<Place>): void {
  describe('what people look at', () => {
    it('finds runs by job, state, trigger, slot and page, the newest first', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b'));
      await letSlotsCome(place, ledger, 'a', 'b');
      for (const claim of await ledger.claim('worker', 9, 1_000)) await end(place, ledger, claim, FAILED);
      const slot = place.clock.now();
      await letSlotsCome(place, ledger, 'a');
      await ledger.trigger('b');
      const ids = async (filter: object) => (await ledger.runs({ limit: 10, ...filter })).map(({ id }) => id);
      const all = await ids({});
      expect(all).toEqual([...all].sort((one, other) => other - one));
      const [b2, a2, b1, a1] = all;
      expect(await ids({ job: 'a' })).toEqual([a2, a1]);
      expect(await ids({ states: ['failed', 'missed'] })).toEqual([b1, a1]);
      expect(await ids({ triggers: ['manual'] })).toEqual([b2]);
      expect(await ids({ until: slot + 1, since: slot })).toEqual([b1, a1]);
      expect(await ids({ before: b1 })).toEqual([a1]);
      expect(await ids({ limit: 2 })).toEqual([b2, a2]);
      await expect(ledger.runs({ job: 'c', limit: 1 })).rejects.toMatchObject({ code: 'cron.no_such_job' });
      await expect(ledger.run(12_345)).rejects.toMatchObject({ code: 'cron.no_such_run' });
    });

    it('counts jobs and runs', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b'));
      await letSlotsCome(place, ledger, 'a', 'b');
      await end(place, ledger, await take(ledger), FAILED);
      await ledger.trigger('a');
      await take(ledger);
      const { nextAt = 0, day, jobs, queued, running } = await ledger.status();
      expect({ jobs, queued, running, day }).toEqual({
        jobs: 2,
        queued: 1,
        running: 1,
        day: { failed: 1, queued: 1, running: 1 },
      });
      expect(nextAt - place.clock.now()).toBe(60_000);
      expect(await ledger.list()).toMatchObject([
        { queued: 1, running: 0, last: { state: 'failed', job: 'a' } },
        { queued: 0, running: 1 },
      ]);
      expect((await ledger.list())[0]).toEqual(await ledger.get('a'));
    });

    it('tells when each job last succeeded', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.put(jobSpec('b'));
      await ledger.put(jobSpec('never'));
      const ends = {
        a: [SUCCEEDED, SUCCEEDED, FAILED],
        b: [SUCCEEDED, FAILED, FAILED],
        never: [FAILED, FAILED, FAILED],
      };
      const start = place.clock.now();
      for (const round of [0, 1, 2]) {
        await letSlotsCome(place, ledger, 'a', 'b', 'never');
        for (const claim of await ledger.claim('worker', 9, 1_000))
          await end(place, ledger, claim, ends[claim.run.job as keyof typeof ends][round]);
      }
      const found = async (since?: number) => Object.fromEntries(await ledger.lastSuccesses(since));
      expect(await found()).toEqual({ a: start + 120_000, b: start + 60_000 });
      expect(await found(start + 120_000)).toEqual({ a: start + 120_000 });
      expect(await found(start + 120_001)).toEqual({});
    });

    it('reads output in pieces of a bounded size, from whoever holds the run', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(jobSpec('a'));
      await ledger.trigger('a');
      const { run, fence } = await take(ledger);
      const chunk = (sequence: number, size: number, omittedBefore = 0): OutputChunk => {
        const bytes = Uint8Array.from(Buffer.alloc(size, sequence));
        return { attempt: 1, sequence, stream: 'stderr', at: place.clock.now(), bytes, omittedBefore };
      };
      const sequences = async (after: number) => (await ledger.output(run.id, after)).map(({ sequence }) => sequence);
      await ledger.appendOutput([{ run: run.id, fence, chunks: [chunk(1, 3), chunk(2, 700_000), chunk(3, 700_000)] }]);
      await ledger.appendOutput([{ run: run.id, fence: fence - 1, chunks: [chunk(4, 3)] }]);
      await ledger.appendOutput([{ run: run.id, fence, chunks: [chunk(3, 5)] }]);
      expect(await sequences(0)).toEqual([1, 2]);
      expect(await sequences(2)).toEqual([3]);
      expect(await sequences(3)).toEqual([]);
      await ledger.appendOutput([{ run: run.id, fence, chunks: [chunk(3, 0, 1_400_000)], drop: { from: 2, to: 3 } }]);
      const kept = await ledger.output(run.id, 0);
      expect(kept.map((part) => ({ ...part, bytes: Uint8Array.from(part.bytes) }))).toEqual([
        chunk(1, 3),
        chunk(3, 0, 1_400_000),
      ]);
      await expect(ledger.output(run.id + 1, 0)).rejects.toMatchObject({ code: 'cron.no_such_run' });
    });

    it('calls whoever waits for changes, of this ledger and of others, and not when there were none', async () => {
      const place = await makePlace();
      const [one, two] = [await place.open(), await place.open()];
      let calls = 0;
      const stop = one.onChange(() => {
        calls++;
      });
      await one.put(jobSpec('a'));
      await waitFor(() => calls > 0);
      const before = calls;
      await two.put(jobSpec('b'));
      // A manual clock wakes who looks now and then; a database that tells by itself needs no waking.
      await waitFor(() => {
        place.clock.advance(100);
        return calls > before;
      });
      stop();
      const after = calls;
      await one.claim('worker', 1, 1_000);
      await one.trigger('a');
      await new Promise((resolve) => setImmediate(resolve));
      expect(calls).toBe(after);
    });
  });
}
