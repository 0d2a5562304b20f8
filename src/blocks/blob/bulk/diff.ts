/** What differs between two buckets, which may be of two stores: both are read in pages, and merged by key. */
import type { BlobStore } from '../blob-store.js';
import type { ObjectInfo } from '../object-types.js';
import { compareKeys } from '../rules/key-order.js';
import { objectsOf } from './pages.js';

export interface DiffSide {
  readonly store: Pick<BlobStore, 'listObjects'>;
  readonly bucket: string;
}

export type BucketDifference =
  | { readonly change: 'added'; readonly after: ObjectInfo }
  | { readonly change: 'removed'; readonly before: ObjectInfo }
  /** Another size or another ETag. */
  | { readonly change: 'changed'; readonly before: ObjectInfo; readonly after: ObjectInfo };

/** From `before` to `after`, in the order of keys. */
export async function* diffBuckets(before: DiffSide, after: DiffSide, prefix = ''): AsyncGenerator<BucketDifference> {
  const lefts = objectsOf(before.store, before.bucket, prefix);
  const rights = objectsOf(after.store, after.bucket, prefix);
  let left = await next(lefts);
  let right = await next(rights);
  while (left !== undefined || right !== undefined) {
    const order = orderOf(left, right);
    if (order < 0 && left !== undefined) yield { change: 'removed', before: left };
    else if (order > 0 && right !== undefined) yield { change: 'added', after: right };
    else if (left !== undefined && right !== undefined && (left.size !== right.size || left.etag !== right.etag))
      yield { change: 'changed', before: left, after: right };
    if (order <= 0) left = await next(lefts);
    if (order >= 0) right = await next(rights);
  }
}

/** Negative: the left one comes first, or alone. */
function orderOf(left: ObjectInfo | undefined, right: ObjectInfo | undefined): number {
  if (left === undefined) return 1;
  return right === undefined ? -1 : compareKeys(left.key, right.key);
}

async function next(objects: AsyncGenerator<ObjectInfo, undefined>): Promise<ObjectInfo | undefined> {
  return (await objects.next()).value;
}
