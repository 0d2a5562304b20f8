/** Waiting for what others wait for, too: it goes on when one of them goes away. */
import type { Clock } from '../../../../platform/clock.js';

export interface WaitOptions {
  readonly clock: Clock;
  /** Milliseconds; undefined: as long as it takes. */
  readonly atMostMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Undefined when the time was over first. Rejects with the reason of the signal, and as the promise does. */
export async function waitAtMost<T>(
  promise: Promise<T>,
  { clock, atMostMs, signal }: WaitOptions,
): Promise<T | undefined> {
  if (atMostMs === undefined && signal === undefined) return promise;
  const settled = new AbortController();
  const contenders: Promise<T | undefined>[] = [promise];
  if (signal !== undefined) contenders.push(rejection(signal, settled.signal));
  if (atMostMs !== undefined) {
    const over = () => undefined;
    contenders.push(clock.sleep(atMostMs, settled.signal).then(over, over));
  }
  try {
    return await Promise.race(contenders);
  } finally {
    settled.abort();
  }
}

function rejection(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) return fail();
    signal.addEventListener('abort', fail, { once: true });
    settled.addEventListener('abort', () => signal.removeEventListener('abort', fail), { once: true });
  });
}
