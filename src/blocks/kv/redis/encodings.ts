/**
 * What OBJECT ENCODING answers: how Redis 7.0 would hold a value of this size. Here all are held in one way, so the answer is that of
 * a Redis which was given the value as it is now; what a value was in between does not matter.
 */

import type { Store } from '../../../platform/store/store.js';
import type { CollectionEntry, Entry } from '../entry.js';
import { parseInteger } from './numbers.js';

/** From which sizes on Redis holds collections in another way. A program may ask for the encoding, and may set these by CONFIG SET. */
export class EncodingLimits {
  hashEntries = 512;
  /** Bytes of a field or a value. */
  hashBytes = 64;
  setIntegers = 512;
  zsetEntries = 128;
  /** Bytes of a member. */
  zsetBytes = 64;
}

/** Bytes of the longest string that Redis keeps in one piece with its head. */
const EMBEDDED = 44;

/** The longest field or value, or member, of a collection; only asked of small ones. */
const LONGEST_PAIR = 'SELECT max(max(length(member), length(value))) AS longest FROM member WHERE owner = ?';
const LONGEST_MEMBER = 'SELECT max(length(member)) AS longest FROM member WHERE owner = ?';

export function encodingOf(store: Store, limits: EncodingLimits, entry: Entry): string {
  switch (entry.type) {
    case 'string':
      if (parseInteger(entry.value) !== undefined) return 'int';
      return entry.value.length <= EMBEDDED ? 'embstr' : 'raw';
    case 'list':
      return 'quicklist';
    case 'set':
      return entry.count <= limits.setIntegers && onlyIntegers(store, entry) ? 'intset' : 'hashtable';
    case 'hash':
      if (entry.count > limits.hashEntries) return 'hashtable';
      return longest(store, LONGEST_PAIR, entry) <= limits.hashBytes ? 'listpack' : 'hashtable';
    case 'zset':
      if (entry.count > limits.zsetEntries) return 'skiplist';
      return longest(store, LONGEST_MEMBER, entry) <= limits.zsetBytes ? 'listpack' : 'skiplist';
  }
}

function longest(store: Store, sql: string, { owner }: CollectionEntry): number {
  return store.statement<[number], { longest: number }>(sql).get(owner)?.longest ?? 0;
}

/** A set of integers has no member that is longer than 20 bytes, so that none of a large one is read. */
function onlyIntegers(store: Store, { owner }: CollectionEntry): boolean {
  const sql = `SELECT CASE WHEN length(member) > 20 THEN '' ELSE CAST(member AS TEXT) END AS text FROM member WHERE owner = ?`;
  for (const { text } of store.statement<[number], { text: string }>(sql).iterate(owner)) {
    if (parseInteger(text) === undefined) return false;
  }
  return true;
}
