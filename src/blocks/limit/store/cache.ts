/**
 * What this process knows of the file: entries of the keys that were asked for lately, and every entry of the journal
 * that is not folded. Inside a transaction, after {@link EntryCache.catchUp}, it agrees with the file:
 *
 *     journal   … 40 │ 41 … 57 │ 58 … 60
 *           folded_to┘         └known to │ newest, written by another process: read and applied
 *
 * Where another process has folded beyond what is known here, the cache begins anew. An entry may be let go when the
 * file has it in its bucket, that is, when it is unchanged and its journal row lies at or below folded_to.
 */
import type { Store } from '../../../platform/store/store.js';
import { CHANGED, Entry, UNCHANGED } from '../engine/entry.js';
import { KeyTable } from '../engine/key-table.js';
import type { Shelf } from '../engine.js';
import { bytesOfKey, keyFromBytes, storedKey, storedKeyFromBytes } from '../key.js';
import type { Limit } from '../limit.js';
import type { Micros } from '../limiter.js';
import type { State } from '../rules/index.js';
import { ByteWriter } from './bytes.js';
import { appendToJournal, readBlock, readBuckets, readJournal, readStanding } from './journal.js';
import { entryOf, isGone, readEntries, readRecord, writeEntry } from './record.js';

/** Bytes of memory for entries that the file has too; default 64 MiB, some hundred thousand keys. */
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
/** What an entry takes beside its numbers and its key. */
const ENTRY_BYTES = 480;
/** So many slices of a fold in one go at most: a tenth of a second. */
const MOST_PRESSURE = 32;
/** Keys looked at for ones that can go, for each that has come to a full cache. */
const LOOKED_AT_FOR_EACH = 4;
/** Entries that were changed lazily and go along with a commit that is flushed anyway. */
const LAZY_PER_COMMIT = 256;

export class EntryCache implements Shelf {
  readonly #store: Store;
  readonly #mostBytes: number;
  readonly #table = new KeyTable();
  readonly #writer = new ByteWriter();
  /** Changed in this transaction, and to be on disk before anybody is answered. */
  #changed: Entry[] = [];
  readonly #lazy = new Set<Entry>();
  /** The last journal row that is known here; -1: nothing is. */
  #knownTo = -1;
  #foldedTo = 0;
  #blocking = false;
  #unfoldedBytes = 0;
  #bytes = 0;
  /** Entries that came since the cache was trimmed. */
  #came = 0;
  /** Keys that are asked for, where the rest of the journal is passed over; undefined: all of it is kept. */
  #wanted: ReadonlySet<string> | undefined;

  constructor(store: Store, mostBytes = DEFAULT_CACHE_BYTES) {
    this.#store = store;
    this.#mostBytes = mostBytes;
  }

