/** A sleep that ends early when there is something to do; what comes while nobody sleeps ends the next sleep at once. */
import type { Clock } from '../../../platform/clock.js';

export class Waker {
  readonly #clock: Clock;
  #isWoken = false;
  #sleeping: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#isWoken = true;
    this.#sleeping?.abort();
  }

  /** For so many milliseconds, or until it is woken or the signal says so. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isWoken) await this.pause(ms, signal);
    this.#isWoken = false;
  }

  /** Also when something came before. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    const stop = () => sleeping.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#clock.sleep(ms, sleeping.signal);
    } catch (error) {
      if (!sleeping.signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#sleeping = undefined;
    }
  }
}
