/** How many a second, of late: what is older than some seconds counts less and less. */
import type { Clock } from '../../../../platform/clock.js';

/** After this time what happened counts for 1/e, milliseconds. */
const MEMORY_MS = 10_000;

export class RateMeter {
  readonly #clock: Clock;
  #at: number;
  #perMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.monotonic();
  }

  add(count: number): void {
    this.#perMs = this.#faded() + count / MEMORY_MS;
    this.#at = this.#clock.monotonic();
  }

  get perSecond(): number {
    return this.#faded() * 1000;
  }

  #faded(): number {
    return this.#perMs * Math.exp(-(this.#clock.monotonic() - this.#at) / MEMORY_MS);
  }
}
