/** How much there is: counts that are kept, sums that are read, and both compared. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Versioning } from '../object-types.js';
import { keyAfter } from '../rules/key-order.js';
import { commonPrefixOf, rangeOfPage } from '../rules/rollup.js';
import type { BucketCounts } from './buckets.js';
import { checkList, keyParameters, keysOf } from './listing.js';
import type { StoreParts } from './parts.js';

export interface BucketUsage extends BucketCounts {
  readonly name: string;
  readonly versioning: Versioning;
  readonly snapshotOf?: string;
  readonly uploads: number;
}

export interface PrefixUsage {
  /** Of the query, or a common prefix below it. */
  readonly prefix: string;
  readonly objects: number;
  readonly bytes: number;
}

/** Rows that are read at a time; between them others have their turn. */
const ROWS_A_TURN = 5000;

/** By name, from counts that are kept: no objects are read. */
export function bucketUsages({ file, buckets }: StoreParts): BucketUsage[] {
  return file.view(() =>
    buckets.list().map((bucket) => {
      const uploads = file
        .statement<[number], { count: number }>('SELECT count(*) AS count FROM upload WHERE bucket_id = ?')
        .get(bucket.id);
      return {
        name: bucket.name,
        versioning: bucket.versioning,
        ...(bucket.snapshot_of === null ? {} : { snapshotOf: bucket.snapshot_of }),
        ...buckets.counts(bucket),
        uploads: uploads?.count ?? 0,
      };
    }),
  );
}

/**
 * Sums of the current objects below a prefix, one for each common prefix where a delimiter is given, and one (of the query's prefix) for those
 * that are in none. In the order of keys, as soon as each is known; the one of the query's prefix comes last.
 */
export async function* usageByPrefix(
  { file, buckets }: StoreParts,
  bucketName: string,
  query: { readonly prefix?: string; readonly delimiter?: string },
): AsyncGenerator<PrefixUsage> {
  const { prefix, delimiter } = checkList({ ...query, limit: 0 });
  const { id } = buckets.find(bucketName);
  const range = rangeOfPage({ prefix, delimiter }, undefined);
  const own = { prefix, objects: 0, bytes: 0 };
  let open = own;
  for (let from = range?.from; from !== undefined; ) {
    const start: string = from;
    const rows = file.read(() =>
      file
        .statement<(number | string)[], { readonly key: string; readonly size: number }>(
          `SELECT key, size FROM object WHERE bucket_id = ? AND ${keysOf(range?.before)} ORDER BY key LIMIT ${ROWS_A_TURN}`,
        )
        .all(id, ...keyParameters(start, range?.before)),
    );
    for (const { key, size } of rows) {
      const rolled = commonPrefixOf(key, { prefix, delimiter });
      if (rolled !== undefined && rolled !== open.prefix) {
        if (open !== own) yield open;
        open = { prefix: rolled, objects: 0, bytes: 0 };
      }
      const sum = rolled === undefined ? own : open;
      sum.objects++;
      sum.bytes += size;
    }
    const last = rows.at(-1);
    from = last === undefined || rows.length < ROWS_A_TURN ? undefined : keyAfter(last.key);
    await nextTurn();
  }
  if (open !== own) yield open;
  yield own;
}

/** Counts the rows of a bucket: what {@link BucketCounts} has to say. Reads all of them. */
export function recount(
  { file, buckets }: StoreParts,
  bucketName: string,
): { readonly kept: BucketCounts; readonly counted: BucketCounts } {
  return file.view(() => {
    const bucket = buckets.find(bucketName);
    const [objects, versions] = ['object', 'history'].map((table) =>
      file
        .statement<[number], { count: number; bytes: number }>(
          `SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM ${table} WHERE bucket_id = ?`,
        )
        .get(bucket.id),
    );
    const counted = {
      objects: objects?.count ?? 0,
      bytes: objects?.bytes ?? 0,
      versions: versions?.count ?? 0,
      versionBytes: versions?.bytes ?? 0,
    };
    return { kept: buckets.counts(bucket), counted };
  });
}
