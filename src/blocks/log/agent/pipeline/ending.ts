/**
 * How a pipeline ends. What came from stdin, a command or syslog cannot be read again, so it is written down, and only the disk is waited for:
 *
 *     running ──hurry()──▶ hurried: no wait for a sink or for room in its buffer ──8 s──▶ given up: the next commit that fails is the last
 *        └───────────────────┴──────────── all is written ──▶ done()
 */
import type { Clock } from '../../../../platform/clock.js';

/** How long a full or locked disk is waited out; within the ten seconds that those who stop a service mostly give it. Milliseconds. */
const LAST_TRIES_MS = 8_000;

export class Ending {
  readonly #clock: Clock;
  readonly #hurried = new AbortController();
  readonly #givenUp = new AbortController();
  readonly #done = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get hurried(): AbortSignal {
    return this.#hurried.signal;
  }

  get givenUp(): AbortSignal {
    return this.#givenUp.signal;
  }

  hurry(): void {
    if (this.#hurried.signal.aborted) return;
    this.#hurried.abort();
    void this.#clock.sleep(LAST_TRIES_MS, this.#done.signal).then(
      () => this.#givenUp.abort(),
      () => {},
    );
  }

  /** Ends the timer. */
  done(): void {
    this.#done.abort();
  }
}
