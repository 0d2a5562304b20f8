/**
 * A sleep that ends early when there is something to do; what comes while nobody sleeps ends the next sleep at once. Of a store that
 * changes all the time one hears no more often than every so many milliseconds: each look costs transactions.
 */
import type { Clock } from '../../../platform/clock.js';

export class Waker {
  readonly #clock: Clock;
  readonly #leastMs: number;
  #isWoken = false;
  #sleeping: AbortController | undefined;

  /** `leastMs`: a sleep that is ended early takes so long all the same, unless its own time is up. */
  constructor(clock: Clock, leastMs = 0) {
    this.#clock = clock;
    this.#leastMs = leastMs;
  }

  wake(): void {
    this.#isWoken = true;
    this.#sleeping?.abort();
  }

  /** For so many milliseconds, or until it is woken or the signal says so. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const started = this.#clock.monotonic();
    if (!this.#isWoken) await this.#rest(ms, signal);
    const short = Math.min(ms, this.#leastMs) - (this.#clock.monotonic() - started);
    if (short > 0) await this.pause(short, signal);
    this.#isWoken = false;
  }

  /** For so long whatever comes, unless the signal says so. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await this.#clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
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
