/** Elements of what SORT sorts, in their own order: a list's places, a sorted set's ranks. */

import type { Store } from '../../../../platform/store/store.js';
import { type ByteString, byteStringOf } from '../../bytes.js';
import type { CollectionEntry } from '../../entry.js';

const ITEMS = 'SELECT value AS element FROM item WHERE owner = ? ORDER BY position LIMIT ? OFFSET ?';
const ITEMS_DOWN = 'SELECT value AS element FROM item WHERE owner = ? ORDER BY position DESC LIMIT ? OFFSET ?';
const MEMBERS = 'SELECT member AS element FROM member WHERE owner = ? ORDER BY member LIMIT ? OFFSET ?';
const RANKED = 'SELECT member AS element FROM ranked WHERE owner = ? ORDER BY score, member LIMIT ? OFFSET ?';
const RANKED_DOWN =
  'SELECT member AS element FROM ranked WHERE owner = ? ORDER BY score DESC, member DESC LIMIT ? OFFSET ?';

/** `descending` does not count for sets, which have no order of their own. */
export function elementsOf(
  store: Store,
  head: CollectionEntry,
  range: { readonly offset: number; readonly count: number; readonly descending: boolean },
): ByteString[] {
  const statement = store.statement<[number, number, number], { element: Buffer }>(sqlOf(head, range.descending));
  const elements: ByteString[] = [];
  for (const { element } of statement.iterate(head.owner, range.count, range.offset)) {
    elements.push(byteStringOf(element));
  }
  return elements;
}

function sqlOf({ type }: CollectionEntry, descending: boolean): string {
  if (type === 'list') return descending ? ITEMS_DOWN : ITEMS;
  if (type === 'zset') return descending ? RANKED_DOWN : RANKED;
  return MEMBERS;
}
