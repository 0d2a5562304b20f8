/** What `ds dns` keeps, in one SQLite file: zones with their history, and the cache of the forwarder. */
import type { Clock } from '../../platform/clock.js';
import { openStore, type Store } from '../../platform/store/store.js';
import { CACHE_LIMITS, type CacheLimits, type CacheShelf, StoredCache } from './store/cache-store.js';
import { JOURNAL_LIMITS, type JournalLimits } from './store/journal.js';
import { dnsFile } from './store/schema.js';
import { type SecondaryStore, StoredSecondaries } from './store/secondary-store.js';
import { Snapshots } from './store/snapshots.js';
import { StoredTargets, type TargetStore } from './store/target-store.js';
import type { ZoneStore } from './store/zone-store.js';
import { StoredZones } from './store/zones.js';

export interface DnsStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  /** See platform/store: `leave` for a command that ends by `process.exit`. Default `checkpoint`. */
  readonly closing?: 'checkpoint' | 'leave';
  /** Milliseconds to wait for another process's write; default 5000. */
  readonly busyTimeoutMs?: number;
  /** How much of its past each zone keeps; see {@link JOURNAL_LIMITS}. */
  readonly journal?: Partial<JournalLimits>;
  /** See {@link CACHE_LIMITS}. */
  readonly cache?: Partial<CacheLimits>;
}

export interface DnsStore {
  readonly path: string;
  readonly zones: ZoneStore;
  readonly secondaries: SecondaryStore;
  readonly targets: TargetStore;
  readonly cache: CacheShelf;
  /** Throws when the file can no longer be read, or is no longer the one at its path. */
  check(): void;
  /** The file itself, for integrity checks and backups. */
  readonly file: Store;
  /** Safe to call twice. */
  close(): void;
}

/**
 * Memory for pages of the file, so that names of a large zone that are asked for once in a while are read from there: the
 * pages of some million records. Taken as it is needed.
 */
const PAGE_CACHE_BYTES = 64 * 1024 * 1024;

/** Errors: those of the storage catalogue. */
export function openDnsStore({ clock, journal, cache, ...options }: DnsStoreOptions): DnsStore {
  const store = openStore(dnsFile, { ...options, pageCacheBytes: PAGE_CACHE_BYTES });
  const snapshots = new Snapshots(() => openStore(dnsFile, options));
  const zones = new StoredZones({ store, snapshots, clock, limits: { ...JOURNAL_LIMITS, ...journal } });
  return {
    path: store.path,
    file: store,
    zones,
    secondaries: new StoredSecondaries(store, clock),
    targets: new StoredTargets(store),
    cache: new StoredCache(store, clock, { ...CACHE_LIMITS, ...cache }),
    check: () => {
      store.checkInPlace();
      zones.version();
    },
    close: () => {
      snapshots.close();
      store.close();
    },
  };
}
