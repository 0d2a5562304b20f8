/**
 * Requests that were refused for who asked: the last 1,000, for `ds blob explain`. They are written together, a moment after, without a
 * flush: nobody is to be able to keep the disk busy by asking for what he may not.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { SignatureEvidence } from '../sigv4/evidence.js';

/** What is kept of one. No secret is in it (sigv4/evidence.ts). */
export interface Refusal {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of S3: `SignatureDoesNotMatch`. */
  readonly code: string;
  readonly message: string;
  readonly method: string;
  /** Without the query, which may hold a signature. */
  readonly path: string;
  /** Absent where the request had no signature that could be read. */
  readonly evidence?: SignatureEvidence;
}

const MOST_KEPT = 1_000;
const MOST_WAITING = 100;
/** Between two writes, milliseconds. */
export const WRITE_EVERY_MS = 100;

export class Refusals {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: Refusal[] = [];

  constructor(store: Store, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Of more than the most in a tenth of a second, the first ones are kept. */
  keep(refusal: Refusal): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(refusal);
  }

  /** Until the signal; what waits then is written, too. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(WRITE_EVERY_MS, signal).catch(() => {});
      try {
        this.#write();
      } catch (err) {
        this.#logger.warn({ err }, 'refused requests could not be put on record');
      }
    }
  }

  #write(): void {
    const refusals = this.#waiting;
    if (refusals.length === 0) return;
    this.#waiting = [];
    this.#store.write(
      () => {
        const insert = this.#store.statement<[string, number, string]>(
          'INSERT OR IGNORE INTO refusal (request_id, at, evidence) VALUES (?, ?, ?)',
        );
        for (const { requestId, at, ...rest } of refusals) insert.run(requestId, at, JSON.stringify(rest));
        this.#store
          .statement<[number]>('DELETE FROM refusal WHERE id <= (SELECT max(id) FROM refusal) - ?')
          .run(MOST_KEPT);
      },
      { sync: 'normal' },
    );
  }
}

/** Undefined: none of this identifier is on record. */
export function findRefusal(store: Store, requestId: string): Refusal | undefined {
  const row = store.read(() =>
    store
      .statement<[string], { at: number; evidence: string }>('SELECT at, evidence FROM refusal WHERE request_id = ?')
      .get(requestId),
  );
  return row && { requestId, at: row.at, ...(JSON.parse(row.evidence) as Omit<Refusal, 'requestId' | 'at'>) };
}
