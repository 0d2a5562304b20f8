/** Random members of a set or sorted set, or fields of a hash. */
import type { ByteString } from '../bytes.js';
import { allFields, type Field } from '../collections/members.js';
import { RandomMembers } from '../collections/random-members.js';
import type { CollectionEntry } from '../entry.js';
import type { Keyspace } from '../store/keyspace.js';
import type { Call } from './command.js';
import type { RandomCount } from './random-count.js';

/** Elements that are picked one by one: ~30 µs each. */
const DRAWN_SINGLY = 1_000;
/** Where more than this part of a collection is asked for, it is gone through once: to pick one takes as long as to read so many. */
const MANY = 1 / 32;

/** What is picked from. */
export interface Source<Element> {
  readonly count: number;
  pick(): Element;
  all(): Iterable<Element>;
}

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

export function randomFields(call: Call, collection: CollectionEntry, wanted: RandomCount): Field[] {
  const source: Source<Field> = {
    count: collection.count,
    pick: () => randomField(call, collection),
    all: () => allFields(call.keyspace.store, collection.owner),
  };
  return randomElements(call, source, wanted);
}

/** As many as asked for; without repetitions at most all, in any order. */
export function randomElements<Element extends { readonly member: ByteString }>(
  call: Call,
  source: Source<Element>,
  { count, repeated }: RandomCount,
): Element[] {
  if (repeated) return drawn(call, source, count);
  if (count >= source.count) return [...source.all()];
  return count > source.count * MANY ? sampled(call, source, count) : distinct(source, count);
}

/** Many are drawn out of all of them, which are read once. */
function drawn<Element>(call: Call, source: Source<Element>, count: number): Element[] {
  if (count <= DRAWN_SINGLY) return Array.from({ length: count }, () => source.pick());
  const all = [...source.all()];
  const found: Element[] = [];
  while (found.length < count) {
    const element = all[Math.floor(call.random() * all.length)];
    if (element !== undefined) found.push(element);
  }
  return found;
}

function distinct<Element extends { readonly member: ByteString }>(source: Source<Element>, count: number): Element[] {
  const found = new Map<ByteString, Element>();
  while (found.size < count) {
    const element = source.pick();
    found.set(element.member, element);
  }
  return [...found.values()];
}

/** Each next one is taken with the chance that is left (selection sampling, Knuth volume 2, algorithm S). */
function sampled<Element>(call: Call, source: Source<Element>, count: number): Element[] {
  const found: Element[] = [];
  let left = source.count;
  for (const element of source.all()) {
    if (found.length === count) break;
    if (call.random() * left < count - found.length) found.push(element);
    left--;
  }
  return found;
}
