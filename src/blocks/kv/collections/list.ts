/**
 * The elements of a list, as rows in the order of their positions.
 *
 *     even      first    first + 256    first + 512   …                  pushed and popped at the ends: index → position by arithmetic
 *     uneven    first    first + 384    first + 512   …    (`counted`)   inserted into or removed from in the middle: a walk from the nearer end
 *
 * Nothing but the elements concerned is written: LINSERT finds a place between two neighbours (list-room.ts) where closing ranks would
 * rewrite half of the list, and LREM leaves gaps. What it costs is the walk of an index in an uneven list, 40 ns for an element passed (20 ms in the middle of a million); a list
 * becomes even again when what is left of it is. Functions that change rows return the head that the list has then; the caller puts it.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf } from '../bytes.js';
import { CollectionEntry } from '../entry.js';
import { makeRoom, STRIDE } from './list-room.js';
import * as rows from './list-statements.js';

export type { End } from './list-statements.js';

type End = rows.End;

const isEven = (head: CollectionEntry): boolean => !head.counted;

function changed(head: CollectionEntry, count: number, first: number, even: boolean): CollectionEntry {
  return new CollectionEntry('list', head.owner, count, !even, first, head.expires, head.revision);
}

/** After rows were removed anywhere. */
function removedFrom(store: Store, head: CollectionEntry, count: number): CollectionEntry {
  if (count === 0) return changed(head, 0, 0, true);
  const first = rows.endPosition(store, head.owner, 'left') ?? 0;
  const last = rows.endPosition(store, head.owner, 'right') ?? 0;
  // Positions of an even list are multiples, so that as many of them as fit are all of them.
  const even = count === 1 || (isEven(head) && last - first === (count - 1) * STRIDE);
  return changed(head, count, first, even);
}

function lastPosition(store: Store, head: CollectionEntry): number {
  if (isEven(head)) return head.first + (head.count - 1) * STRIDE;
  return rows.endPosition(store, head.owner, 'right') ?? head.first;
}

/** Adds elements at an end, one after the other, to a list that may be new. */
export function pushed(store: Store, head: CollectionEntry, end: End, values: readonly ByteString[]): CollectionEntry {
  const step = end === 'left' ? -STRIDE : STRIDE;
  // Of a new list the first element is put where its head says, as if one had been beside it.
  let position = head.first - step;
  if (head.count > 0) position = end === 'left' ? head.first : lastPosition(store, head);
  for (const value of values) {
    position += step;
    rows.insertItem(store, head.owner, position, value);
  }
  return changed(head, head.count + values.length, end === 'left' ? position : head.first, isEven(head));
}

export interface Popped {
  readonly head: CollectionEntry;
  /** In the order in which they were taken. */
  readonly values: readonly ByteString[];
}

/** Takes elements from an end; `count` is at least 1. */
export function popped(store: Store, head: CollectionEntry, end: End, count: number): Popped {
  const { owner } = head;
  const edge = end === 'left' ? head.first : lastPosition(store, head);
  if (count === 1) {
    const value = rows.takeItem(store, owner, edge);
    return { head: afterPop(store, head, end, 1), values: value === undefined ? [] : [value] };
  }
  const items = rows.itemsFrom(store, owner, end, edge, count);
  const reached = items.at(-1)?.position ?? edge;
  rows.removeBetween(store, owner, Math.min(edge, reached), Math.max(edge, reached));
  return { head: afterPop(store, head, end, items.length), values: items.map(({ value }) => byteStringOf(value)) };
}

function afterPop(store: Store, head: CollectionEntry, end: End, taken: number): CollectionEntry {
  const count = head.count - taken;
  if (count <= 1) return removedFrom(store, head, count);
  if (end === 'right') return changed(head, count, head.first, isEven(head));
  if (isEven(head)) return changed(head, count, head.first + taken * STRIDE, true);
  return changed(head, count, rows.endPosition(store, head.owner, 'left') ?? 0, false);
}

/** `index` is within the list, from 0. */
function positionAt(store: Store, head: CollectionEntry, index: number): number {
  if (index === 0) return head.first;
  if (isEven(head)) return head.first + index * STRIDE;
  const fromRight = head.count - 1 - index;
  const position =
    index <= fromRight ? rows.walk(store, head.owner, 'left', index) : rows.walk(store, head.owner, 'right', fromRight);
  return position ?? head.first;
}

/** The element at an index from 0; undefined beyond the list. */
export function elementAt(store: Store, head: CollectionEntry, index: number): ByteString | undefined {
  if (index < 0 || index >= head.count) return undefined;
  return rows.itemAt(store, head.owner, positionAt(store, head, index));
}

