/** Deletes objects, all of their versions, or all that begins alike: a page at a time, several at once. */

import { mapOrdered } from '../../../platform/map-ordered.js';
import { present } from '../../../platform/present.js';
import type { BlobStore, DeleteResult, WriteConditions } from '../blob-store.js';
import type { ObjectPlace } from '../object-types.js';
import type { BucketPrefix } from '../typed/place.js';
import { objectsOf, versionPages } from './pages.js';

const AT_ONCE = 16;

export interface DeleteMany {
  /** One object each, or all that begins with a prefix. */
  readonly what: readonly (ObjectPlace | BucketPrefix)[];
  /** All versions and delete markers, and not only what is current: nothing is left of the objects. */
  readonly allVersions: boolean;
  readonly conditions?: WriteConditions | undefined;
  /** Ends it between two objects. */
  readonly signal: AbortSignal;
}

export interface Deleted {
  readonly place: ObjectPlace;
  readonly result: DeleteResult;
}

/** In the order of `what`, and of keys in it. What is put meanwhile may be met or not. */
export async function* deleteMany(store: BlobStore, query: DeleteMany): AsyncGenerator<Deleted> {
  const { conditions } = query;
  const work = async (place: ObjectPlace) => ({ place, result: await store.deleteObject(place, conditions) });
  yield* mapOrdered(places(store, query), AT_ONCE, work);
}

async function* places(store: BlobStore, { what, allVersions, signal }: DeleteMany): AsyncGenerator<ObjectPlace> {
  for (const each of what) {
    for await (const place of placesOf(store, each, allVersions)) {
      if (signal.aborted) return;
      yield place;
    }
  }
}

async function* placesOf(
  store: BlobStore,
  what: ObjectPlace | BucketPrefix,
  allVersions: boolean,
): AsyncGenerator<ObjectPlace> {
  const { bucket } = what;
  if (!allVersions) {
    if ('key' in what) yield what;
    else for await (const { key } of objectsOf(store, bucket, what.prefix)) yield { bucket, key };
    return;
  }
  const [prefix, only] = 'key' in what ? [what.key, what.key] : [what.prefix, undefined];
  for await (const { versions } of versionPages(store, bucket, { prefix })) {
    for (const { key, versionId } of versions) {
      // Its own versions come before those of keys that are longer.
      if (only !== undefined && key !== only) return;
      yield present({ bucket, key, versionId });
    }
  }
}
