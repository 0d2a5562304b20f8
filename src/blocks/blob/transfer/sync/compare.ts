/**
 * Whether a file and an object, or two objects, are the same: by size first, then
 *
 *     --checksum        by what the object is stored with, of which the file's bytes are read
 *     file, object      by the time in the object's metadata (x-amz-meta-mtime), as rclone and this program put it there; where it has none, a file that
 *                       was changed after the object was put is another one
 *     object, object    by ETag and checksum; where these were made in parts and cannot be compared, by the times
 */
import { join } from 'node:path';
import type { ObjectStat } from '../../object-types.js';
import { ObjectCheck, planCheck } from '../check.js';
import { objectTime } from '../get-file.js';
import { openSource, readSource } from '../local-file.js';
import { mtimeOf, SAME_TIME_MS } from '../mtime.js';
import { unevenSizes } from '../read-checked.js';
import type { SyncEntry } from './entry.js';
import type { BucketSide, FolderSide, SyncSide } from './side.js';

/** Why it has to be copied. */
export type DiffersBy = 'size' | 'time' | 'checksum';

export interface ComparedPair {
  readonly source: SyncEntry;
  readonly target: SyncEntry;
}

/** Undefined: they are the same. */
export async function differsBy(
  source: SyncSide,
  target: SyncSide,
  pair: ComparedPair,
  byChecksum: boolean,
): Promise<DiffersBy | undefined> {
  if (pair.source.size !== pair.target.size) return 'size';
  if (source.kind === 'folder' && target.kind === 'bucket') {
    const stat = await statOf(target, pair.target.path);
    if (byChecksum) {
      const same = await hasBytesOf(source, target, pair.source.path, stat);
      if (same !== undefined) return same ? undefined : 'checksum';
    }
    const stored = mtimeOf(stat.metadata);
    const fileTime = pair.source.modifiedAt;
    if (stored !== undefined) return isSameTime(stored, fileTime) ? undefined : 'time';
    return fileTime > stat.modifiedAt ? 'time' : undefined;
  }
  if (source.kind === 'bucket' && target.kind === 'folder') {
    const stat = await statOf(source, pair.source.path);
    if (byChecksum) {
      const same = await hasBytesOf(target, source, pair.source.path, stat);
      if (same !== undefined) return same ? undefined : 'checksum';
    }
    return isSameTime(objectTime(stat), pair.target.modifiedAt) ? undefined : 'time';
  }
  if (source.kind === 'bucket' && target.kind === 'bucket') return objectsDiffer(source, target, pair, byChecksum);
  return undefined;
}

function isSameTime(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_TIME_MS;
}

async function statOf({ store, bucket, prefix }: BucketSide, path: string): Promise<ObjectStat> {
  return (await store.statObject({ bucket, key: prefix + path })).stat;
}

/** Undefined: the object has nothing to compare by. */
async function hasBytesOf(
  folder: FolderSide,
  { store, bucket, prefix }: BucketSide,
  path: string,
  stat: ObjectStat,
): Promise<boolean | undefined> {
  const place = { bucket, key: prefix + path };
  const plan = await planCheck(store, place, stat);
  if (plan === undefined) return undefined;
  const source = await openSource(join(folder.path, path));
  try {
    const check = new ObjectCheck(plan);
    for await (const piece of readSource(source)) check.update(piece);
    if (check.isRight()) return true;
    // Of parts that are not of one size nothing is known: it is copied again.
    return (await unevenSizes(store, place, stat.size, plan)) === undefined ? false : undefined;
  } finally {
    await source.handle.close();
  }
}

async function objectsDiffer(
  source: BucketSide,
  target: BucketSide,
  pair: ComparedPair,
  byChecksum: boolean,
): Promise<DiffersBy | undefined> {
  const etags = [pair.source.etag ?? '', pair.target.etag ?? ''] as const;
  if (etags[0] !== '' && etags[0] === etags[1]) return undefined;
  if (etags.every((etag) => /^[0-9a-f]{32}$/.test(etag))) return 'checksum';
  const [from, to] = await Promise.all([statOf(source, pair.source.path), statOf(target, pair.target.path)]);
  if (from.checksum !== undefined && from.checksum.algorithm === to.checksum?.algorithm) {
    if (from.checksum.value === to.checksum.value) return undefined;
    if (from.checksum.type === 'FULL_OBJECT' && to.checksum.type === 'FULL_OBJECT') return 'checksum';
  }
  if (byChecksum) return 'checksum';
  const times = [mtimeOf(from.metadata), mtimeOf(to.metadata)] as const;
  if (times[0] !== undefined && times[1] !== undefined) return isSameTime(times[0], times[1]) ? undefined : 'time';
  return from.modifiedAt > to.modifiedAt ? 'time' : undefined;
}
