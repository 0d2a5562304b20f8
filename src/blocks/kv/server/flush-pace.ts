/**
 * Whether the disk is so quick that a flush is best waited for in the event loop, as Redis does.
 *
 *     quick ──mean beyond QUICK_MS──▶ slow
 *       ▲                              │ all flushes but one of PROBE_EVERY in the pool
 *       └──mean of those below it──────┘
 *
 * A flush of 0.1 ms costs half as much again when a thread of the pool does it, and the clients of one turn come back in two halves, each
 * with a flush of its own: SET by 10 clients 22,300/s in place of 28,400, by 50 clients 55,000 in place of 62,000. On a disk that takes milliseconds
 * the event loop has better things to do.
 */

/** Milliseconds; what a flush may take on average. */
const QUICK_MS = 0.5;
/** What the newest flush counts for in the mean: one that takes 4 ms is enough to leave the event loop alone. */
const WEIGHT = 1 / 8;
/** Flushes in the pool from one try in the event loop to the next. */
const PROBE_EVERY = 64;

export class FlushPace {
  /** Milliseconds. */
  #mean = 0;
  #sinceProbe = 0;

  /** Whether the next flush is to be waited for in the event loop. */
  get waits(): boolean {
    if (this.#mean <= QUICK_MS) return true;
    this.#sinceProbe = (this.#sinceProbe + 1) % PROBE_EVERY;
    return this.#sinceProbe === 0;
  }

  /** One in the event loop has taken `ms`. */
  took(ms: number): void {
    this.#mean += (ms - this.#mean) * WEIGHT;
  }
}
