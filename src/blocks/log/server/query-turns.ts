/** So many queries at a time: each may hold tens of megabytes, and all of them share one thread. */
import { logErrors } from '../errors.js';
import type { Call } from './call.js';
import { type Unsent, UnsentAnswers } from './unsent-answers.js';

/** Queries at a time. */
const MOST_QUERIES = 8;
/** Those that wait for a turn. */
const MOST_WAITING = 128;

export class QueryTurns {
  readonly #waiting: (() => void)[] = [];
  readonly #unsent: UnsentAnswers;
  #running = 0;

  constructor(unsent = new UnsentAnswers()) {
    this.#unsent = unsent;
  }

  /** Until the answer is sent, or the peer is gone; others have the turn when it is made. Error: `log.overloaded`. */
  async take(call: Unsent & Pick<Call, 'signal'>, work: () => Promise<void>): Promise<void> {
    if (this.#running >= MOST_QUERIES) {
      if (this.#waiting.length >= MOST_WAITING) throw logErrors.error('log.overloaded', 'too many queries are waiting');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      if (!call.signal.aborted) await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
    await this.#unsent.hold(call);
  }
}
