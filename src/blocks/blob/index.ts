/**
 * The blob store's door: all that commands and other blocks may import.
 *
 * Light by construction: stores, the AWS SDK and all that moves bytes are loaded when they are used, because `ds blob list` is measured
 * as a whole process.
 */
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import type { Environment } from '../../platform/paths.js';
import type { BlobStore } from './blob-store.js';
import type { OpenBlobStore } from './store.js';
import type { CopyEnds, TransferContext } from './transfer.js';

export type * from './blob-store.js';
export { blobErrors } from './errors.js';
export type * from './object-types.js';
export { contentTypeOf } from './rules/content-type.js';
export { blobOptions } from './server/options.js';
export { withFolderHint } from './typed/folder-hint.js';
export {
  readChecksumAlgorithm,
  readConditionFlags,
  readObjectFlags,
  readPairs,
  readRangeFlag,
} from './typed/object.js';
export { checksumFlag, conditionFlags, objectFlags } from './typed/object-flags.js';
export { type BucketPrefix, isTypedFolder, readBucket, readBucketPrefix, readPlace, sayPlace } from './typed/place.js';

/** Where buckets are: a SQLite file, or an S3 server. */
export type BlobTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Where `ds blob serve` listens when it is not told, for hints. */
export const blobUrl = 's3+http://127.0.0.1:9000';

/** Why a command takes no URL. */
export const FILE_ONLY = 'S3 has no request for it';

/** The block as the catalogue has it, for `ds blob serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** Why a request was refused by the daemon. */
export const loadExplain = () => import('./server/explain.js');
export type { ExplainedRequest } from './server/explain.js';

/** Buckets, objects and versions as JSON and in words. */
export const loadReport = () => import('./report.js');
export type { ListRow, SyncLine, VersionRow } from './report.js';

/** What is done to many objects. */
export const loadBulk = () => import('./bulk.js');
export type { Copied, Deleted, NamedObject, Usage } from './bulk.js';

/** Lists of objects and versions, page by page. */
export const loadPages = () => import('./bulk/pages.js');

/** Files, trees and objects from one place to another. */
export const loadTransfer = () => import('./transfer.js');
export type { CopyEnds, SyncEvent, SyncStep, SyncSummary, TransferContext, TransferProgress } from './transfer.js';

/** What transfers need, for a store and what is to be told while they go on. */
export function transferContext(
  target: BlobTarget,
  { clock, random, home, signal }: BlobContext,
  onProgress: TransferContext['onProgress'],
): TransferContext {
  const server = target.kind === 'url' ? target.url : undefined;
  return { clock, random, home, server, signal, onProgress };
}

/** What differs between two buckets. */
export const loadDiff = () => import('./bulk/diff.js');
export type { BucketDifference } from './bulk/diff.js';

/** Metadata, by SQL. */
export const loadSql = () => import('./store/sql.js');

/** URLs that are signed here, for others. */
export const loadPresign = () => import('./remote/presign.js');

/** Lifecycles: documents, and what they would do. */
export const loadLifecycle = () => import('./lifecycle.js');
export type { LifecycleAction } from './lifecycle.js';

/** What is stored, and how much of it is garbage. */
export const loadTotals = () => import('./store/totals.js');
export type { StoreTotals } from './store/totals.js';

/** A load on a server. */
export const loadBench = () => import('./bench.js');

/** Buckets as tar archives. */
export const loadArchive = () => import('./archive.js');
export type { ArchiveProgress } from './archive.js';

export interface BlobContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Of it the credentials for a server are read. */
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
  /** Stops connecting. */
  readonly signal?: AbortSignal;
}

/** Opens the file or connects to the server, uses it and closes it, whatever happens in between. */
export async function withBlobs<T>(
  target: BlobTarget,
  context: BlobContext,
  use: (store: BlobStore) => Promise<T>,
): Promise<T> {
  if (target.kind === 'file') return withBlobFile(target.path, context, use);
  const { openRemoteBlobStore } = await import('./remote/index.js');
  return useAndClose(await openRemoteBlobStore(target.url, context), use);
}

/** As {@link withBlobs}, for what only a file can be asked for. */
export async function withBlobFile<T>(
  path: string,
  { clock, random }: Pick<BlobContext, 'clock' | 'random'>,
  use: (store: OpenBlobStore) => Promise<T>,
): Promise<T> {
  const { openBlobStore } = await import('./store.js');
  return useAndClose(openBlobStore({ path, clock, random, oneShot: true }), use);
}

/** As {@link withBlobs}, of two stores; `same` where they are one. */
export async function withBlobPair<T>(
  [source, target]: readonly [BlobTarget, BlobTarget],
  context: BlobContext,
  use: (ends: CopyEnds) => Promise<T>,
): Promise<T> {
  return withBlobs(source, context, (from) => {
    if (JSON.stringify(source) === JSON.stringify(target)) return use({ from, to: from, same: true });
    return withBlobs(target, context, (to) => use({ from, to, same: false }));
  });
}

async function useAndClose<Store extends BlobStore, T>(store: Store, use: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
