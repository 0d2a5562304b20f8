/** The ledger in a SQLite file, in this process: what commands use without a daemon, and daemons underneath. */
import type { Clock, Random } from '../../platform/clock.js';
import type { Ledger } from './ledger.js';
import { StoredLedger } from './store/ledger.js';
import { openSqlite } from './store/sqlite.js';

export interface CronStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  /** For the spread of retries; default the system's. */
  readonly random?: Random;
  /** For a command that ends by `process.exit`: the WAL is left where it is. Default false. */
  readonly oneShot?: boolean;
}

/** Errors: those of the storage catalogue. */
export async function openCronStore({ path, clock, random, oneShot = false }: CronStoreOptions): Promise<Ledger> {
  return new StoredLedger(openSqlite({ path, clock, oneShot }), { clock, ...(random === undefined ? {} : { random }) });
}
