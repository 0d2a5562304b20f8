import type { ByteString } from '../../bytes.js';
import { addMember } from '../../collections/members.js';
import { CollectionEntry } from '../../entry.js';
import { type Call, collection } from '../command.js';

export const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

/** Error: WRONGTYPE. */
export const setAt = ({ database }: Call, key: ByteString): CollectionEntry | undefined =>
  collection(database, key, 'set');

/** Puts the head after members have come or gone. */
export function putSet({ database }: Call, key: ByteString, set: CollectionEntry, count: number): void {
  const { type, owner, counted, first, expires } = set;
  database.setCollection(key, new CollectionEntry(type, owner, count, counted, first, expires, 0));
}

/** Puts these members, each once, in the place of whatever was under the key; none: nothing is there afterwards. */
export function replaceSet(call: Call, key: ByteString, members: ReadonlySet<ByteString>): void {
  if (members.size === 0) {
    call.database.remove(key);
    return;
  }
  const set = call.keyspace.newCollection('set');
  for (const member of members) addMember(call.keyspace.store, set.owner, member);
  putSet(call, key, set, members.size);
}
