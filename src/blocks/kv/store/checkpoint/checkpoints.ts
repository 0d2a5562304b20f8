/**
 * When the write-ahead log is copied into the database file: most of it by a thread beside the event loop, so that nobody waits for it.
 *
 *     log grows ──DUE_PAGES──▶ thread copies ──▶ much has come since? ──yes──▶ thread copies …
 *                                                        └──no──▶ the rest is copied here: the next write begins the log anew
 *
 * Only who writes can find a moment in which all of the log is copied. In the event loop alone 32 MB held everybody up for 50 to 100 ms. Where this falls
 * behind, SQLite's own checkpoint in COMMIT comes (`checkpointPages`).
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../../platform/clock.js';
import type { Store } from '../../../../platform/store/store.js';
import { CheckpointThread } from './checkpoint-thread.js';

/** Pages of 4 KB, beyond which the log is copied: 16 MB. */
const DUE_PAGES = 4_096;
/** The same where the disk has little room: a log that fills it could not be copied any more. */
const DUE_PAGES_WHEN_SHORT = 64;
/** Milliseconds without a try after one that has failed. */
const PAUSE_MS = 1_000;
/** Pages that are copied in the event loop: ~2 ms and two flushes. */
const FEW_PAGES = 256;

export class Checkpoints {
  readonly #store: Pick<Store, 'path' | 'inTransaction' | 'logPages' | 'checkpoint'>;
  readonly #logger: Logger;
  readonly #thread: CheckpointThread;
  readonly #clock: Clock;
  #duePages = DUE_PAGES;
  #pausedUntil = 0;
  /** Pages that were to be copied when the thread was last told to. */
  #asked = 0;

  constructor(
    store: Pick<Store, 'path' | 'inTransaction' | 'logPages' | 'checkpoint'>,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#thread = new CheckpointThread(store.path, (error) => this.#done(error));
  }

  /** To be called now and then, between turns. `short`: the disk has little room. Errors: `storage.*`. */
  look(short: boolean): void {
    this.#duePages = short ? DUE_PAGES_WHEN_SHORT : DUE_PAGES;
    this.#look();
  }

  #look(): void {
    if (this.#thread.running || this.#clock.monotonic() < this.#pausedUntil) return;
    const { log, checkpointed } = this.#store.logPages();
    const left = log - checkpointed;
    if (left === 0 || log < this.#duePages) return;
    if (left <= FEW_PAGES) this.#store.checkpoint();
    else this.#run(left);
  }

  #run(left: number): void {
    this.#asked = left;
    this.#thread.run();
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #done(error: unknown): void {
    if (error !== undefined) {
      this.#failed(error);
      return;
    }
    // Within a turn it is left to the next look.
    if (this.#store.inTransaction) return;
    try {
      const { log, checkpointed } = this.#store.logPages();
      // Where somebody reads what was before there is no end to be had now.
      if (log - checkpointed <= this.#asked / 2) this.#look();
    } catch (failure) {
      this.#failed(failure);
    }
  }

  #failed(error: unknown): void {
    this.#pausedUntil = this.#clock.monotonic() + PAUSE_MS;
    this.#logger.warn({ err: error }, 'a checkpoint has failed');
  }
}
