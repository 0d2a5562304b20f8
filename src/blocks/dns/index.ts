/**
 * The door of the domain name system: all that commands and other blocks may import.
 *
 * Light by construction: `ds dns query` is measured as a whole process, so what a query over UDP does not need is loaded when
 * it is used. So are the store, the server and everything that only some commands take.
 */
import type { Block } from '../../platform/daemon/block.js';

export { dnsOptions } from './server/options.js';

/** The block as the catalogue has it, for `ds dns serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** `ds dns query`: asks name servers, as dig does. */
export const loadQuery = () => import('./query.js');
export type { QueryRow, QueryView, Shown } from './query.js';

/** `ds dns trace`: follows delegations from the root. */
export const loadTrace = () => import('./trace.js');

/** `ds dns compare`: one question to several servers. */
export const loadCompare = () => import('./compare.js');

/** `ds dns diff`: whether all servers of a zone serve the same. */
export const loadDrift = () => import('./drift.js');

/** `ds dns bench`: load on a name server. */
export const loadBench = () => import('./bench.js');

/** Zones of other servers: for `ds dns axfr` and `ds dns zone import --from`. */
export const loadTransfer = () => import('./transfer.js');

/** Zones and records in the file, for the commands about them; brings SQLite. */
export const loadZones = () => import('./zones.js');
export type {
  ChangeSummary,
  CopyReport,
  CopyState,
  DifferenceFields,
  FileProblem,
  FileVerdict,
  ImportProgress,
  LiveDaemon,
  Name,
  RecordFields,
  ResponseCount,
  ZoneDifference,
  ZoneProblem,
  ZoneStore,
} from './zones.js';

/** Targets that are checked, and why names are answered as they are; brings SQLite. */
export const loadTargets = () => import('./targets.js');
export type { Explanation, TargetReport } from './targets.js';

/** Answers of other servers that the daemon keeps; brings SQLite. */
export const loadCache = () => import('./cached.js');
export type { CachedFields } from './cached.js';

/** Why the commands about it take no --url. */
export const CACHE_IN_FILE =
  'the daemon writes its cache into the file within a second, and follows what is flushed there';

/** Why those about zones take none. */
export const FILE_ONLY =
  'zones are changed in the file, which the daemon serves at once; dynamic update is not there yet';
