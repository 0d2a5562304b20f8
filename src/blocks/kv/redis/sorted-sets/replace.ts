import type { ByteString } from '../../bytes.js';
import type { Place } from '../../collections/place.js';
import type { Call } from '../command.js';
import { newSortedSet } from './zset-at.js';

/** Puts these elements, whose members are all different, in the place of whatever is under the key. Returns how many they are. */
export function replaceSortedSet(call: Call, key: ByteString, elements: readonly Place[]): number {
  if (elements.length === 0) {
    call.database.remove(key);
    return 0;
  }
  const set = newSortedSet(call);
  for (const { member, score } of elements) set.set(member, score, undefined);
  set.put(call.database, key);
  return elements.length;
}
