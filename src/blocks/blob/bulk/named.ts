/** The objects that an argument names: one, or all that match a pattern. */
import type { BlobStore } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { ObjectPlace } from '../object-types.js';
import { findObjects } from '../transfer/find-objects.js';
import { isGlob, literalPrefix } from '../transfer/glob.js';
import { sayPlace } from '../typed/place.js';

export interface NamedObject {
  readonly place: ObjectPlace;
  /** What it is called below a folder or a prefix. */
  readonly name: string;
  /** As a list has it. */
  readonly size?: number;
}

/** What keys that match a pattern have before their names: up to the last slash in what they begin with. */
export function patternFolder(pattern: string): string {
  const start = literalPrefix(pattern);
  return start.slice(0, start.lastIndexOf('/') + 1);
}

/** A pattern has `*`, `?`, `[…]` or `{…}` in it. Error: `blob.no_such_key` where none matches it. */
export async function* namedObjects(
  store: BlobStore,
  place: ObjectPlace,
  { literal = false }: { readonly literal?: boolean } = {},
): AsyncGenerator<NamedObject> {
  const { bucket, key: pattern } = place;
  if (literal || !isGlob(pattern)) {
    yield { place, name: pattern.slice(pattern.lastIndexOf('/') + 1) };
    return;
  }
  const folder = patternFolder(pattern);
  let found = 0;
  for await (const { key, size } of findObjects(store, bucket, pattern)) {
    found++;
    yield { place: { bucket, key }, name: key.slice(folder.length), size };
  }
  if (found > 0) return;
  throw blobErrors.error('blob.no_such_key', `no object matches ${sayPlace(place)}`, {
    hint: 'for a key that has such characters itself, add --literal',
    details: { bucket, pattern },
  });
}
