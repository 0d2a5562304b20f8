/** The statements on the elements of lists. Positions increase from left to right; values are bound and read as bytes. */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import { TOGETHER } from './joined.js';

export type End = 'left' | 'right';

export interface Item {
  readonly position: number;
  readonly value: Buffer;
}

const FROM_LEFT = 'WHERE owner = ? AND position >= ? ORDER BY position LIMIT ?';
const FROM_RIGHT = 'WHERE owner = ? AND position <= ? ORDER BY position DESC LIMIT ?';

export function insertItem(store: Store, owner: number, position: number, value: ByteString): void {
  store
    .statement<[number, number, Buffer]>('INSERT INTO item (owner, position, value) VALUES (?, ?, ?)')
    .run(owner, position, bytesOf(value));
}

export function setItem(store: Store, owner: number, position: number, value: ByteString): void {
  store
    .statement<[Buffer, number, number]>('UPDATE item SET value = ? WHERE owner = ? AND position = ?')
    .run(bytesOf(value), owner, position);
}

export function moveItem(store: Store, owner: number, from: number, to: number): void {
  store
    .statement<[number, number, number]>('UPDATE item SET position = ? WHERE owner = ? AND position = ?')
    .run(to, owner, from);
}

export function itemAt(store: Store, owner: number, position: number): ByteString | undefined {
  const sql = 'SELECT value FROM item WHERE owner = ? AND position = ?';
  const value = store.statement<[number, number], Buffer>(sql).pluck().get(owner, position);
  return value && byteStringOf(value);
}

/** Removes an element and returns it. */
export function takeItem(store: Store, owner: number, position: number): ByteString | undefined {
  const sql = 'DELETE FROM item WHERE owner = ? AND position = ? RETURNING value';
  const value = store.statement<[number, number], Buffer>(sql).pluck().get(owner, position);
  return value && byteStringOf(value);
}

/** Up to `limit` elements from a position on, away from the end. */
export function itemsFrom(store: Store, owner: number, end: End, position: number, limit: number): Item[] {
  const sql = `SELECT position, value FROM item ${end === 'left' ? FROM_LEFT : FROM_RIGHT}`;
  return store.statement<[number, number, number], Item>(sql).all(owner, position, limit);
}

const JOINED = `SELECT max(position) AS last, group_concat(length(value)) AS lengths, CAST(group_concat(value, '') AS BLOB) AS joined
  FROM (SELECT position, value FROM item ${FROM_LEFT})`;

interface Joined {
  readonly last: number | null;
  /** `3,0,12` */
  readonly lengths: string;
  readonly joined: Buffer;
}

/**
 * As {@link itemsFrom}, from left to right and the values alone. SQLite joins them, and they are cut out of one text: 32,400 times LRANGE of
 * 100 elements a second, where a Buffer for each gave 12,700 (redis-benchmark -c 20 -P 8 -t lrange_100).
 */
export function valuesFrom(store: Store, owner: number, position: number, limit: number): ByteString[] {
  const values: ByteString[] = [];
  for (let from = position, left = limit; left > 0; left -= TOGETHER) {
    const row = store.statement<[number, number, number], Joined>(JOINED).get(owner, from, Math.min(left, TOGETHER));
    if (row === undefined || row.last === null) break;
    cut(byteStringOf(row.joined), row.lengths, values);
    from = row.last + 1;
  }
  return values;
}

function cut(joined: ByteString, lengths: string, values: ByteString[]): void {
  let at = 0;
  for (const length of lengths.split(',')) {
    const end = at + Number(length);
    values.push(joined.slice(at, end));
    at = end;
  }
}

/** As {@link itemsFrom}, the positions alone. */
export function positionsFrom(store: Store, owner: number, end: End, position: number, limit: number): number[] {
  const sql = `SELECT position FROM item ${end === 'left' ? FROM_LEFT : FROM_RIGHT}`;
  return store.statement<[number, number, number], number>(sql).pluck().all(owner, position, limit);
}

/** Position of the outermost element. */
export function endPosition(store: Store, owner: number, end: End): number | undefined {
  const sql = `SELECT position FROM item WHERE owner = ? ORDER BY position ${end === 'left' ? 'ASC' : 'DESC'} LIMIT 1`;
  return store.statement<[number], number>(sql).pluck().get(owner);
}

/** Position of the element that has `skip` others between itself and the end; walks over them. */
export function walk(store: Store, owner: number, end: End, skip: number): number | undefined {
  const sql = `SELECT position FROM item WHERE owner = ? ORDER BY position ${end === 'left' ? 'ASC' : 'DESC'} LIMIT 1 OFFSET ?`;
  return store.statement<[number, number], number>(sql).pluck().get(owner, skip);
}

/** Elements within a range of positions, both included. */
export function countBetween(store: Store, owner: number, low: number, high: number): number {
  const sql = 'SELECT count(*) FROM item WHERE owner = ? AND position BETWEEN ? AND ?';
  return store.statement<[number, number, number], number>(sql).pluck().get(owner, low, high) ?? 0;
}

export function removeBetween(store: Store, owner: number, low: number, high: number): void {
  store
    .statement<[number, number, number]>('DELETE FROM item WHERE owner = ? AND position BETWEEN ? AND ?')
    .run(owner, low, high);
}

export function handOver(store: Store, owner: number, low: number, high: number, newOwner: number): void {
  store
    .statement<[number, number, number, number]>(
      'UPDATE item SET owner = ? WHERE owner = ? AND position BETWEEN ? AND ?',
    )
    .run(newOwner, owner, low, high);
}

export interface Search {
  readonly owner: number;
  readonly value: ByteString;
  /** Where the search begins. */
  readonly end: End;
  /** Positions to be looked at, both included. */
  readonly low: number;
  readonly high: number;
  /** Of those found; -1: all. */
  readonly limit: number;
  readonly skip: number;
}

const found = (end: End) =>
  `SELECT position FROM item WHERE owner = ? AND position BETWEEN ? AND ? AND value = ?
   ORDER BY position ${end === 'left' ? 'ASC' : 'DESC'} LIMIT ? OFFSET ?`;

/** Positions of a value, in the order of the search. */
export function positionsOf(store: Store, { owner, value, end, low, high, limit, skip }: Search): number[] {
  return store
    .statement<[number, number, number, Buffer, number, number], number>(found(end))
    .pluck()
    .all(owner, low, high, bytesOf(value), limit, skip);
}

/** Removes a value; up to `limit` from the end, -1: all. How many there were. */
export function removeValue(store: Store, owner: number, value: ByteString, end: End, limit: number): number {
  if (limit < 0) {
    const all = 'DELETE FROM item WHERE owner = ? AND value = ?';
    return store.statement<[number, Buffer]>(all).run(owner, bytesOf(value)).changes;
  }
  const sql = `DELETE FROM item WHERE owner = ? AND position IN
    (SELECT position FROM item WHERE owner = ? AND value = ? ORDER BY position ${end === 'left' ? 'ASC' : 'DESC'} LIMIT ?)`;
  return store.statement<[number, number, Buffer, number]>(sql).run(owner, owner, bytesOf(value), limit).changes;
}
