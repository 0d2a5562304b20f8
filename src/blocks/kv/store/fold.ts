/**
 * Folding: what the journal says becomes rows of the table, in the order of its keys, a slice at a time between turns.
 *
 *     fresh ──begin: sorted──▶ folding ──slice, slice … each a transaction──▶ standing.folded, old rows of the journal go
 *
 * Keys that change while this goes on are fresh again when their slice has passed. Broken off at any point nothing is lost: the journal is
 * read again from `folded` on, and its records may be applied twice.
 */
import type { Keyspace } from './keyspace.js';
import type { Slot } from './slot.js';

/** Fresh keys from which on folding is due: as many are read again when the file is opened after a kill, ~1 µs each. */
export const DUE_KEYS = 131_072;
/** Bytes of the journal from which on it is due. */
const DUE_BYTES = 32 * 1024 * 1024;
/** Bytes of the history, whatever the number of its revisions. */
const MOST_HISTORY_BYTES = 64 * 1024 * 1024;
/** Rows of the journal removed at once. */
const FORGOTTEN_AT_ONCE = 2_000;

export class Fold {
  readonly #keyspace: Keyspace;
  #at = 0;
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
    const { memory, journal } = this.#keyspace;
    return this.running || memory.fresh.length >= DUE_KEYS || journal.unfoldedBytes >= DUE_BYTES;
  }

  /** Folds up to `limit` keys. Returns whether there is more to do, of this round or of rows to be removed. Errors: `storage.*`. */
  step(limit: number): boolean {
    const { memory } = this.#keyspace;
    if (!this.running && memory.fresh.length === 0) return this.#forget();
    return this.#keyspace.turn('write', () => {
      if (!this.running) this.#begin();
      const end = Math.min(this.#at + limit, memory.folding.length);
      const slice = memory.folding.slice(this.#at, end);
      for (const slot of slice) if (slot.fresh) this.#write(slot);
      const done = end === memory.folding.length;
      if (done) {
        this.#keyspace.standing.set('folded', this.#upTo);
        this.#beyond = this.#keyspace.journal.beyond(MOST_HISTORY_BYTES);
      }
      this.#keyspace.afterCommit(() => {
        for (const slot of slice) slot.fresh = false;
        this.#at = end;
        if (done) memory.folding = [];
      });
      return true;
    });
  }

  /** Folds everything. */
  all(): void {
    while (this.step(4_096));
  }

  #begin(): void {
    const { memory, revision, journal } = this.#keyspace;
    journal.unfoldedBytes = 0;
    const slots = memory.fresh.filter((slot) => slot.fresh);
    slots.sort((a, b) => a.database - b.database || (a.key < b.key ? -1 : 1));
    memory.fresh = [];
    memory.folding = slots;
    this.#at = 0;
    this.#upTo = revision;
  }

  #write(slot: Slot): void {
    const { tables } = this.#keyspace;
    const { space } = this.#keyspace.database(slot.database);
    if (slot.entry === undefined) tables.remove(space, slot.key);
    else tables.write(space, slot.key, slot.entry);
  }

  /** The journal keeps what is not folded, the revisions of the history, and its last row, which has the sizes. */
  #forget(): boolean {
    const { standing, revision, journal } = this.#keyspace;
    const upTo = Math.min(standing.folded, revision - 1, Math.max(revision - standing.history, this.#beyond));
    if (upTo <= standing.forgotten) return false;
    return this.#keyspace.turn('write', () => {
      const more = journal.forget(upTo, FORGOTTEN_AT_ONCE);
      standing.set('forgotten', more ? journal.first() - 1 : upTo);
      return more;
    });
  }
}
