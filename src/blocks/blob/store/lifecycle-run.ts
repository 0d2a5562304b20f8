/**
 * A lifecycle is carried out: the versions of a bucket are read in pages, judged, and what is due is done in transactions of some
 * versions each, between which others have their turn. Each is looked at again within its transaction: what changed since it was
 * judged is left for the next run.
 */
import { DAY_MS, matchesFilter, midnightAfter } from '../lifecycle/due.js';
import { type JudgedVersion, LifecycleJudge, type Verdict, type VersionAction } from '../lifecycle/judge.js';
import type { LifecycleRule } from '../lifecycle/rule.js';
import { decodeAttributes } from './attributes.js';
import type { StoreParts } from './parts.js';
import { type BucketRow, hasContent, NULL_VERSION, type VersionRow, versionIdOf } from './rows.js';
import { UPLOAD_COLUMNS, type UploadRow } from './upload-rows.js';
import type { Uploads } from './uploads.js';
import { readVersionsAfter } from './version-listing.js';

export type LifecycleAction = {
  readonly key: string;
  /** Of the version; 0 of an upload. */
  readonly size: number;
  readonly ruleId: string;
} & (
  | { readonly action: VersionAction; readonly versionId: string }
  | { readonly action: 'abort_upload'; readonly uploadId: string }
);

export interface LifecycleRunOptions {
  /** Tells what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Ends the run between two transactions. */
  readonly signal?: AbortSignal;
}

interface Walked extends JudgedVersion {
  readonly row: VersionRow;
}

const PAGE = 1000;
/** Versions that are deleted in one transaction. */
const BATCH = 100;

/** What was done, as soon as it is on disk. Errors: `blob.no_such_bucket`, `blob.read_only_bucket`, and those of the storage catalogue. */
export async function* runLifecycle(
  parts: StoreParts,
  uploads: Uploads,
  bucketName: string,
  rules: readonly LifecycleRule[],
  options: LifecycleRunOptions = {},
): AsyncGenerator<LifecycleAction> {
  const { dryRun = false, signal } = options;
  const { buckets, clock } = parts;
  const bucket = buckets.findWritable(bucketName);
  const judge = new LifecycleJudge<Walked>(rules, clock.now());
  let after: VersionRow | undefined;
  let rows: VersionRow[];
  do {
    rows = parts.file.view(() => readVersionsAfter(parts, bucket, after, PAGE));
    after = rows.at(-1);
    const verdicts = rows.flatMap((row) => judge.judge(toWalked(row)));
    if (rows.length < PAGE) verdicts.push(...judge.end());
    for (let start = 0; start < verdicts.length && !signal?.aborted; start += BATCH) {
      const batch = verdicts.slice(start, start + BATCH);
      yield* (dryRun ? batch : await carryOut(parts, bucketName, batch)).map((verdict) => toAction(bucket, verdict));
    }
    // A turn for others, also where nothing was due.
    await new Promise(setImmediate);
  } while (rows.length === PAGE && !signal?.aborted);
  if (!signal?.aborted) yield* abortUploads(parts, uploads, bucket, rules, options);
}

/** In one transaction; returns those that were still as they were judged. */
function carryOut(
  parts: StoreParts,
  bucketName: string,
  verdicts: readonly Verdict<Walked>[],
): Promise<Verdict<Walked>[]> {
  const { buckets, versions, clock, writes } = parts;
  return writes.free(() =>
    verdicts.filter(({ action, version: { key, row }, newerVersionsKept }) => {
      // Read anew for each, for each write takes a number of it.
      const bucket = buckets.findWritable(bucketName);
      if (action === 'expire') {
        if (!isSame(versions.current(bucket, key), row)) return false;
        versions.hide(bucket, key, clock.now());
        return true;
      }
      if (action === 'expire_noncurrent') {
        if (!hasNewer(parts, bucket, row, newerVersionsKept)) return false;
      } else if (!isAlone(parts, bucket, row)) return false;
      const found = versions.find(bucket, key, row.version_id === '' ? NULL_VERSION : row.version_id);
      if (found === undefined || found.isCurrent || !isSame(found.row, row)) return false;
      versions.remove(bucket, found);
      return true;
    }),
  );
}

