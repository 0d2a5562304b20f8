/** So many queries at a time: each may hold tens of megabytes, and all of them share one thread. */
import { logErrors } from '../errors.js';
import type { Call } from './call.js';
import { type Unsent, UnsentAnswers } from './unsent-answers.js';

/** Queries at a time. */
const MOST_QUERIES = 8;
/** Those that wait for a turn. */
const MOST_WAITING = 128;

export class QueryTurns {
  /** Oldest first. */
  readonly #waiting = new Set<() => void>();
  readonly #unsent: UnsentAnswers;
  #running = 0;

  constructor(unsent = new UnsentAnswers()) {
    this.#unsent = unsent;
  }

  /** Until the answer is sent, or the peer is gone; others have the turn when it is made. Error: `log.overloaded`. */
  async take(call: Unsent & Pick<Call, 'signal'>, work: () => Promise<void>): Promise<void> {
    if (!(await this.#turn(call.signal))) return;
    try {
      await work();
    } finally {
      this.#handOver();
    }
    await this.#unsent.hold(call);
  }

  /** False: the signal came before the turn did. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#running < MOST_QUERIES) {
      this.#running++;
      return true;
    }
    if (this.#waiting.size >= MOST_WAITING) throw logErrors.error('log.overloaded', 'too many queries are waiting');
    return new Promise((resolve) => {
      const gone = () => {
        this.#waiting.delete(turn);
        resolve(false);
      };
      const turn = () => {
        signal.removeEventListener('abort', gone);
        resolve(true);
      };
      this.#waiting.add(turn);
      signal.addEventListener('abort', gone, { once: true });
    });
  }

  /** Nobody who comes meanwhile gets the turn of the one that is woken: it counts as running all the time. */
  #handOver(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
