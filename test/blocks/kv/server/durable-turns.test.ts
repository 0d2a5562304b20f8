import { expect, test } from 'vitest';
import { DurableTurns } from '../../../../src/blocks/kv/server/durable-turns.js';
import type { TurnEnd } from '../../../../src/blocks/kv/server/engine.js';
import { error, type TaggedReply } from '../../../../src/platform/protocol/resp/reply.js';
import { storageErrors } from '../../../../src/platform/store/errors.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

/** A disk whose flushes end when the test says so, or, waited for, take `flushMs`. */
class Disk {
  flushMs = 0.1;
  failure: unknown;
  waitedFor = 0;
  readonly underWay: ((failure?: unknown) => void)[] = [];
  readonly clock = new ManualClock();

  flush(done: (failure?: unknown) => void): void {
    this.underWay.push(done);
  }

  flushNow(): unknown {
    this.waitedFor++;
    this.clock.advance(this.flushMs);
    return this.failure;
  }

  close(): void {}
}

function makeTurns() {
  const disk = new Disk();
  let ending: TurnEnd = 'wrote';
  const engine = { finishTurn: () => ending, abandon: () => error('ERR', 'abandoned') };
  const turns = new DurableTurns(engine, disk, disk.clock);
  const endWith = (end: TurnEnd) => {
    ending = end;
  };
  return { disk, turns, endWith };
}

/** Ends a turn; tells how, once it has settled. */
function endTurn(turns: DurableTurns): { readonly waits: boolean; readonly settled: Promise<TaggedReply | undefined> } {
  let waits = false;
  const settled = new Promise<TaggedReply | undefined>((resolve) => {
    waits = turns.end(resolve);
    if (!waits) resolve(undefined);
  });
  return { waits, settled };
}

/** Until the mean says that the disk is slow. */
function slowDown({ disk, turns }: ReturnType<typeof makeTurns>): void {
  disk.flushMs = 20;
  endTurn(turns);
  disk.flushMs = 0.1;
}

test('the event loop waits for a quick disk, and answers leave at once', () => {
  const { disk, turns, endWith } = makeTurns();
  for (let i = 0; i < 10; i++) expect(endTurn(turns).waits).toBe(false);
  endWith('nothing');
  expect(endTurn(turns).waits).toBe(false);
  expect(disk.waitedFor).toBe(10);
  expect(disk.underWay).toHaveLength(0);
});

test('a slow disk is flushed beside it; turns that end meanwhile share the next flush', async () => {
  const host = makeTurns();
  slowDown(host);
  const { disk, turns } = host;
  const [one, two, three] = [endTurn(turns), endTurn(turns), endTurn(turns)];
  expect([one.waits, two.waits, three.waits]).toEqual([true, true, true]);
  expect(turns.pending).toBe(3);
  expect(disk.underWay).toHaveLength(1);
  disk.underWay[0]?.();
  await one.settled;
  expect(turns.pending).toBe(2);
  expect(disk.underWay).toHaveLength(2);
  disk.underWay[1]?.();
  expect(await Promise.all([two.settled, three.settled])).toEqual([undefined, undefined]);
  await turns.close();
});

test('a disk that has become quick again is found to be so', () => {
  const host = makeTurns();
  slowDown(host);
  const { disk, turns } = host;
  let atOnce = 0;
  for (let count = 0; atOnce < 2 && count < 2_000; count++) {
    const { waits } = endTurn(turns);
    if (waits) disk.underWay.pop()?.();
    atOnce = waits ? 0 : atOnce + 1;
  }
  expect(atOnce).toBe(2);
});

test('a flush that fails answers its turn with the error, and all turns from then on', async () => {
  const { disk, turns } = makeTurns();
  const told: unknown[] = [];
  turns.onFailure = (failure) => told.push(failure);
  disk.failure = storageErrors.error('storage.failed', 'the disk is gone');
  const { waits, settled } = endTurn(turns);
  expect(waits).toBe(true);
  expect(await settled).toMatchObject({ type: 'error', message: expect.stringContaining('the disk is gone') });
  expect(turns.failure).toBe(disk.failure);
  expect(told).toEqual([disk.failure]);
});
