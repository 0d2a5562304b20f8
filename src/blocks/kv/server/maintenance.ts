/**
 * What a daemon does between turns: it folds, sweeps, and looks for what other processes wrote.
 *
 *     a turn has ended, folding is due ──▶ a slice at once, as large as what came in since: folding keeps pace with writing;
 *         or many rows are unreachable      sweeping does, too
 *     nothing was written for a second ──▶ all is folded, so that the file opens at once
 *     each 100 ms ──▶ keys whose time has come, unreachable rows, clients that wait for another process, the log's length
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { Checkpoints } from '../store/checkpoint/checkpoints.js';
import { DUE_BYTES, DUE_KEYS, Fold } from '../store/fold.js';
import type { Keyspace } from '../store/keyspace.js';
import { Sweep } from '../store/sweep.js';

const PERIOD_MS = 100;
/** Without a change for so long all is folded. */
const QUIET_MS = 1_000;
/** Keys of a slice behind a turn, at least: some 0.3 ms. */
const SLICE = 96;
/** Keys of a slice while nothing is written. */
const QUIET_SLICE = 256;
const LARGEST_SLICE = 4_096;
/** Keys whose time has come, and unreachable rows, removed at once. */
const SWEPT_AT_ONCE = 500;
/** Of the journal, beyond which nobody is answered before it is folded: many large values came at once. */
const MOST_UNFOLDED_BYTES = 4 * DUE_BYTES;
/** Unreachable rows for each of which sweeping may take a millisecond behind a turn: some 1,000 are removed in one. */
const UNREACHABLE_A_MS = 4_096;
/** Milliseconds for which it may go on then: whoever replaces large collections all the time waits for it, but the file does not grow. */
const LONGEST_SWEEP_MS = 50;
/** Milliseconds of each period that sweeping may take. */
const SWEEP_MS = 20;
/** Of the disk: below it the journal and the log are kept short. */
const LITTLE_ROOM_BYTES = 256 * 1024 * 1024;
/** After a failure, such as a full disk, it is left for so long. */
const PAUSE_MS = 1_000;

export class Maintenance {
  expiredKeys = 0;
  readonly #keyspace: Keyspace;
  readonly #fold: Fold;
  readonly #sweep: Sweep;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #scheduled = false;
  /** Fresh keys when the last slice was over. */
  #freshBefore = 0;
  #pausedUntil = 0;
  #lastRevision = 0;
  #quietSince = 0;

  readonly #checkpoints: Checkpoints;

  constructor(keyspace: Keyspace, clock: Clock, logger: Logger) {
    this.#keyspace = keyspace;
    this.#checkpoints = new Checkpoints(keyspace.store, { clock, logger });
    this.#fold = new Fold(keyspace);
    this.#sweep = new Sweep(keyspace);
    this.#clock = clock;
    this.#logger = logger;
  }

  resetStatistics(): void {
    this.expiredKeys = 0;
  }

  /** Called when a turn has ended. */
  turnEnded(): void {
    const due = this.#fold.due || this.#keyspace.unreachableRows > SWEPT_AT_ONCE;
    if (this.#scheduled || !due || this.#clock.monotonic() < this.#pausedUntil) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      // A turn that is under way looks here itself when it ends.
      if (this.#keyspace.inTurn) return;
      this.#attempt(() => this.#slice());
    });
  }

  /** Runs until {@link stop}. `poll` looks for what other processes wrote. */
  async run(poll: () => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#clock.sleep(PERIOD_MS, signal).catch(() => {});
      if (signal.aborted || this.#keyspace.inTurn) continue;
      this.#attempt(() => this.#lookAtDisk());
      this.#attempt(() => poll());
      if (this.#keyspace.inTurn || this.#clock.monotonic() < this.#pausedUntil) continue;
      this.#attempt(() => this.#period());
      this.#attempt(() => this.#checkpoints.look(this.#fold.hurried));
    }
    await this.#checkpoints.close();
  }

  /** Folds everything that is left: the file opens the faster. */
  stop(): void {
    this.#stopping.abort();
    this.#attempt(() => this.#fold.all());
  }

  #lookAtDisk(): void {
    const { bavail, bsize } = statfsSync(dirname(this.#keyspace.store.path));
    this.#fold.hurried = bavail * bsize < LITTLE_ROOM_BYTES;
  }

  #period(): void {
    const now = this.#clock.monotonic();
    if (this.#keyspace.revision !== this.#lastRevision) this.#quietSince = now;
    this.#lastRevision = this.#keyspace.revision;
    const until = now + SWEEP_MS;
    for (let more = true; more && this.#clock.monotonic() < until; ) {
      const expired = this.#sweep.expired(SWEPT_AT_ONCE, this.#clock.now());
      this.expiredKeys += expired;
      const garbage = this.#sweep.garbage(SWEPT_AT_ONCE);
      more = garbage || expired >= SWEPT_AT_ONCE;
    }
    while (this.#clock.monotonic() < until && this.#fold.forget());
    if (now - this.#quietSince < QUIET_MS) return;
    while (this.#clock.monotonic() < until && this.#fold.step(QUIET_SLICE));
  }

  /** Memory holds more that is not folded than it should: all of it is folded at once, between two commands. */
  relieve(): void {
    if (this.#keyspace.journal.unfoldedBytes > MOST_UNFOLDED_BYTES) this.#attempt(() => this.#fold.all());
  }

  /** Of what is due, more when more has come since. */
  #slice(): void {
    const { memory, journal } = this.#keyspace;
    if (this.#fold.due) {
      const late = Math.max(memory.fresh.length / DUE_KEYS, journal.unfoldedBytes / DUE_BYTES);
      const came = Math.max(SLICE, (memory.fresh.length - this.#freshBefore) / 2);
      this.#fold.step(Math.min(LARGEST_SLICE, Math.ceil(came * (1 + 4 * late))));
    }
    this.#freshBefore = memory.fresh.length;
    this.#sweepSome();
  }

  /** For the longer, the more rows are unreachable. */
  #sweepSome(): void {
    const { unreachableRows } = this.#keyspace;
    const until = this.#clock.monotonic() + Math.min(LONGEST_SWEEP_MS, unreachableRows / UNREACHABLE_A_MS);
    while (this.#keyspace.unreachableRows > SWEPT_AT_ONCE && this.#clock.monotonic() < until)
      this.#sweep.garbage(SWEPT_AT_ONCE);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#pausedUntil = this.#clock.monotonic() + PAUSE_MS;
      this.#logger.warn({ err: error }, 'upkeep of the store failed, goes on in a second');
    }
  }
}
