/**
 * Folding: moving the journal into the buckets, in the background and in slices, so that no turn of the event loop is
 * held up by it.
 *
 *     start   note how far the journal reaches
 *     step    read some rows; of each key and scope keep the newest entry; after the last row sort them by key
 *     …
 *     step    a transaction that is not flushed by itself: write a slice of them, in the order of the tree
 *     …
 *     last    delete the rows, raise folded_to; entries that are as new are deleted by a hand that goes round
 *
 * A crash in between costs nothing but the work: the rows are still there. A step that finds folded_to raised by
 * another process passes over what lies below. See schema.ts for the rules.
 */
import type { Store } from '../../../platform/store/store.js';
import type { Micros } from '../limiter.js';
import { readJournal, readStanding } from './journal.js';
import { type RawEntry, readEntries } from './record.js';

/** Microseconds that a key is kept for `why` and `top` after it is as new again. */
const KEPT_FRESH_US = 60_000_000;
/** Bucket rows that the hand looks at for each one folded: it is quicker than they come. */
const SWEPT_PER_FOLDED = 2;
/** Bucket rows at least, in a step. */
const SWEPT_AT_LEAST = 64;

interface Item extends RawEntry {
  /** The key's bytes, for sorting. */
  readonly order: string;
  readonly journalId: number;
}

interface Pass {
  readonly upTo: number;
  /** The last row that was read. */
  readTo: number;
  /** While rows are read: the newest entry of each key and scope. */
  readonly newest: Map<string, Item>;
  /** After that: the same, sorted. */
  items: readonly Item[] | undefined;
  /** Index of the next item. */
  next: number;
}

/** Entries are read so much faster than they are written. */
const READ_PER_WRITTEN = 8;

const UPSERT = `
  INSERT INTO bucket (key, scope, journal_id, fresh_at, demands, record) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key, scope) DO UPDATE SET
      journal_id = excluded.journal_id, fresh_at = excluded.fresh_at, demands = excluded.demands, record = excluded.record
    WHERE excluded.journal_id > bucket.journal_id`;

export class Folding {
  readonly #store: Store;
  #pass: Pass | undefined;
  /** The hand of the sweep: the last key and scope it came to. */
  #swept: { readonly key: Buffer; readonly scope: Buffer } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  get active(): boolean {
    return this.#pass !== undefined;
  }

  /** Begins a pass over at most `mostRows` of the oldest journal rows. Nothing happens while there is one. */
  start(mostRows = Number.MAX_SAFE_INTEGER): void {
    if (this.#pass !== undefined) return;
    this.#store.read(() => {
      const { newest, foldedTo } = readStanding(this.#store);
      const upTo = Math.min(newest, foldedTo + mostRows);
      if (upTo > foldedTo) this.#pass = { upTo, readTo: foldedTo, newest: new Map(), items: undefined, next: 0 };
    });
  }

  /** Gives the pass up; what it wrote stays right. */
  abandon(): void {
    this.#pass = undefined;
  }

  /** Folds up to `most` entries, or reads some more than that. True when the pass is done, or there is none. */
  step(most: number, now: Micros): boolean {
    const pass = this.#pass;
    if (pass === undefined) return true;
    if (pass.items === undefined) {
      this.#store.read(() => this.#read(pass, READ_PER_WRITTEN * most));
      return false;
    }
    const { items, next } = pass;
    const end = Math.min(items.length, next + most);
    this.#swept = this.#store.write(
      () => {
        const { foldedTo } = readStanding(this.#store);
        for (let index = next; index < end; index++) this.#write(items[index], foldedTo);
        if (end === items.length) this.#finish(pass.upTo, now);
        return this.#sweep(Math.max(SWEPT_AT_LEAST, SWEPT_PER_FOLDED * (end - next)), now);
      },
      { sync: 'normal' },
    );
    pass.next = end;
    if (end < items.length) return false;
    this.#pass = undefined;
    return true;
  }

  /** Rows that another process folds and deletes meanwhile are missed, and may be: they are in the buckets. */
  #read(pass: Pass, mostEntries: number): void {
    const { newest, upTo } = pass;
    let left = mostEntries;
    for (const { id, entries } of readJournal(this.#store, pass.readTo, upTo)) {
      for (const raw of readEntries(entries)) {
        const order = raw.key.toString('latin1');
        newest.set(`${order.length}:${order}${raw.scope.toString('latin1')}`, { ...raw, order, journalId: id });
        left--;
      }
      pass.readTo = id;
      if (left <= 0) return;
    }
    pass.items = [...newest.values()].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
    newest.clear();
  }

  #write(item: Item | undefined, foldedTo: number): void {
    if (item === undefined || item.journalId <= foldedTo) return;
    const { key, scope, journalId, freshAt, demands, record } = item;
    this.#store
      .statement<[Buffer, Buffer, number, number, number, Buffer]>(UPSERT)
      .run(key, scope, journalId, freshAt, demands, record);
  }

  #finish(upTo: number, now: Micros): void {
    this.#store.statement<[number]>('DELETE FROM journal WHERE id <= ?').run(upTo);
    this.#store.statement<[number]>('UPDATE fold SET folded_to = max(folded_to, ?)').run(upTo);
    this.#store.statement<[number]>('DELETE FROM block WHERE until_us <= ?').run(now);
  }

  /** Deletes what is as new among the next `rows` buckets, and returns where the hand is now. */
  #sweep(rows: number, now: Micros): { readonly key: Buffer; readonly scope: Buffer } | undefined {
    const key = this.#swept?.key ?? Buffer.alloc(0);
    const scope = this.#swept?.scope ?? Buffer.alloc(0);
    const end = this.#store
      .statement<[Buffer, Buffer, number], { key: Buffer; scope: Buffer }>(
        'SELECT key, scope FROM bucket WHERE (key, scope) > (?, ?) ORDER BY key, scope LIMIT 1 OFFSET ?',
      )
      .get(key, scope, rows - 1);
    const { foldedTo } = readStanding(this.#store);
    const fresh = 'fresh_at <= ? AND journal_id <= ?';
    if (end === undefined) {
      this.#store
        .statement<[Buffer, Buffer, number, number]>(`DELETE FROM bucket WHERE (key, scope) > (?, ?) AND ${fresh}`)
        .run(key, scope, now - KEPT_FRESH_US, foldedTo);
      return undefined;
    }
    this.#store
      .statement<[Buffer, Buffer, Buffer, Buffer, number, number]>(
        `DELETE FROM bucket WHERE (key, scope) > (?, ?) AND (key, scope) <= (?, ?) AND ${fresh}`,
      )
      .run(key, scope, end.key, end.scope, now - KEPT_FRESH_US, foldedTo);
    return end;
  }
}
