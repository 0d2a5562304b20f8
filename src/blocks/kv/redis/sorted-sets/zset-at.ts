import { bytes, double, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { Place } from '../../collections/place.js';
import { SortedSet } from '../../collections/sorted-set.js';
import { refusal } from '../../errors.js';
import { type Call, collection } from '../command.js';
import { parseFloatStrict } from '../numbers.js';

export const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

/** Error: WRONGTYPE. */
export function sortedSetAt({ keyspace, database }: Call, key: ByteString): SortedSet | undefined {
  const head = collection(database, key, 'zset');
  return head && new SortedSet(keyspace.store, head);
}

export const newSortedSet = ({ keyspace }: Call): SortedSet =>
  new SortedSet(keyspace.store, keyspace.newCollection('zset'));

/** Error: `ERR value is not a valid float`. */
export function readScore(text: ByteString): number {
  const score = parseFloatStrict(text);
  if (score === undefined) throw refusal('ERR', 'value is not a valid float');
  return score;
}

/** Elements alone, or with their scores: one behind another in RESP2, pairs in RESP3. */
export function elementsReply(call: Call, elements: readonly Place[], withScores: boolean): Reply {
  if (!withScores) return elements.map(({ member }) => bytes(member));
  if (call.protocol === 3) return elements.map(({ member, score }) => [bytes(member), double(score)]);
  return elements.flatMap(({ member, score }) => [bytes(member), double(score)]);
}

/** Pairs in both versions, as ZMPOP answers. */
export const pairsReply = (elements: readonly Place[]): Reply =>
  elements.map(({ member, score }) => [bytes(member), double(score)]);
