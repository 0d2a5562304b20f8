/** What `ds dns` keeps, in one SQLite file: zones with their history, and the cache of the forwarder. */
import type { Clock } from '../../platform/clock.js';
import type { Store } from '../../platform/store/store.js';
import type { CacheShelf } from './store/cache-store.js';
import type { ZoneStore } from './store/zone-store.js';

export interface DnsStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  /** See platform/store: `leave` for a command that ends by `process.exit`. Default `checkpoint`. */
  readonly closing?: 'checkpoint' | 'leave';
  /** Milliseconds to wait for another process's write; default 5000. */
  readonly busyTimeoutMs?: number;
}

export interface DnsStore {
  readonly path: string;
  readonly zones: ZoneStore;
  readonly cache: CacheShelf;
  /** Changes with every commit to the file, by this process or another. */
  dataVersion(): number;
  /** Throws when the file can no longer be read, or is no longer the one at its path. */
  check(): void;
  /** The file itself, for integrity checks and backups. */
  readonly file: Store;
  /** Safe to call twice. */
  close(): void;
}
