/**
 * The door of the logs: all that commands and other blocks may import. Light by construction: the store, the query engine, the agent and the
 * daemon are loaded when they are used.
 */

import type { Block } from '../../platform/daemon/block.js';
import type { LogContext } from './log-context.js';
import type { EntryStore } from './store.js';

export type { OpenLogs } from './ask.js';
export { Asking } from './asking.js';
export { logErrors } from './errors.js';
export type { LogContext, LogTarget } from './log-context.js';
export { logUrl } from './log-context.js';
export type * from './log-store.js';
export { ALL_TIME } from './log-store.js';
export { millisOf, nanosOf } from './nanos.js';
export { pathFromHere } from './report/path-from-here.js';
export { logOptions } from './server/options.js';
export { askFlags, directions } from './typed/ask-flags.js';
export { withVariables } from './typed/query.js';
export { USUAL_RANGE_MS, withinSpan } from './typed/time-range.js';

/** The block as the catalogue has it, for `ds log serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** Load on a collector. */
export const loadPushLoad = () => import('./bench/push-load.js');

/** Entries and numbers as text and JSON. */
export const loadReport = () => import('./report.js');
export type { FieldReport } from './report/fields.js';
export type { Bucket } from './report/histogram.js';

/** What proves that each line was stored. */
export const loadVerify = () => import('./agent/verify.js');
export type { FileProof, Verified } from './agent/verify.js';

/** What ships logs. */
export const loadAgent = () => import('./agent/index.js');
export type { AgentEnd } from './agent/index.js';

/** How it goes with what is shipped. */
export const loadAgentStatus = async () => ({
  ...(await import('./agent/status.js')),
  ...(await import('./agent/status-json.js')),
});
export type { PipelineStatus } from './agent/status.js';

/** Why a command takes no URL. */
export const FILE_ONLY = "Loki's API has no request for it";

/** The file itself, for what no server can be asked. `mustExist`: it was named, and is not made where there is none. */
export async function withEntryStore<T>(
  path: string,
  { clock, mustExist }: Pick<LogContext, 'clock'> & { readonly mustExist: boolean },
  use: (store: EntryStore) => Promise<T>,
): Promise<T> {
  const { openEntryStore } = await import('./store.js');
  const store = openEntryStore({ path, clock, oneShot: true, mustExist });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Stored entries, by SQL. */
export const loadSql = () => import('./store/sql.js');

/** What is stored. */
export const loadTotals = () => import('./store/totals.js');
export type { TenantTotals } from './store/totals.js';

/** Merging and removing. */
export const loadMaintenance = async () => ({
  ...(await import('./store/compactor.js')),
  ...(await import('./store/retention.js')),
});

/** Entries into files. */
export const loadExport = () => import('./files/export.js');

/** Entries once more, into sinks. */
export const loadReplay = async () => ({
  ...(await import('./agent/sinks/index.js')),
  ...(await import('./replay/replay.js')),
  ...(await import('./transform/index.js')),
});