  /** Journal rows that are not folded yet. */
  get unfoldedRows(): number {
    return Math.max(0, this.#knownTo - this.#foldedTo);
  }

  /** Bytes of them, roughly. */
  get unfoldedBytes(): number {
    return this.#unfoldedBytes;
  }

  /** Entries that wait to be written without hurry. */
  get lazy(): number {
    return this.#lazy.size;
  }

  /** Bytes of memory, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * How much more is to be done for each that comes, lest a flood of new keys outruns folding and trimming: 1 up to the
   * bytes that may be used, four times as much at twice those, and so on to MOST_PRESSURE.
   */
  get pressure(): number {
    return Math.min(MOST_PRESSURE, Math.max(1, this.#bytes / Math.max(1, this.#mostBytes)) ** 2);
  }

  /**
   * Within each transaction, before anything else. `wanted`: stored keys; with it a process that asks for one key and
   * ends does not take in a journal of thousands.
   */
  catchUp(wanted?: ReadonlySet<string>): void {
    if (wanted !== undefined) this.forget();
    this.#wanted = wanted;
    this.follow();
  }

  /** Catches up on the keys that are wanted already. */
  follow(): void {
    const { newest, foldedTo, blocking } = readStanding(this.#store);
    if (this.#knownTo < foldedTo || this.#knownTo > newest) {
      this.forget();
      this.#knownTo = foldedTo;
    }
    if (this.unfoldedRows > 0) {
      this.#unfoldedBytes *= Math.max(0, this.#knownTo - foldedTo) / this.unfoldedRows;
    }
    this.#foldedTo = foldedTo;
    this.#blocking = blocking;
    if (newest === this.#knownTo) return;
    for (const { id, entries } of readJournal(this.#store, this.#knownTo, newest)) {
      this.#apply(id, entries);
      this.#unfoldedBytes += entries.length;
    }
    this.#knownTo = newest;
  }

  find(key: string, scope: string): Entry | undefined {
    let entry = this.head(key);
    while (entry !== undefined && entry.scope !== scope) entry = entry.next;
    return entry === undefined || entry.gone ? undefined : entry;
  }

  /** The entries of a key, in all scopes; those that are gone among them. */
  head(key: string): Entry | undefined {
    let stored = key;
    let head = this.#table.head(key);
    if (head === undefined) {
      // Only stored forms are in the table, so a key that is found there is one.
      stored = storedKey(key);
      if (stored !== key) head = this.#table.head(stored);
    }
    if (head === undefined || !head.complete) head = this.#load(stored);
    if (head !== undefined) head.used = true;
    return head;
  }

  add(key: string, scope: string, limit: Limit, state: State): Entry {
    const stored = storedKey(key);
    const gone = this.#table.find(stored, scope);
    if (gone !== undefined) {
      gone.gone = false;
      gone.restart(limit, state);
      return gone;
    }
    const entry = new Entry(stored, scope, limit, state);
    this.#keep(entry);
    return entry;
  }

  makeRoom(): void {}

  blockedUntil(key: string): Micros {
    return this.#blocking ? readBlock(this.#store, bytesOfKey(storedKey(key))) : 0;
  }

  /** Somebody was blocked in this transaction. */
  startBlocking(): void {
    this.#blocking = true;
  }

  changed(entry: Entry): void {
    if (entry.change === CHANGED) this.#changed.push(entry);
    else this.#lazy.add(entry);
  }

  /** Writes what was changed; at the end of a transaction. */
  write(): void {
    if (this.#changed.length === 0) return;
    this.#append(this.#changed, LAZY_PER_COMMIT);
    this.#changed = [];
  }

  /** Writes `most` of the entries that are in no hurry. */
  writeLazily(most: number): void {
    if (this.#lazy.size > 0) this.#append([], most);
  }

  /**
   * Second chance: a key that was asked for since the hand came by last stays for another round. Between transactions
   * only: within one, somebody may hold an entry.
   */
  trim(): void {
    let looks = this.#bytes > this.#mostBytes ? LOOKED_AT_FOR_EACH * this.#came * this.pressure : 0;
    this.#came = 0;
    for (; looks > 0; looks--) {
      const head = this.#table.nextHead();
      if (head === undefined) continue;
      if (head.used) head.used = false;
      else if (this.#isInBuckets(head)) this.#drop(head);
    }
  }

  /** After a transaction that failed: what is known here may not be so. */
  forget(): void {
    this.#knownTo = -1;
    this.#unfoldedBytes = 0;
    this.#table.clear();
    this.#lazy.clear();
    this.#changed = [];
    this.#bytes = 0;
    this.#came = 0;
  }

  #append(entries: readonly Entry[], mostLazy: number): void {
    const writer = this.#writer;
    const id = this.#knownTo + 1;
    writer.clear();
    for (const entry of entries) this.#writeInto(writer, entry, id);
    let left = mostLazy;
    for (const entry of this.#lazy) {
      if (left-- === 0) break;
      if (entry.change !== UNCHANGED) this.#writeInto(writer, entry, id);
      this.#lazy.delete(entry);
    }
    appendToJournal(this.#store, id, writer.view());
    this.#unfoldedBytes += writer.length;
    this.#knownTo = id;
  }

  #writeInto(writer: ByteWriter, entry: Entry, id: number): void {
    entry.change = UNCHANGED;
    entry.journalId = id;
    writeEntry(writer, entry);
    this.#weigh(entry);
  }

  /** Takes in what another process wrote, or this one before it was started. */
  #apply(id: number, row: Buffer): void {
    for (const raw of readEntries(row)) {
      const key = storedKeyFromBytes(raw.key);
      if (this.#wanted?.has(key) === false) continue;
      const scope = keyFromBytes(raw.scope);
      const known = this.#table.find(key, scope);
      if (known !== undefined) {
        readRecord(raw.record, known);
        known.change = UNCHANGED;
        known.journalId = id;
        this.#weigh(known);
        continue;
      }
      const entry = entryOf(key, scope, raw.record);
      entry.journalId = id;
      // Its bucket may have entries of other scopes.
      entry.complete = false;
      this.#keep(entry);
    }
  }

  /** Reads what the buckets have of a key; what the journal has is newer, and here already. */
  #load(key: string): Entry | undefined {
    for (const row of readBuckets(this.#store, bytesOfKey(key))) {
      const scope = keyFromBytes(row.scope);
      if (isGone(row.record) || this.#table.find(key, scope) !== undefined) continue;
      const entry = entryOf(key, scope, row.record);
      entry.journalId = row.journal_id;
      this.#keep(entry);
    }
    const head = this.#table.head(key);
    if (head !== undefined) head.complete = true;
    return head;
  }

  #keep(entry: Entry): void {
    this.#table.add(entry);
    this.#weigh(entry);
    this.#came++;
  }

  #weigh(entry: Entry): void {
    const weight = ENTRY_BYTES + entry.key.length + 8 * (entry.state.length + entry.recent.length);
    this.#bytes += weight - entry.weight;
    entry.weight = weight;
  }

  #isInBuckets(head: Entry): boolean {
    for (let entry: Entry | undefined = head; entry !== undefined; entry = entry.next) {
      const isSafe = entry.change === UNCHANGED && entry.journalId <= this.#foldedTo;
      if (!isSafe || this.#lazy.has(entry)) return false;
    }
    return true;
  }

  #drop(head: Entry): void {
    for (let entry: Entry | undefined = head; entry !== undefined; entry = entry.next) this.#bytes -= entry.weight;
    this.#table.removeAll(head.key);
  }
}
