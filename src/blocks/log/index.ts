/**
 * The door of the logs: all that commands and other blocks may import. Light by construction: the store, the query engine, the agent and the
 * daemon are loaded when they are used.
 */
import type { Clock, Random } from '../../platform/clock.js';
import type { Environment } from '../../platform/paths.js';

export { logErrors } from './errors.js';
export type * from './log-store.js';
export { logOptions } from './server/options.js';

/** Where entries are: a SQLite file, or a server that speaks Loki's API. */
export type LogTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Where `ds log serve` listens when it is not told, for hints. */
export const logUrl = 'http://127.0.0.1:3100';

export interface LogContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Of it the token for a server is read. */
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
  readonly signal?: AbortSignal;
}

/** Load on a collector. */
export const loadPushLoad = () => import('./bench/push-load.js');

/** What proves that each line was stored. */
export const loadVerify = () => import('./agent/verify.js');
export type { FileProof, Verified } from './agent/verify.js';

/** What ships logs. */
export const loadAgent = () => import('./agent/index.js');
export type { AgentEnd, AgentEvent, RawPlan } from './agent/index.js';

/** How it goes with what is shipped. */
export const loadAgentStatus = () => import('./agent/status.js');
export type { PipelineStatus } from './agent/status.js';
