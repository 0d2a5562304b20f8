/** The store on a file, in this process: what commands use without a daemon, and the agent and the daemon underneath. */
import type { Clock } from '../../platform/clock.js';
import { openStore } from '../../platform/store/store.js';
import type { Tenant } from './log-store.js';
import { EntryStore } from './store/entry-store.js';
import type { FileLogStore } from './store/file-log-store.js';
import { logFile } from './store/schema.js';

export type { EntryStore } from './store/entry-store.js';

export interface LogStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  /** Where there is none it is an error, `storage.cannot_open`. Default false. */
  readonly mustExist?: boolean;
  readonly clock: Clock;
  /** For a command that ends by `process.exit`: the write-ahead log is left where it is. Default false. */
  readonly oneShot?: boolean;
  /** Upper bound of the file in pages of 4096 bytes; beyond it `storage.full`. Default: none. */
  readonly maxPages?: number;
}

/**
 * The logs of one tenant, for a command that ends by `process.exit`; loads the query engine. To be closed. Errors: those of the storage
 * catalogue.
 */
export async function openLogStore({
  tenant,
  ...options
}: LogStoreOptions & { readonly tenant: Tenant }): Promise<FileLogStore> {
  const { FileLogStore } = await import('./store/file-log-store.js');
  return new FileLogStore(openEntryStore({ oneShot: true, ...options }), tenant);
}

/** Of all tenants. To be closed. Errors: those of the storage catalogue. */
export function openEntryStore({
  path,
  clock,
  oneShot = false,
  mustExist = false,
  maxPages,
}: LogStoreOptions): EntryStore {
  const closing = oneShot ? 'leave' : 'checkpoint';
  const sql = openStore(logFile, { path, closing, mustExist, ...(maxPages === undefined ? {} : { maxPages }) });
  return new EntryStore(sql, clock);
}
