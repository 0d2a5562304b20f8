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
    const { tables } = this.#keyspace;
    if (tables.garbage() === undefined) return false;
    return this.#keyspace.turn('write', () => {
      const garbage = tables.garbage();
      if (garbage === undefined) return false;
      if (!tables.sweep(garbage.kind, garbage.id, limit)) tables.dropGarbage(garbage.kind, garbage.id);
      return true;
    });
  }

  #freshExpired(now: number) {
    const { fresh } = this.#keyspace.memory;
    if (this.#at >= fresh.length) this.#at = 0;
    const looked = fresh.slice(this.#at, this.#at + FRESH_LOOKS);
    this.#at += looked.length;
    return looked.filter(({ entry }) => entry?.expires !== undefined && entry.expires <= now);
  }
}
