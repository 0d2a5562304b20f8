/** What nobody waits for: keys whose time has come, and rows that nobody can reach any more, a little at a time. */
import type { Keyspace } from './keyspace.js';

/** Fresh keys whose time is looked at in one step. */
const FRESH_LOOKS = 4_096;

export class Sweep {
  readonly #keyspace: Keyspace;
  #at = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Removes up to `limit` keys whose time has come. Returns how many there were. Errors: `storage.*`. */
  expired(limit: number, now: number): number {
    const { tables } = this.#keyspace;
    const rows = tables.expired(now, limit);
    const fresh = this.#freshExpired(now);
    if (rows.length + fresh.length === 0) return 0;
    return this.#keyspace.turn('write', () => {
      for (const { space, key } of rows) {
        const database = this.#keyspace.databaseOfSpace(space);
        // Of a space that was given up: its collection is garbage, too.
        if (database === undefined) this.#keyspace.discard(tables.find(space, key));
        const entry = database?.find(key);
        // A key that was given more time since is in the journal so; its row is brought up to date, or it would be found each time.
        if (entry === undefined) tables.remove(space, key);
        else tables.write(space, key, entry);
      }
      for (const { database, key } of fresh) this.#keyspace.database(database).find(key);
      return rows.length + fresh.length;
    });
  }

  /** Removes up to `limit` unreachable rows. Returns whether there are more. Errors: `storage.*`. */
  garbage(limit: number): boolean {
    const keyspace = this.#keyspace;
    if (keyspace.tables.garbage() === undefined) {
      keyspace.unreachableRows = 0;
      return false;
    }
    const removed = keyspace.turn('write', () => this.#removeGarbage(limit));
    keyspace.unreachableRows = Math.max(0, keyspace.unreachableRows - removed);
    return removed >= limit;
  }

  #removeGarbage(limit: number): number {
    const { tables } = this.#keyspace;
    let left = limit;
    while (left > 0) {
      const garbage = tables.garbage();
      if (garbage === undefined) break;
      const removed = tables.sweep(garbage.kind, garbage.id, left);
      if (removed < left) tables.dropGarbage(garbage.kind, garbage.id);
      // One that has no row is work, too.
      left -= Math.max(removed, 1);
    }
    return limit - left;
  }

  #freshExpired(now: number) {
    const { fresh } = this.#keyspace.memory;
    if (this.#at >= fresh.length) this.#at = 0;
    const looked = fresh.slice(this.#at, this.#at + FRESH_LOOKS);
    this.#at += looked.length;
    return looked.filter(({ entry }) => entry?.expires !== undefined && entry.expires <= now);
  }
}