/** Puts another element in the place of one that is there. */
export function replaceElement(store: Store, head: CollectionEntry, index: number, value: ByteString): void {
  rows.setItem(store, head.owner, positionAt(store, head, index), value);
}

/** Elements from one index to another, both within the list. */
export function elements(store: Store, head: CollectionEntry, from: number, to: number): ByteString[] {
  return rows.valuesFrom(store, head.owner, positionAt(store, head, from), to - from + 1);
}

/** Inserts next to the first element that equals `pivot`; undefined where there is none. */
export function inserted(
  store: Store,
  head: CollectionEntry,
  side: 'before' | 'after',
  pivot: ByteString,
  value: ByteString,
): CollectionEntry | undefined {
  const { owner, count } = head;
  const [at] = rows.positionsOf(store, { ...whole(store, head), value: pivot, end: 'left', limit: 1, skip: 0 });
  if (at === undefined) return undefined;
  const neighbour = rows.positionsFrom(store, owner, side === 'before' ? 'right' : 'left', at, 2)[1];
  if (neighbour === undefined) return pushed(store, head, side === 'before' ? 'left' : 'right', [value]);
  const [left, right] = side === 'before' ? [neighbour, at] : [at, neighbour];
  rows.insertItem(store, owner, makeRoom(store, owner, left, right), value);
  return changed(head, count + 1, rows.endPosition(store, owner, 'left') ?? 0, false);
}

/** Removes a value: up to `limit` of it from the end, -1: all. */
export function without(
  store: Store,
  head: CollectionEntry,
  value: ByteString,
  end: End,
  limit: number,
): CollectionEntry {
  const removed = rows.removeValue(store, head.owner, value, end, limit);
  return removed === 0 ? head : removedFrom(store, head, head.count - removed);
}

/** Keeps what is between two indexes, both within the list. Writes the smaller part: where much goes, what stays gets a new owner. */
export function trimmed(
  store: Store,
  head: CollectionEntry,
  from: number,
  to: number,
  newOwner: () => number,
): CollectionEntry {
  const { owner } = head;
  const count = to - from + 1;
  const [low, high] = [positionAt(store, head, from), positionAt(store, head, to)];
  const even = isEven(head) || count === 1;
  if (count >= head.count - count) {
    if (from > 0) rows.removeBetween(store, owner, head.first, low - 1);
    if (to < head.count - 1) rows.removeBetween(store, owner, high + 1, Number.MAX_SAFE_INTEGER);
    return changed(head, count, low, even);
  }
  const kept = newOwner();
  rows.handOver(store, owner, low, high, kept);
  return new CollectionEntry('list', kept, count, !even, low, head.expires, head.revision);
}

export interface IndexSearch {
  readonly value: ByteString;
  readonly end: End;
  /** Matches that are passed over. */
  readonly skip: number;
  /** Matches wanted; -1: all. */
  readonly limit: number;
  /** Elements looked at, from the end; 0: all. */
  readonly most: number;
}

/** Indexes of a value, in the order of the search. */
export function indexesOf(store: Store, head: CollectionEntry, search: IndexSearch): number[] {
  const { value, end, skip, limit, most } = search;
  const range = most === 0 || most >= head.count ? whole(store, head) : outermost(store, head, end, most);
  const positions = rows.positionsOf(store, { ...range, value, end, skip, limit });
  if (isEven(head)) return positions.map((position) => (position - head.first) / STRIDE);
  return countedIndexes(store, head, end, positions);
}

/** Counts from one match to the next, so that each element is passed once. */
function countedIndexes(store: Store, head: CollectionEntry, end: End, positions: readonly number[]): number[] {
  const leftward = end === 'right';
  const indexes: number[] = [];
  let index = leftward ? head.count : -1;
  let edge = leftward ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  for (const position of positions) {
    const passed = leftward
      ? rows.countBetween(store, head.owner, position, edge)
      : rows.countBetween(store, head.owner, edge, position);
    index += leftward ? -passed : passed;
    edge = leftward ? position - 1 : position + 1;
    indexes.push(index);
  }
  return indexes;
}

function whole(store: Store, head: CollectionEntry) {
  return { owner: head.owner, low: head.first, high: lastPosition(store, head) };
}

function outermost(store: Store, head: CollectionEntry, end: End, most: number) {
  const { owner, first, count } = head;
  if (end === 'left') return { owner, low: first, high: positionAt(store, head, most - 1) };
  return { owner, low: positionAt(store, head, count - most), high: lastPosition(store, head) };
}
