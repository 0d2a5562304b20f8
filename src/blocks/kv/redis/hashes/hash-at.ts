import type { ByteString } from '../../bytes.js';
import { CollectionEntry } from '../../entry.js';
import { type Call, collection } from '../command.js';

export const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

/** Error: WRONGTYPE. */
export const hashAt = ({ database }: Call, key: ByteString): CollectionEntry | undefined =>
  collection(database, key, 'hash');

/** Puts the head after fields were written. */
export function putHash({ database }: Call, key: ByteString, hash: CollectionEntry, count: number): void {
  const { type, owner, counted, first, expires } = hash;
  database.setCollection(key, new CollectionEntry(type, owner, count, counted, first, expires, 0));
}
