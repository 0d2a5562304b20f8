/**
 * Folding: what the journal says becomes rows of the table, in the order of its keys, a slice at a time between turns.
 *
 *     fresh ──begin──▶ sorting, a run a step ──▶ folding ──slice, slice … each a transaction──▶ standing.folded, old rows of the journal go
 *
 * Keys that change while this goes on are fresh again when their slice has passed. Broken off at any point nothing is lost: the journal is
 * read again from `folded` on, and its records may be applied twice.
 */
import type { Keyspace } from './keyspace.js';
import type { Slot } from './slot.js';
import { SortedMerge } from './sorted-merge.js';

/** Fresh keys from which on folding is due: as many are read again when the file is opened after a kill, ~1 µs each. */
export const DUE_KEYS = 131_072;
/** Bytes of the journal from which on it is due. */
export const DUE_BYTES = 32 * 1024 * 1024;
/** Revisions from which on it is due: as many rows are read again after a kill, where each is a turn of its own. */
const DUE_REVISIONS = 500_000;
/** Bytes of values that one slice writes, at most, beside one value. */
const SLICE_BYTES = 4 * 1024 * 1024;
/** Bytes of the history, whatever the number of its revisions. */
const MOST_HISTORY_BYTES = 64 * 1024 * 1024;
/** Rows of the journal removed at once. */
const FORGOTTEN_AT_ONCE = 2_000;

/** Of those where the disk has little room: the journal is not to fill it. */
const HURRIED_SHARE = 1 / 16;

export class Fold {
  /** The disk has little room. */
  hurried = false;
  readonly #keyspace: Keyspace;
  #merge = new SortedMerge([]);
  #upTo = 0;
  /** The history is not to go further back. */
  #beyond = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  get running(): boolean {
    return this.#keyspace.memory.folding.length > 0;
  }

  get due(): boolean {
    const { memory, journal, revision, standing } = this.#keyspace;
    const share = this.hurried ? HURRIED_SHARE : 1;
    if (this.running || memory.fresh.length >= DUE_KEYS * share || journal.unfoldedBytes >= DUE_BYTES * share)
      return true;
    return revision - standing.folded >= DUE_REVISIONS * share;
  }

  /**
   * Folds up to `limit` keys. Returns whether there is more to do, of this round or of rows to be removed. Not to be called within a turn,
   * which may be undone after this has believed it. Errors: `storage.*`.
   */
  step(limit: number): boolean {
    const { memory, inTurn, revision, standing } = this.#keyspace;
    if (inTurn) throw new TypeError('a turn is under way');
    if (!this.running) {
      if (memory.fresh.length === 0 && revision === standing.folded) return this.forget();
      this.#begin();
    }
    if (this.#merge.ready) this.#slice(limit);
    else this.#merge.sortSome();
    return true;
  }

  /** Folds everything. */
  all(): void {
    while (this.step(4_096));
  }

  #begin(): void {
    const { memory, revision, journal } = this.#keyspace;
    journal.unfoldedBytes = 0;
    const slots = memory.fresh.filter((slot) => slot.fresh);
    this.#merge = new SortedMerge(slots);
    memory.fresh = [];
    memory.folding = slots;
    this.#upTo = revision;
  }

  /** Fails whole: what was taken out of the merge is then fresh, to be folded another time. */
  #slice(limit: number): void {
    const { memory, standing, journal } = this.#keyspace;
    const slice = this.#merge.next(limit, SLICE_BYTES);
    const done = this.#merge.empty;
    try {
      this.#keyspace.turn('write', () => {
        for (const slot of slice) if (slot.fresh) this.#write(slot);
        if (!done) return;
        // Another process may have gone further meanwhile.
        standing.set('folded', Math.max(standing.folded, this.#upTo));
        this.#beyond = journal.beyond(MOST_HISTORY_BYTES, this.#keyspace.revision - standing.history);
      });
    } catch (error) {
      this.#giveUp();
      throw error;
    }
    for (const slot of slice) slot.fresh = false;
    if (done) memory.folding = [];
  }

  #giveUp(): void {
    const { memory } = this.#keyspace;
    memory.fresh = [...memory.folding.filter((slot) => slot.fresh), ...memory.fresh];
    memory.folding = [];
    this.#merge = new SortedMerge([]);
  }

  #write(slot: Slot): void {
    const { tables } = this.#keyspace;
    const { space } = this.#keyspace.database(slot.database);
    if (slot.entry === undefined) tables.remove(space, slot.key);
    else tables.write(space, slot.key, slot.entry);
  }

  /** Removes some rows; whether there are more. The journal keeps what is not folded, the revisions of the history, and its last row, which has the sizes. */
  forget(): boolean {
    if (this.#forgettable() <= this.#keyspace.standing.forgotten) return false;
    return this.#keyspace.turn('write', () => {
      const { standing, journal } = this.#keyspace;
      // Once more, since another process may have folded or forgotten, too.
      const upTo = this.#forgettable();
      const more = journal.forget(upTo, FORGOTTEN_AT_ONCE);
      standing.set('forgotten', Math.max(standing.forgotten, more ? Math.min(upTo, journal.first() - 1) : upTo));
      return more;
    });
  }

  /** The last revision that nobody needs any more. */
  #forgettable(): number {
    const { standing, revision } = this.#keyspace;
    return Math.min(standing.folded, revision - 1, Math.max(revision - standing.history, this.#beyond));
  }
}
