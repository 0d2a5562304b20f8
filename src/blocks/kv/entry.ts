/** What a key holds. Entries are never changed: a change puts a new one in its place, so that a turn can be undone. */
import type { ByteString } from './bytes.js';

export type CollectionType = 'list' | 'set' | 'zset' | 'hash';
export type ValueType = 'string' | CollectionType;

/** A whole string. */
export class StringEntry {
  readonly type = 'string';

  constructor(
    readonly value: ByteString,
    /** Milliseconds since the epoch from which on the key is gone; undefined: never. */
    readonly expires: number | undefined,
    /** Of the store when this was written; increases with each change of any key. */
    readonly revision: number,
  ) {}
}

/** The head of a collection. Its elements are rows of their own, found by {@link owner}, so that no change rewrites the others. */
export class CollectionEntry {
  constructor(
    readonly type: CollectionType,
    /** Number of its rows' first column; a key that is renamed keeps it. */
    readonly owner: number,
    /** Elements; never 0: an empty collection is no key. */
    readonly count: number,
    /** Of a sorted set: its ranks are counted by spans (collections/spans.ts). Of a list: it is uneven (collections/list.ts). */
    readonly counted: boolean,
    /** Position of a list's first element; 0 elsewhere. A list that is not counted has its elements at first, first + 256 … */
    readonly first: number,
    readonly expires: number | undefined,
    readonly revision: number,
  ) {}
}

export type Entry = StringEntry | CollectionEntry;
