/** So many queries at a time: each may hold tens of megabytes, and all of them share one thread. */
import { logErrors } from '../errors.js';
import type { Call } from './call.js';

/** Queries at a time; an answer counts until it is sent. */
const MOST_QUERIES = 8;
/** Those that wait for a turn. */
const MOST_WAITING = 128;

export class QueryTurns {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Until the answer is sent, or the peer is gone. Error: `log.overloaded`. */
  async take(call: Call, work: () => Promise<void>): Promise<void> {
    if (this.#running >= MOST_QUERIES) {
      if (this.#waiting.length >= MOST_WAITING) throw logErrors.error('log.overloaded', 'too many queries are waiting');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      if (!call.signal.aborted) await work();
      await call.sent;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