/** The same version, with the same tags. */
function isSame(found: VersionRow | undefined, judged: VersionRow): boolean {
  return found !== undefined && found.rank === judged.rank && found.attributes === judged.attributes;
}

/** Whether the key has `count` noncurrent versions that are newer than this one. No more than those are looked at, however many there are. */
function hasNewer(
  { file, versions }: StoreParts,
  bucket: BucketRow,
  { key, rank }: VersionRow,
  count: number,
): boolean {
  if (count === 0) return true;
  const newestIsThere = versions.current(bucket, key) === undefined;
  const wanted = count + (newestIsThere ? 1 : 0);
  const newer = file
    .statement<[number, string, number, number], { count: number }>(
      'SELECT count(*) AS count FROM (SELECT 1 FROM history WHERE bucket_id = ? AND key = ? AND rank < ? LIMIT ?)',
    )
    .get(bucket.id, key, rank, wanted);
  return newer?.count === wanted;
}

/** No other version of the key is there. */
function isAlone({ file, versions }: StoreParts, bucket: BucketRow, { key }: VersionRow): boolean {
  const rows = file
    .statement<[number, string], { count: number }>(
      'SELECT count(*) AS count FROM (SELECT 1 FROM history WHERE bucket_id = ? AND key = ? LIMIT 2)',
    )
    .get(bucket.id, key);
  return rows?.count === 1 && versions.current(bucket, key) === undefined;
}

async function* abortUploads(
  parts: StoreParts,
  uploads: Uploads,
  bucket: BucketRow,
  rules: readonly LifecycleRule[],
  { dryRun = false, signal }: LifecycleRunOptions,
): AsyncGenerator<LifecycleAction> {
  const { clock, writes } = parts;
  const aborting = rules.filter((rule) => rule.enabled && rule.abortUploadsAfterDays !== undefined);
  if (aborting.length === 0) return;
  const oldEnough = clock.now() - Math.min(...aborting.map((rule) => rule.abortUploadsAfterDays ?? 0)) * DAY_MS;
  for (const row of uploadsBefore(parts, bucket, oldEnough)) {
    if (signal?.aborted) return;
    const rule = aborting.find(
      ({ filter, abortUploadsAfterDays: days = 0 }) =>
        matchesFilter(filter, row) && midnightAfter(row.started_at, days) <= clock.now(),
    );
    if (rule === undefined) continue;
    const place = { bucket: bucket.name, key: row.key, uploadId: row.public_id };
    if (!dryRun && !(await writes.free(() => uploads.dropIfThere(place)))) continue;
    yield { action: 'abort_upload', key: row.key, uploadId: row.public_id, size: 0, ruleId: rule.id };
  }
}

/** The oldest first, read in pages. */
function* uploadsBefore({ file }: StoreParts, bucket: BucketRow, startedAt: number): Generator<UploadRow> {
  let rows: UploadRow[];
  let after = 0;
  do {
    rows = file.read(() =>
      file
        .statement<[number, number, number], UploadRow>(
          `SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ? AND id > ? AND started_at <= ? ORDER BY id LIMIT ${PAGE}`,
        )
        .all(bucket.id, after, startedAt),
    );
    yield* rows;
    after = rows.at(-1)?.id ?? after;
  } while (rows.length === PAGE);
}

function toWalked(row: VersionRow): Walked {
  const { tags = {} } = decodeAttributes(row.attributes);
  return { row, key: row.key, isMarker: !hasContent(row), size: row.size, modifiedAt: row.modified_at, tags };
}

function toAction(bucket: BucketRow, { action, version: { row }, ruleId }: Verdict<Walked>): LifecycleAction {
  const versionId = versionIdOf(bucket, row.version_id) ?? NULL_VERSION;
  return { action, key: row.key, versionId, size: row.size, ruleId };
}
