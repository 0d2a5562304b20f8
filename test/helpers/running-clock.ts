import { ManualClock } from './manual-clock.js';

/** A manual clock on which whoever sleeps lets the time pass by itself: for code that waits in the middle of a call. */
export class RunningClock extends ManualClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.advance(ms);
  }
}
