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
/** Characters of one, as it is stored: a head can have 32 KiB, which stand in the evidence three times. */
const LONGEST_KEPT = 24 * 1024;
/** Between two writes, milliseconds. */
export const WRITE_EVERY_MS = 100;

/** What stands in the column `evidence`. */
type StoredRefusal = Omit<Refusal, 'requestId' | 'at'>;

interface RefusalRow {
  readonly requestId: string;
  readonly at: number;
  readonly text: string;
}

export class Refusals {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: RefusalRow[] = [];

  constructor(store: Store, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Of more than the most in a tenth of a second, the first ones are kept; of one that is longer than any client's, only what it was. */
  keep(refusal: Refusal): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(rowOf(refusal));
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
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    this.#store.write(
      () => {
        const insert = this.#store.statement<[string, number, string]>(
          'INSERT OR IGNORE INTO refusal (request_id, at, evidence) VALUES (?, ?, ?)',
        );
        for (const { requestId, at, text } of rows) insert.run(requestId, at, text);
        this.#store
          .statement<[number]>('DELETE FROM refusal WHERE id <= (SELECT max(id) FROM refusal) - ?')
          .run(MOST_KEPT);
      },
      { sync: 'normal' },
    );
  }
}

function rowOf({ requestId, at, ...rest }: Refusal): RefusalRow {
  const whole = JSON.stringify(rest);
  return { requestId, at, text: whole.length <= LONGEST_KEPT ? whole : JSON.stringify(withoutEvidence(rest)) };
}

function withoutEvidence({ code, message, method, path }: StoredRefusal): StoredRefusal {
  const short = (text: string) => text.slice(0, LONGEST_KEPT / 8);
  return { code, message: short(message), method, path: short(path) };
}

/** Undefined: none of this identifier is on record. */
export function findRefusal(store: Store, requestId: string): Refusal | undefined {
  const row = store.read(() =>
    store
      .statement<[string], { at: number; evidence: string }>('SELECT at, evidence FROM refusal WHERE request_id = ?')
      .get(requestId),
  );
  if (row === undefined) return undefined;
  // Written by rowOf(), and by nobody else.
  const stored: StoredRefusal = JSON.parse(row.evidence);
  return { requestId, at: row.at, ...stored };
}
