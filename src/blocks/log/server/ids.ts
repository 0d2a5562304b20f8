/** IDs of documents that came without one: unlike those of other runs by their random beginning, of this one by their number. */
import type { Random } from '../../../platform/clock.js';

const RANDOM_BYTES = 9;

export function documentIds(random: Random): () => string {
  const beginning = Buffer.from(random.bytes(RANDOM_BYTES)).toString('base64url');
  let number = 0;
  return () => `${beginning}${(number++).toString(36)}`;
}
