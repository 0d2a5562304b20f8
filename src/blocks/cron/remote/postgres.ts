/**
 * The ledger in a PostgreSQL that several machines share. Loaded only when a URL names one: it brings the client library.
 *
 *     postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME     its tables are in a schema of their own, default ds_cron
 */
import type { Clock, Random } from '../../../platform/clock.js';
import type { Ledger } from '../ledger.js';
import { StoredLedger } from '../store/ledger.js';
import { openPostgres } from './postgres/database.js';

export interface PostgresLedgerOptions {
  readonly clock: Clock;
  /** Gives up waiting for the server while it is being opened. */
  readonly signal?: AbortSignal;
  /** For the spread of retries; default the system's. */
  readonly random?: Random;
  /** Transactions at once; default 4. */
  readonly connections?: number;
  /** Default: the server's clock. Milliseconds since the epoch. */
  readonly wall?: () => number;
}

/** Errors: `peer.bad_url`, `cron.database_unreachable`; `storage.newer_schema` when a newer ds has made the tables. */
export async function openPostgresLedger(url: string, options: PostgresLedgerOptions): Promise<Ledger> {
  const database = await openPostgres(url, options);
  return new StoredLedger(database, options);
}
