/** Changes of a list together with its head. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { type End, popped, pushed } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import type { Call } from '../command.js';

/** Adds elements to a list or, where there is none, to a new one. Returns how many it then has. */
export function push(
  call: Call,
  key: ByteString,
  list: CollectionEntry | undefined,
  end: End,
  values: readonly ByteString[],
): number {
  const { keyspace, database } = call;
  const head = pushed(keyspace.store, list ?? keyspace.newCollection('list'), end, values);
  database.setCollection(key, head);
  return head.count;
}

/** Takes up to `count` elements, at least one, from a list. */
export function pop(call: Call, key: ByteString, list: CollectionEntry, end: End, count: number): Reply[] {
  const { head, values } = popped(call.keyspace.store, list, end, Math.min(count, list.count));
  call.database.setCollection(key, head);
  return values.map(bytes);
}

/** Takes one. */
export function popOne(call: Call, key: ByteString, list: CollectionEntry, end: End): ByteString {
  const { head, values } = popped(call.keyspace.store, list, end, 1);
  call.database.setCollection(key, head);
  return values[0] ?? '';
}

/** Moves an element of a list from an end to an end; the key, and its time, stay also where there is no other element. */
export function rotate(call: Call, key: ByteString, list: CollectionEntry, from: End, to: End): ByteString {
  const { store } = call.keyspace;
  const { head, values } = popped(store, list, from, 1);
  call.database.setCollection(key, pushed(store, head, to, values));
  return values[0] ?? '';
}
