/** What a store holds: as clients see it, and as it is stored. All but the sizes of pack files are sums of rows. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../platform/errors.js';
import type { Store } from '../../../platform/store/store.js';
import { packFolder } from './schema.js';
import type { BucketUsage } from './usage.js';

export interface StoreTotals {
  readonly buckets: number;
  /** Current ones. */
  readonly objects: number;
  /** Other versions and delete markers. */
  readonly versions: number;
  readonly uploads: number;
  /** Bytes of all versions, as they were put; snapshots and clones count again. */
  readonly logicalBytes: number;
  /** The same, with each content once: what copies, snapshots and clones share. */
  readonly contentBytes: number;
  /** The same, with each chunk once. */
  readonly uniqueBytes: number;
  /** The same, compressed: what has to be stored. */
  readonly storedBytes: number;
  readonly packs: number;
  /** Of pack files. */
  readonly packBytes: number;
  /** Of these, what nothing refers to any more: gc gives it back. */
  readonly garbageBytes: number;
  /** Of the database file. */
  readonly databaseBytes: number;
}

interface Sums {
  readonly contentBytes: number;
  readonly inlineBytes: number;
  readonly chunkBytes: number;
  readonly storedChunkBytes: number;
  readonly packs: number;
}

/** Garbage of contents that gc has not looked at yet is none: their chunks are still referred to. */
const SUMS = `
  SELECT
    (SELECT coalesce(sum(size), 0) FROM content WHERE refs > 0) AS contentBytes,
    (SELECT coalesce(sum(length(data)), 0) FROM inline) AS inlineBytes,
    (SELECT coalesce(sum(length), 0) FROM chunk) AS chunkBytes,
    (SELECT coalesce(sum(stored_length), 0) FROM chunk) AS storedChunkBytes,
    (SELECT count(*) FROM pack) AS packs`;

const NONE: Sums = { contentBytes: 0, inlineBytes: 0, chunkBytes: 0, storedChunkBytes: 0, packs: 0 };

export async function storeTotals(file: Store, usage: readonly BucketUsage[]): Promise<StoreTotals> {
  const sums = file.read(() => file.statement<[], Sums>(SUMS).get()) ?? NONE;
  const sum = (of: (bucket: BucketUsage) => number) => usage.reduce((total, bucket) => total + of(bucket), 0);
  const packBytes = await bytesBelow(packFolder(file.path));
  return {
    buckets: usage.length,
    objects: sum(({ objects }) => objects),
    versions: sum(({ versions }) => versions),
    uploads: sum(({ uploads }) => uploads),
    logicalBytes: sum(({ bytes, versionBytes }) => bytes + versionBytes),
    contentBytes: sums.contentBytes,
    uniqueBytes: sums.inlineBytes + sums.chunkBytes,
    storedBytes: sums.inlineBytes + sums.storedChunkBytes,
    packs: sums.packs,
    packBytes,
    garbageBytes: Math.max(0, packBytes - sums.storedChunkBytes),
    databaseBytes: (await stat(file.path)).size,
  };
}

async function bytesBelow(folder: string): Promise<number> {
  try {
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))));
    return sizes.reduce((total, size) => total + size, 0);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Packs come and go meanwhile. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
