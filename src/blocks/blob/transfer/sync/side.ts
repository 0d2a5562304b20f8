/** What can be synchronised with what: a folder of this machine, and what begins alike in a bucket. */
import type { BlobStore } from '../../blob-store.js';
import { objectsOf } from '../../bulk/pages.js';
import type { Found } from './entry.js';
import { folderEntries } from './folder.js';

export interface FolderSide {
  readonly kind: 'folder';
  readonly path: string;
}

export interface BucketSide {
  readonly kind: 'bucket';
  readonly store: BlobStore;
  readonly bucket: string;
  /** Empty, or with a slash at its end: see {@link bucketSide}. */
  readonly prefix: string;
}

export type SyncSide = FolderSide | BucketSide;

/** `photos` is meant as a folder: `photos2/cat.jpg` is not in it. */
export function bucketSide(store: BlobStore, bucket: string, prefix: string): BucketSide {
  return { kind: 'bucket', store, bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

/** In the order of keys: UTF-8 bytes of the whole path. */
export async function* entriesOf(side: SyncSide): AsyncGenerator<Found> {
  if (side.kind === 'folder') {
    yield* folderEntries(side.path);
    return;
  }
  for await (const { key, size, etag, modifiedAt } of objectsOf(side.store, side.bucket, side.prefix)) {
    const path = key.slice(side.prefix.length);
    // What consoles make where somebody asks them for a folder.
    if (size === 0 && (path === '' || path.endsWith('/'))) yield { kind: 'skipped', path, why: 'folder_marker' };
    else yield { kind: 'entry', entry: { path, size, etag, modifiedAt } };
  }
}
