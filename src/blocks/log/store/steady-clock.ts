/** Whether the clock has run as a clock does for so long that blocks of the future are what they seem. */
import type { Clock } from '../../../platform/clock.js';

const DAY_MS = 86_400_000;
/** In a day; a clock that drifts differs by seconds. */
const STEP_MS = 3_600_000;

export class SteadyClock {
  readonly #clock: Clock;
  #since: { readonly wall: number; readonly running: number };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = { wall: clock.now(), running: clock.monotonic() };
  }

  /** Whether a day of running without a leap has passed; once it has, or the clock has leapt, another day begins. */
  takeDay(): boolean {
    const now = { wall: this.#clock.now(), running: this.#clock.monotonic() };
    const running = now.running - this.#since.running;
    const isSteady = Math.abs(now.wall - this.#since.wall - running) < STEP_MS;
    if (isSteady && running < DAY_MS) return false;
    this.#since = now;
    return isSteady;
  }
}
