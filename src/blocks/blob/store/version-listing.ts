/**
 * Pages of all versions: two tables, each in the order of the list, merged by key and rank. A page that begins within a key first reads the
 * rest of that key.
 */
import type { VersionEntry, VersionListQuery, VersionPage } from '../blob-store.js';
import { keyAfter } from '../rules/key-order.js';
import { numberOfOpaqueId } from '../rules/opaque-id.js';
import { commonPrefixOf, rangeOfPage, rollUpPage } from '../rules/rollup.js';
import { checkList, keyParameters, keysOf } from './listing.js';
import type { StoreParts } from './parts.js';
import {
  type BucketRow,
  hasContent,
  NULL_VERSION,
  toObjectInfo,
  VERSION_COLUMNS,
  type VersionRow,
  versionIdOf,
} from './rows.js';

export async function listVersions(
  parts: StoreParts,
  bucketName: string,
  query: VersionListQuery,
): Promise<VersionPage> {
  const { prefix, delimiter, limit } = checkList(query);
  const { buckets, file } = parts;
  return file.view(() => {
    const bucket = buckets.find(bucketName);
    const within = startWithinKey(parts, bucket, query);
    const range = rangeOfPage({ prefix, delimiter }, query.after?.key);
    if (range === undefined) return { versions: [], prefixes: [] };
    const from = within === undefined ? range.from : within.key;
    const page = rollUpPage({ prefix, delimiter, limit }, from, (start) =>
      start === within?.key
        ? restAndFollowing(parts, bucket, within, range.before)
        : readVersions(parts, bucket, start, range.before),
    );
    const entries = toEntries(bucket, page.rows, within?.rank === undefined ? undefined : within.key);
    return { versions: entries, prefixes: page.prefixes, ...nextOf(bucket, page.last) };
  });
}

/** For walks: the versions after one of them, with any key; at most `limit`. Within a view. */
export function readVersionsAfter(
  parts: StoreParts,
  bucket: BucketRow,
  after: Pick<VersionRow, 'key' | 'rank'> | undefined,
  limit: number,
): VersionRow[] {
  const rows: VersionRow[] = [];
  const following =
    after === undefined
      ? readVersions(parts, bucket, '', undefined)
      : restAndFollowing(parts, bucket, after, undefined);
  for (const row of following) {
    rows.push(row);
    if (rows.length === limit) break;
  }
  return rows;
}

interface Within {
  readonly key: string;
  /** Undefined: from its newest version on. */
  readonly rank: number | undefined;
}

/** Undefined: the page begins with a key. A null version that has gone meanwhile has left no place: its key is read again. */
function startWithinKey(parts: StoreParts, bucket: BucketRow, query: VersionListQuery): Within | undefined {
  const { prefix = '', delimiter = '', after } = query;
  if (after?.versionId === undefined || !after.key.startsWith(prefix)) return undefined;
  if (commonPrefixOf(after.key, { prefix, delimiter }) !== undefined) return undefined;
  const number = numberOfOpaqueId(after.versionId);
  if (number !== undefined) return { key: after.key, rank: -number };
  const found = after.versionId === NULL_VERSION ? parts.versions.find(bucket, after.key, NULL_VERSION) : undefined;
  return { key: after.key, rank: found?.row.rank };
}

function* restAndFollowing(parts: StoreParts, bucket: BucketRow, { key, rank }: Within, before: string | undefined) {
  if (rank === undefined) {
    yield* readVersions(parts, bucket, key, before);
    return;
  }
  yield* parts.file
    .statement<(number | string)[], VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM object WHERE bucket_id = ? AND key = ? AND rank > ?
       UNION ALL SELECT ${VERSION_COLUMNS} FROM history WHERE bucket_id = ? AND key = ? AND rank > ? ORDER BY key, rank`,
    )
    .iterate(bucket.id, key, rank, bucket.id, key, rank);
  yield* readVersions(parts, bucket, keyAfter(key), before);
}

function readVersions({ file }: StoreParts, bucket: BucketRow, from: string, before: string | undefined) {
  const keys = keysOf(before);
  const parameters = keyParameters(from, before);
  return file
    .statement<(number | string)[], VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM object WHERE bucket_id = ? AND ${keys}
       UNION ALL SELECT ${VERSION_COLUMNS} FROM history WHERE bucket_id = ? AND ${keys} ORDER BY key, rank`,
    )
    .iterate(bucket.id, ...parameters, bucket.id, ...parameters);
}

/** The first row of a key is its newest version, unless the page began after that one. */
function toEntries(bucket: BucketRow, rows: readonly VersionRow[], begunKey: string | undefined): VersionEntry[] {
  let previous = begunKey;
  return rows.map((row) => {
    const isLatest = row.key !== previous;
    previous = row.key;
    return toEntry(bucket, row, isLatest);
  });
}

function toEntry(bucket: BucketRow, row: VersionRow, isLatest: boolean): VersionEntry {
  const { key, modified_at: modifiedAt } = row;
  const entry = { key, versionId: versionIdOf(bucket, row.version_id) ?? NULL_VERSION, isLatest, modifiedAt };
  if (!hasContent(row)) return entry;
  const { size, etag, checksum, owner } = toObjectInfo(bucket, row);
  const told = {
    size,
    etag,
    ...(checksum === undefined ? {} : { checksum }),
    ...(owner === undefined ? {} : { owner }),
  };
  return { ...entry, object: told };
}

function nextOf(
  bucket: BucketRow,
  last: { row: VersionRow } | { prefix: string } | undefined,
): Pick<VersionPage, 'next'> {
  if (last === undefined) return {};
  if ('prefix' in last) return { next: { key: last.prefix } };
  const { key, version_id } = last.row;
  return { next: { key, versionId: versionIdOf(bucket, version_id) ?? NULL_VERSION } };
}
