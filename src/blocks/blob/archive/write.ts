/** A bucket as a tar archive (pax): what is current in it, object by object, in the order of keys. */
import type * as Tar from 'tar-stream';
import { codeOf } from '../../../platform/errors.js';
import type { BlobStore } from '../blob-store.js';
import { objectPages } from '../bulk/pages.js';
import type { BucketPrefix } from '../typed/place.js';
import { drained } from './drained.js';
import { recordsOf } from './records.js';

/** A header has 32 bits for seconds; the exact time is a record. */
const LATEST_MTIME = 2 ** 31 - 1;

export interface ArchiveProgress {
  readonly objects: number;
  readonly bytes: number;
}

/** Objects that are deleted while it is written are left out. What ends the iteration ends the reading. */
export async function* writeArchive(
  store: BlobStore,
  place: BucketPrefix,
  onObject: (progress: ArchiveProgress) => void,
): AsyncGenerator<Uint8Array> {
  const { default: tar } = await import('tar-stream');
  const archive = tar.pack();
  const filling = fill(archive, store, place, onObject).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* archive;
  } finally {
    archive.destroy();
    await filling;
  }
}

async function fill(
  archive: Tar.Pack,
  store: BlobStore,
  { bucket, prefix }: BucketPrefix,
  onObject: (progress: ArchiveProgress) => void,
): Promise<void> {
  let objects = 0;
  let bytes = 0;
  for await (const page of objectPages(store, bucket, { prefix })) {
    for (const { key } of page.objects) {
      const size = await addObject(archive, store, bucket, key);
      if (size === undefined) continue;
      objects++;
      bytes += size;
      onObject({ objects, bytes });
    }
  }
  archive.finalize();
}

/** Its size; undefined where it is gone. */
async function addObject(
  archive: Tar.Pack,
  store: BlobStore,
  bucket: string,
  key: string,
): Promise<number | undefined> {
  const read = await store.getObject({ bucket, key }).catch((error: unknown) => {
    if (codeOf(error) === 'blob.no_such_key') return undefined;
    throw error;
  });
  if (read === undefined) return undefined;
  const { stat, body } = read;
  const pieces = body[Symbol.asyncIterator]();
  try {
    const { versionId, tagCount, size, modifiedAt } = stat;
    const version = versionId === undefined ? {} : { versionId };
    const tags = tagCount === 0 ? {} : (await store.getTags({ bucket, key, ...version })).tags;
    const mtime = new Date(Math.min(Math.floor(modifiedAt / 1000), LATEST_MTIME) * 1000);
    const entry = archive.entry({ name: key, size, mtime, type: 'file', pax: recordsOf(stat, tags) } as Tar.Headers);
    const closed = new Promise<void>((resolve, reject) => {
      entry.on('error', reject).on('close', resolve);
    });
    closed.catch(() => undefined);
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      // The piece is the maker's again once the next one is asked for, and the archive may still have it then.
      if (!entry.write(Buffer.from(next.value))) await drained(entry);
      if (archive.destroyed) break;
    }
    entry.end();
    await closed;
    return size;
  } finally {
    await pieces.return?.();
  }
}
