/** The forwarder's cache on disk: what it needs of it (../cache/entry.ts), and what commands do with it. */
import type { CacheEntry, CacheFilter, CacheFlush, CacheStore } from '../cache/entry.js';

export interface CacheListOptions {
  /** Entries at most, the newest; default all. */
  readonly limit?: number;
}

export interface FlushReport {
  readonly flush: CacheFlush;
  /** Entries that were deleted from the file. */
  readonly deleted: number;
}

export interface CacheShelf extends CacheStore {
  /** Those that fit the filter, newest first, also the expired ones that are still there. */
  list(filter: CacheFilter, options?: CacheListOptions): CacheEntry[];
  /** Entries in the file. */
  count(): number;
  /** Deletes what fits the filter and notes it, so that running daemons forget it, too. */
  flush(filter: CacheFilter): FlushReport;
}
