/**
 * Failures to resolve, so that a name whose servers are broken is not asked for again and again (RFC 9520, section 3.2). They
 * live in memory only: none of them is as old as a restart takes.
 *
 *     1st failure ─ 1 s ─ 2nd ─ 2 s ─ 3rd ─ 4 s ─ 4th ─ 5 s ─ 5th ─ 5 s …      a success forgets them
 */
import type { ExtendedError } from '../edns-options.js';

/** For how long after the first failure, milliseconds. RFC 9520: at least 1 s. */
const FIRST_MS = 1_000;
/** The longest. RFC 9520 allows 5 minutes; with 5 s a repaired server is back before people have noticed. */
const LONGEST_MS = 5_000;
/** So long after its end a failure counts as the one before the next, milliseconds. */
const REMEMBERED_MS = 60_000;
/** Failures that are known at once; beyond it the oldest is forgotten. */
const MOST_FAILURES = 10_000;

export interface Failure {
  /** Monotonic milliseconds: until then nobody is asked. */
  readonly until: number;
  /** In a row. */
  readonly count: number;
  readonly extendedErrors: readonly ExtendedError[];
}

export class Failures {
  /** In the order in which they were noted. */
  readonly #byKey = new Map<string, Failure>();

  get size(): number {
    return this.#byKey.size;
  }

  /** The failure that still counts. `now` is monotonic, as everywhere here. */
  find(key: string, now: number): Failure | undefined {
    const failure = this.#byKey.get(key);
    return failure !== undefined && now < failure.until ? failure : undefined;
  }

  note(key: string, extendedErrors: readonly ExtendedError[], now: number): Failure {
    const before = this.#byKey.get(key);
    const count = before !== undefined && now < before.until + REMEMBERED_MS ? before.count + 1 : 1;
    const failure = { until: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** (count - 1)), count, extendedErrors };
    this.#byKey.delete(key);
    this.#byKey.set(key, failure);
    if (this.#byKey.size > MOST_FAILURES) {
      for (const oldest of this.#byKey.keys()) {
        this.#byKey.delete(oldest);
        break;
      }
    }
    return failure;
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  clear(): void {
    this.#byKey.clear();
  }
}
