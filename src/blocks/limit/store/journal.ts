/** The statements of the limiter's file, and what its tables mean to who reads along. See schema.ts. */
import type { Store } from '../../../platform/store/store.js';
import type { Micros } from '../limiter.js';

export interface JournalRow {
  readonly id: number;
  readonly entries: Buffer;
}

/** Where the file stands. */
export interface Standing {
  /** Id of the last journal row; that of the last one folded where there is none. */
  readonly newest: number;
  readonly foldedTo: number;
  /** Whether anybody is blocked. */
  readonly blocking: boolean;
}

export interface BucketRow {
  readonly scope: Buffer;
  readonly journal_id: number;
  readonly record: Buffer;
}

export function readStanding(store: Store): Standing {
  const row = store
    .statement<[], { newest: number | null; foldedTo: number; blocking: number }>(
      `SELECT (SELECT max(id) FROM journal) AS newest, folded_to AS foldedTo,
         EXISTS (SELECT 1 FROM block) AS blocking FROM fold`,
    )
    .get();
  if (row === undefined) throw new Error('the limiter file has no row about its journal');
  return { newest: row.newest ?? row.foldedTo, foldedTo: row.foldedTo, blocking: row.blocking === 1 };
}

export function readJournal(store: Store, after: number, upTo: number): IterableIterator<JournalRow> {
  return store
    .statement<[number, number], JournalRow>('SELECT id, entries FROM journal WHERE id > ? AND id <= ? ORDER BY id')
    .iterate(after, upTo);
}

export function appendToJournal(store: Store, id: number, entries: Buffer): void {
  store.statement<[number, Buffer]>('INSERT INTO journal (id, entries) VALUES (?, ?)').run(id, entries);
}

export function readBuckets(store: Store, key: Buffer): BucketRow[] {
  return store.statement<[Buffer], BucketRow>('SELECT scope, journal_id, record FROM bucket WHERE key = ?').all(key);
}

export function readBlock(store: Store, key: Buffer): Micros {
  return (
    store.statement<[Buffer], { until_us: number }>('SELECT until_us FROM block WHERE key = ?').get(key)?.until_us ?? 0
  );
}

export function writeBlock(store: Store, key: Buffer, until: Micros): void {
  store.statement<[Buffer, number]>('INSERT OR REPLACE INTO block (key, until_us) VALUES (?, ?)').run(key, until);
}

/** False when there was none, or it had ended. */
export function removeBlock(store: Store, key: Buffer, now: Micros): boolean {
  const blocked = readBlock(store, key) > now;
  store.statement<[Buffer]>('DELETE FROM block WHERE key = ?').run(key);
  return blocked;
}

export function readBlocks(store: Store, now: Micros): { readonly key: Buffer; readonly until_us: number }[] {
  return store
    .statement<[number], { key: Buffer; until_us: number }>(
      'SELECT key, until_us FROM block WHERE until_us > ? ORDER BY key',
    )
    .all(now);
}

export function countBlocks(store: Store, now: Micros): number {
  const row = store
    .statement<[number], { blocked: number }>('SELECT count(*) AS blocked FROM block WHERE until_us > ?')
    .get(now);
  return row?.blocked ?? 0;
}
