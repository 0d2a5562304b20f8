/** Objects whose keys match a pattern. */
import type { BlobStore } from '../blob-store.js';
import { objectsOf } from '../bulk/pages.js';
import type { ObjectInfo } from '../object-types.js';
import { globMatcher, literalPrefix } from './glob.js';

/** In the order of keys; only what begins as the pattern does is listed. Error: `blob.invalid_argument`. */
export async function* findObjects(
  store: Pick<BlobStore, 'listObjects'>,
  bucket: string,
  pattern: string,
): AsyncGenerator<ObjectInfo> {
  const matches = globMatcher(pattern);
  for await (const object of objectsOf(store, bucket, literalPrefix(pattern))) {
    if (matches(object.key)) yield object;
  }
}
