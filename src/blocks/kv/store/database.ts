/**
 * One of the numbered databases. Everything here is called within a turn: reads after `enter('read')`, changes after `enter('write')`.
 */
import type { ByteString } from '../bytes.js';
import { CollectionEntry, type Entry, StringEntry } from '../entry.js';
import type { Memory } from './memory.js';
import { deleteRecord, flushRecord, putRecord } from './records.js';
import type { Slot } from './slot.js';
import type { Standing } from './standing.js';
import type { Tables } from './tables.js';
import type { Undo } from './undo.js';

/** What a database needs of the keyspace that it is part of. */
export interface DatabaseHost {
  readonly memory: Memory;
  readonly tables: Tables;
  readonly standing: Standing;
  readonly undo: Undo;
  /** Milliseconds since the epoch, the same throughout a command. */
  readonly now: number;
  /** The turn may change something. */
  readonly writing: boolean;
  readonly onCollection: ((database: number, key: ByteString) => void) | undefined;
  readonly onFlush: (() => void) | undefined;
  nextRevision(): number;
  /** A change, whose record goes into the turn's row. */
  changed(record: string): void;
  /** Rows of this owner cannot be reached any more. */
  discard(entry: Entry | undefined): void;
}

export class Database {
  /** Keys, those included whose time has come and that nobody has removed yet: DBSIZE. */
  size = 0;
  /** Those of them that have a time. */
  volatile = 0;
  /** Number of its entries' rows. */
  space: number;
  readonly #keyspace: DatabaseHost;

  constructor(
    keyspace: DatabaseHost,
    readonly number: number,
  ) {
    this.#keyspace = keyspace;
    this.space = number;
  }

  /** What the key holds now; undefined when there is none or its time has come. In a writing turn such a key is removed on the way. */
  find(key: ByteString): Entry | undefined {
    const { memory } = this.#keyspace;
    const slot = memory.get(this.number, key) ?? (memory.isComplete(this.number) ? undefined : this.#slot(key));
    if (slot === undefined) return undefined;
    slot.used = true;
    const { entry } = slot;
    if (entry?.expires === undefined || entry.expires > this.#keyspace.now) return entry;
    if (this.#keyspace.writing) this.#remove(slot, true);
    return undefined;
  }

  /** The value of a string that has no time, when memory holds it: what GET usually asks for. Otherwise {@link find} knows more. */
  findPlain(key: ByteString): ByteString | undefined {
    const slot = this.#keyspace.memory.get(this.number, key);
    if (slot === undefined) return undefined;
    slot.used = true;
    return slot.plain;
  }

  setString(key: ByteString, value: ByteString, expires: number | undefined): StringEntry {
    const entry = new StringEntry(value, expires, this.#keyspace.nextRevision());
    this.#put(this.#slot(key), entry);
    return entry;
  }

  /** The head of a collection after its rows were changed; one without elements is removed. */
  setCollection(key: ByteString, head: CollectionEntry): void {
    if (head.count === 0) {
      this.remove(key);
      return;
    }
    const { type, owner, count, counted, first, expires } = head;
    this.#put(
      this.#slot(key),
      new CollectionEntry(type, owner, count, counted, first, expires, this.#keyspace.nextRevision()),
    );
    if (type === 'list' || type === 'zset') this.#keyspace.onCollection?.(this.number, key);
  }

  /** Puts what some key held, under this one, whatever it was; collections go on with their owner. */
  put(key: ByteString, entry: Entry, expires: number | undefined): void {
    if (entry.type === 'string') this.setString(key, entry.value, expires);
    else {
      const { type, owner, count, counted, first } = entry;
      this.setCollection(key, new CollectionEntry(type, owner, count, counted, first, expires, 0));
    }
  }

  /** Whether there was such a key. */
  remove(key: ByteString): boolean {
    const slot = this.#slot(key);
    const { entry } = slot;
    if (entry === undefined) return false;
    const expired = entry.expires !== undefined && entry.expires <= this.#keyspace.now;
    this.#remove(slot, expired);
    return !expired;
  }

  /** Removes the key, but not the rows of its collection, which another key takes over: RENAME, MOVE. */
  detach(key: ByteString): Entry | undefined {
    const entry = this.find(key);
    if (entry !== undefined) this.#forget(this.#slot(key), false);
    return entry;
  }

  /** Removes all keys; the work of it is done later. */
  flush(): void {
    const keyspace = this.#keyspace;
    const { space, number } = this;
    this.#settleUnfolded();
    const taken = keyspace.memory.take(number);
    keyspace.undo.step(() => {
      taken.restore();
      this.space = space;
    });
    keyspace.nextRevision();
    keyspace.changed(flushRecord(number));
    keyspace.tables.addGarbage('space', space);
    this.space = keyspace.standing.next('space');
    keyspace.tables.setSpace(number, this.space);
    this.size = 0;
    this.volatile = 0;
    keyspace.memory.setComplete(number);
    keyspace.onFlush?.();
  }

  /**
   * Before the space is swept: its rows in the table must name no collection that has moved elsewhere, and collections that have no row yet
   * would never be found.
   */
  #settleUnfolded(): void {
    const keyspace = this.#keyspace;
    for (const { key, entry } of keyspace.memory.unfolded(this.number)) {
      keyspace.tables.remove(this.space, key);
      keyspace.discard(entry);
    }
  }

  #slot(key: ByteString): Slot {
    const { memory, tables } = this.#keyspace;
    const slot = memory.get(this.number, key);
    if (slot !== undefined) {
      slot.used = true;
      return slot;
    }
    memory.makeRoom();
    const entry = memory.isComplete(this.number) ? undefined : tables.find(this.space, key);
    return memory.add(this.number, key, entry);
  }

  #put(slot: Slot, entry: Entry): void {
    const keyspace = this.#keyspace;
    const before = slot.entry;
    keyspace.undo.note(slot);
    this.volatile += Number(entry.expires !== undefined) - Number(before?.expires !== undefined);
    if (before === undefined) this.size++;
    else if (before.type !== 'string' && (entry.type === 'string' || entry.owner !== before.owner))
      keyspace.discard(before);
    keyspace.memory.replace(slot, entry);
    keyspace.memory.makeFresh(slot);
    keyspace.changed(putRecord(this.number, slot.key, entry));
  }

  #remove(slot: Slot, expired: boolean): void {
    this.#keyspace.discard(slot.entry);
    this.#forget(slot, expired);
  }

  #forget(slot: Slot, expired: boolean): void {
    const keyspace = this.#keyspace;
    keyspace.undo.note(slot);
    this.size--;
    if (slot.entry?.expires !== undefined) this.volatile--;
    keyspace.nextRevision();
    keyspace.memory.replace(slot, undefined);
    keyspace.memory.makeFresh(slot);
    keyspace.changed(deleteRecord(this.number, slot.key, expired));
  }
}
