/** The store on a file, in this process: what commands use without a daemon, and the daemon underneath. */
import type { Clock, Random } from '../../platform/clock.js';
import { openStore } from '../../platform/store/store.js';
import { openContents, type StoredContents } from './store/contents/open.js';
import { FileBlobStore } from './store/file-blob-store.js';
import { Reserve, withReserve } from './store/reserve.js';
import { blobFile, packFolder } from './store/schema.js';

export interface BlobStoreOptions {
  /** Made, with its folder, when there is none. Packs are in a folder beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /** For a command that ends by `process.exit`: the WAL is left where it is. Default false. */
  readonly oneShot?: boolean;
  /** Bodies are cut and hashed in a thread of their own: for daemons. Default false. */
  readonly thread?: boolean;
  /** Upper bound of the file in pages of 4096 bytes; beyond it `storage.full`. Default: none. */
  readonly maxPages?: number;
}

/** A store on a file; to be closed. */
export type OpenBlobStore = FileBlobStore<StoredContents>;

/** Errors: those of the storage catalogue. */
export function openBlobStore(options: BlobStoreOptions): OpenBlobStore {
  const { path, clock, random, oneShot = false, thread = false, maxPages } = options;
  const closing = oneShot ? 'leave' : 'checkpoint';
  // The log and its index may have to be made, also for who only reads.
  const file = withReserve(path, () =>
    openStore(blobFile, { path, closing, ...(maxPages === undefined ? {} : { maxPages }) }),
  );
  try {
    if (thread) new Reserve(file, { random }).restore();
    const contents = openContents(file, { folder: packFolder(file.path), clock, random, thread });
    return new FileBlobStore(file, contents, clock, random);
  } catch (error) {
    file.close();
    throw error;
  }
}
