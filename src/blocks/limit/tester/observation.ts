/** What the tester sees of a server, and what stands between it and one: a real endpoint, or in tests a simulated one. */
import type { Clock } from '../../../platform/clock.js';

export interface Observation {
  /** When the request left and when its answer was there: milliseconds of the monotonic clock. */
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly accepted: boolean;
  /** How it was refused, in words: `429`, `connection dropped`. */
  readonly refusal?: string;
  /** The HTTP status; absent where no answer came. */
  readonly status?: number;
  readonly bytes: number;
  /** The server asked for so long a pause. */
  readonly retryAfterMs?: number;
}

/** One thing changed in a request, to find out what the limit is counted by. */
export interface Variation {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** On a connection of its own. */
  readonly freshConnection?: boolean;
}

export interface Target {
  readonly clock: Clock;
  /**
   * Sends `count` requests, at most `concurrency` of them in flight, and resolves to what happened, in the order they were
   * sent in. Errors: `limit.test_failed` when the server answers with what is neither service nor refusal.
   */
  send(count: number, concurrency: number, variation?: Variation): Promise<Observation[]>;
}
