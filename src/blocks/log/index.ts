/**
 * The door of the logs: all that commands and other blocks may import. Light by construction: the store, the query engine, the agent and the
 * daemon are loaded when they are used.
 */

import type { Block } from '../../platform/daemon/block.js';
import type { AskContext, Asked, OpenLogs } from './ask.js';
import type { AskedForNothing } from './files/nothing-found.js';
import type { LogContext } from './log-context.js';
import type { EntryStore } from './store.js';

export type { AskContext, Asked, OpenLogs } from './ask.js';
export { logErrors } from './errors.js';
export type { LogContext, LogTarget } from './log-context.js';
export type * from './log-store.js';
export { ALL_TIME } from './log-store.js';
export { millisOf, nanosOf } from './nanos.js';
export { logOptions } from './server/options.js';
export { askFlags, directions, readAsked } from './typed/ask-flags.js';
export { isMetricQuery, withVariables } from './typed/query.js';
export { readTimeRange, USUAL_RANGE_MS, withinSpan } from './typed/time-range.js';

/** Where `ds log serve` listens when it is not told, for hints. */
export const logUrl = 'http://127.0.0.1:3100';

/** The block as the catalogue has it, for `ds log serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** Load on a collector. */
export const loadPushLoad = () => import('./bench/push-load.js');

/** What asking needs of a command. @param stdin what `-` names */
export function askContext(
  { clock, random, env, home }: LogContext,
  out: { note(text: string): void },
  stdin: () => AsyncIterable<Uint8Array>,
): AskContext {
  return { clock, random, env, home, stdin, onNote: (text) => out.note(text) };
}

/** Opens what is asked, uses it and closes it, whatever happens in between. */
export async function withLogs<T>(asked: Asked, context: AskContext, use: (logs: OpenLogs) => Promise<T>): Promise<T> {
  const { openLogs } = await import('./ask.js');
  const logs = await openLogs(asked, context);
  try {
    return await use(logs);
  } finally {
    await logs.store.close();
  }
}

/** Where nothing was found: at a terminal it is told what may have been meant. Returns the exit code. */
export async function nothingFound(
  out: { readonly isTerminal: boolean; readonly json: boolean; note(text: string): void },
  asked: AskedForNothing,
): Promise<1> {
  if (out.isTerminal && !out.json) out.note((await import('./files/nothing-found.js')).sayNothingFound(asked));
  return 1;
}

/** Entries and numbers as text and JSON. */
export const loadReport = () => import('./report.js');
export type { FieldReport } from './report/fields.js';
export type { Bucket } from './report/histogram.js';

/** What proves that each line was stored. */
export const loadVerify = () => import('./agent/verify.js');
export type { FileProof, Verified } from './agent/verify.js';

/** What ships logs. */
export const loadAgent = () => import('./agent/index.js');
export type { AgentEnd, AgentEvent } from './agent/index.js';

/** How it goes with what is shipped. */
export const loadAgentStatus = async () => ({
  ...(await import('./agent/status.js')),
  ...(await import('./agent/status-json.js')),
});
export type { PipelineStatus } from './agent/status.js';

/** Why a command takes no URL. */
export const FILE_ONLY = "Loki's API has no request for it";

/** The file itself, for what no server can be asked. */
export async function withEntryStore<T>(
  path: string,
  { clock }: Pick<LogContext, 'clock'>,
  use: (store: EntryStore) => Promise<T>,
): Promise<T> {
  const { openEntryStore } = await import('./store.js');
  const store = openEntryStore({ path, clock, oneShot: true });
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
