/** Pages of uploads under way: by key, the oldest of a key first. */
import type { UploadPage } from '../blob-store.js';
import { keyAfter } from '../rules/key-order.js';
import { numberOfOpaqueId } from '../rules/opaque-id.js';
import { commonPrefixOf, rangeOfPage, rollUpPage } from '../rules/rollup.js';
import { checkList, keyParameters, keysOf } from './listing.js';
import type { StoreParts } from './parts.js';
import type { BucketRow } from './rows.js';
import { toUploadInfo, UPLOAD_COLUMNS, type UploadRow } from './upload-rows.js';

export interface UploadListQuery {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly after?: { readonly key: string; readonly uploadId?: string };
  readonly limit: number;
}

/** Errors: `blob.no_such_bucket`, `blob.invalid_argument`. */
export async function listUploads(parts: StoreParts, bucketName: string, query: UploadListQuery): Promise<UploadPage> {
  const { prefix, delimiter, limit } = checkList(query);
  const { buckets, file } = parts;
  return file.view(() => {
    const bucket = buckets.find(bucketName);
    const range = rangeOfPage({ prefix, delimiter }, query.after?.key);
    if (range === undefined) return { uploads: [], prefixes: [] };
    const within = startWithinKey(query);
    const page = rollUpPage({ prefix, delimiter, limit }, within?.key ?? range.from, (from) =>
      from === within?.key
        ? restAndFollowing(parts, bucket, within, range.before)
        : readUploads(parts, bucket, from, range.before),
    );
    return {
      uploads: page.rows.map((row) => toUploadInfo(bucketName, row)),
      prefixes: page.prefixes,
      ...nextOf(page.last),
    };
  });
}

/** Undefined: the page begins with a key. An identifier tells the place of its upload even when that has gone. */
function startWithinKey({ prefix = '', delimiter = '', after }: UploadListQuery) {
  if (after?.uploadId === undefined || !after.key.startsWith(prefix)) return undefined;
  const id = numberOfOpaqueId(after.uploadId);
  if (id === undefined || commonPrefixOf(after.key, { prefix, delimiter }) !== undefined) return undefined;
  return { key: after.key, id };
}

function* restAndFollowing(
  parts: StoreParts,
  bucket: BucketRow,
  { key, id }: { readonly key: string; readonly id: number },
  before: string | undefined,
) {
  yield* parts.file
    .statement<[number, string, number], UploadRow>(
      `SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ? AND key = ? AND id > ? ORDER BY id`,
    )
    .iterate(bucket.id, key, id);
  yield* readUploads(parts, bucket, keyAfter(key), before);
}

function readUploads({ file }: StoreParts, bucket: BucketRow, from: string, before: string | undefined) {
  return file
    .statement<(number | string)[], UploadRow>(
      `SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ? AND ${keysOf(before)} ORDER BY key, id`,
    )
    .iterate(bucket.id, ...keyParameters(from, before));
}

function nextOf(last: { row: UploadRow } | { prefix: string } | undefined): Pick<UploadPage, 'next'> {
  if (last === undefined) return {};
  return { next: 'prefix' in last ? { key: last.prefix } : { key: last.row.key, uploadId: last.row.public_id } };
}
