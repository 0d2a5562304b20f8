/** Random members of a set, or fields of a hash. */
import type { ByteString } from '../bytes.js';
import { allFields, type Field } from '../collections/members.js';
import { RandomMembers } from '../collections/random-members.js';
import type { CollectionEntry } from '../entry.js';
import type { Keyspace } from '../store/keyspace.js';
import type { Call } from './command.js';
import type { RandomCount } from './random-count.js';

/** Where more than this part of a collection is asked for, it is gone through once. */
const MANY = 1 / 3;

const pickers = new WeakMap<Keyspace, RandomMembers>();

function pickerOf({ keyspace, random }: { keyspace: Keyspace; random(): number }): RandomMembers {
  let picker = pickers.get(keyspace);
  if (picker === undefined) {
    picker = new RandomMembers(keyspace.store, random);
    pickers.set(keyspace, picker);
  }
  return picker;
}

export function randomField(call: Call, { owner, count }: CollectionEntry): Field {
  return pickerOf({ keyspace: call.keyspace, random: () => call.random() }).pick(owner, count);
}

/** As many as asked for; without repetitions at most all, in any order. */
export function randomFields(call: Call, collection: CollectionEntry, { count, repeated }: RandomCount): Field[] {
  if (repeated) return Array.from({ length: count }, () => randomField(call, collection));
  if (count >= collection.count) return [...allFields(call.keyspace.store, collection.owner)];
  return count > collection.count * MANY ? sampled(call, collection, count) : distinct(call, collection, count);
}

function distinct(call: Call, collection: CollectionEntry, count: number): Field[] {
  const found = new Map<ByteString, Field>();
  while (found.size < count) {
    const field = randomField(call, collection);
    found.set(field.member, field);
  }
  return [...found.values()];
}

/** Each next one is taken with the chance that is left (selection sampling, Knuth volume 2, algorithm S). */
function sampled(call: Call, collection: CollectionEntry, count: number): Field[] {
  const found: Field[] = [];
  let left = collection.count;
  for (const field of allFields(call.keyspace.store, collection.owner)) {
    if (call.random() * left < count - found.length) found.push(field);
    left--;
    if (found.length === count) break;
  }
  return found;
}
