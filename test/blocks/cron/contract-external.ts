import { describe, expect, it } from 'vitest';
import type { Begun, Claim, Ledger } from '../../../src/blocks/cron/ledger.js';
import {
  end,
  externalSpec,
  FAILED,
  jobSpec,
  LEASE_MS,
  leader,
  letSlotsCome,
  newest,
  type Place,
  states,
} from './contract-world.js';

function claimed(begun: Begun): Claim {
  if (begun.kind === 'overlapped') throw new Error(`overlapped: ${begun.run.reason}`);
  return begun.claim;
}

const overlapped = (reason: string) => ({ kind: 'overlapped', run: { state: 'overlapped', reason } });

const exec = (ledger: Ledger, name: string) => ledger.begin(name, 'exec', 'elsewhere', LEASE_MS);

export function externalContract(makePlace: () => Promise<Place>): void {
  describe('jobs that something else carries out', () => {
    it('are begun and ended from outside, on the slot that waits for them', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(externalSpec('remote'));
      await letSlotsCome(place, ledger, 'remote');
      expect(await ledger.claim('worker', 9, LEASE_MS)).toEqual([]);
      await expect(ledger.trigger('remote')).rejects.toMatchObject({ code: 'cron.bad_job' });
      const claim = claimed(await exec(ledger, 'remote'));
      expect(claim.run).toMatchObject({
        trigger: 'schedule',
        attempt: 1,
        fence: 1,
        worker: 'elsewhere',
        state: 'running',
      });
      expect(await ledger.run(claim.run.id)).toEqual(claim.run);
      expect(await ledger.openPing('remote', 'elsewhere')).toEqual(claim);
      expect(await ledger.openPing('remote', 'another')).toBeUndefined();
      expect(await end(place, ledger, claim, FAILED)).toBe(true);
      expect(await states(ledger, 'remote')).toBe('failed');
      expect(await ledger.openPing('remote', 'elsewhere')).toBeUndefined();
      expect(claimed(await exec(ledger, 'remote')).run).toMatchObject({ trigger: 'exec', fence: 2 });
      await expect(exec(ledger, 'none')).rejects.toMatchObject({ code: 'cron.no_such_job' });
    });

    it('give the slot to a run that began before the scheduler saw it', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(externalSpec('remote', { notifications: { on: ['late'], command: 'mail' } }));
      place.clock.advance(59_000);
      const { run } = claimed(await exec(ledger, 'remote'));
      await letSlotsCome(place, ledger, 'remote');
      expect(await ledger.runs({ limit: 9 })).toMatchObject([
        { id: run.id, trigger: 'schedule', slot: run.slot + 1_000 },
      ]);
      await letSlotsCome(place, ledger, 'remote');
      expect(await states(ledger, 'remote')).toBe('queued running');
    });

    it('miss the slot that nobody told of before the next one', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(externalSpec('remote', { notifications: { on: ['late'], command: 'mail' } }));
      await letSlotsCome(place, ledger, 'remote');
      await letSlotsCome(place, ledger, 'remote');
      expect(await states(ledger, 'remote')).toBe('queued missed');
      expect(await ledger.takeNotices(9, 1_000)).toMatchObject([{ event: 'late', run: { state: 'missed' } }]);
    });

    it('cannot wait: where a run goes on or a mutex is held, they are overlapped', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(externalSpec('remote', { mutexes: ['disk'] }));
      await ledger.put(externalSpec('other', { mutexes: ['disk'] }));
      await ledger.put(externalSpec('beside', { concurrency: 'allow-all' }));
      const claim = claimed(await exec(ledger, 'remote'));
      expect(await exec(ledger, 'remote')).toMatchObject(overlapped('1 run was going on'));
      expect(await exec(ledger, 'other')).toMatchObject(overlapped('remote held the mutex disk'));
      await end(place, ledger, claim);
      claimed(await exec(ledger, 'other'));
      claimed(await exec(ledger, 'beside'));
      claimed(await exec(ledger, 'beside'));
      expect(await states(ledger, 'beside')).toBe('running running');
    });

    it('are fenced when nothing is heard of them, whatever they promise', async () => {
      const place = await makePlace();
      const ledger = await place.open();
      await ledger.put(
        externalSpec('remote', { delivery: 'at-least-once', retries: { ...jobSpec('').retries, most: 3 } }),
      );
      claimed(await exec(ledger, 'remote'));
      place.clock.advance(LEASE_MS);
      await ledger.watchOver(await leader(ledger));
      expect(await newest(ledger, 'remote')).toMatchObject({ state: 'fenced' });
      await end(place, ledger, claimed(await exec(ledger, 'remote')), FAILED);
      expect(await newest(ledger, 'remote')).toMatchObject({ state: 'failed' });
    });
  });
}
