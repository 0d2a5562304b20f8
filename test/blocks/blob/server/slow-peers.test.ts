import { setImmediate as settled } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type PeerProgress, RECEIVING, SENDING, SlowPeers } from '../../../../src/blocks/blob/server/slow-peers.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

class Peer implements PeerProgress {
  waiting = true;
  moved = 0;
  failed = false;
  fail(): void {
    this.failed = true;
  }
}

test('who stands still is failed after its window, and only for the time in which it was waited for', async () => {
  const clock = new ManualClock(0);
  const slowPeers = new SlowPeers(clock);
  const abort = new AbortController();
  const running = slowPeers.run(abort.signal);
  const [still, slow, busy, reader, gone] = [new Peer(), new Peer(), new Peer(), new Peer(), new Peer()];
  const forgetGone = slowPeers.watch(gone, RECEIVING);
  for (const peer of [still, slow, busy]) slowPeers.watch(peer, RECEIVING);
  slowPeers.watch(reader, SENDING);
  busy.waiting = false;
  forgetGone();
  forgetGone();
  for (let seconds = 0; seconds < 120; seconds += 3) {
    slow.moved += 3_100;
    clock.advance(3_000);
    await settled();
    if (seconds === 24) expect(still.failed).toBe(false);
    if (seconds === 30) expect([still.failed, reader.failed]).toEqual([true, false]);
  }
  expect([slow.failed, busy.failed, reader.failed, gone.failed]).toEqual([false, false, true, false]);
  abort.abort();
  await running;
});
