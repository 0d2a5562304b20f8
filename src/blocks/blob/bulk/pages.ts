/** Listings as streams of pages, of any store. */
import { present } from '../../../platform/present.js';
import type { BlobStore, ObjectPage, VersionPage } from '../blob-store.js';
import type { ObjectInfo } from '../object-types.js';

/** What S3 gives at the most. */
const PAGE = 1_000;

/** What is listed, as far as it goes: beyond one page. */
export interface WholeList {
  readonly prefix: string;
  readonly delimiter?: string | undefined;
  readonly after?: string | undefined;
  /** Entries and common prefixes together; all of them without it. */
  readonly limit?: number | undefined;
}

/** The last page has no `next`; where `limit` ended it, it has. */
export async function* objectPages(
  store: Pick<BlobStore, 'listObjects'>,
  bucket: string,
  list: WholeList,
): AsyncGenerator<ObjectPage> {
  const { prefix, delimiter, limit = Number.POSITIVE_INFINITY } = list;
  let after = list.after;
  for (let left = limit; left > 0; ) {
    const query = present({ prefix, delimiter, after, limit: Math.min(PAGE, left) });
    const page = await store.listObjects(bucket, query);
    yield page;
    left -= page.objects.length + page.prefixes.length;
    after = page.next;
    if (after === undefined) return;
  }
}

/** All objects below a prefix, in the order of keys. */
export async function* objectsOf(
  store: Pick<BlobStore, 'listObjects'>,
  bucket: string,
  prefix: string,
): AsyncGenerator<ObjectInfo, undefined> {
  for await (const { objects } of objectPages(store, bucket, { prefix })) yield* objects;
  return undefined;
}

/** As {@link objectPages}, of versions and delete markers. */
export async function* versionPages(
  store: BlobStore,
  bucket: string,
  { prefix, delimiter, limit = Number.POSITIVE_INFINITY }: Omit<WholeList, 'after'>,
): AsyncGenerator<VersionPage> {
  let after: VersionPage['next'];
  for (let left = limit; left > 0; ) {
    const query = present({ prefix, delimiter, after, limit: Math.min(PAGE, left) });
    const page = await store.listVersions(bucket, query);
    yield page;
    left -= page.versions.length + page.prefixes.length;
    after = page.next;
    if (after === undefined) return;
  }
}
