/** What commands hand to the block: where entries are, and what opening them takes. */
import type { Clock, Random } from '../../platform/clock.js';
import type { Environment } from '../../platform/paths.js';

/** Where entries are: a SQLite file, or a server that speaks Loki's API. */
export type LogTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

export interface LogContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Of it the token for a server is read. */
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
  readonly signal?: AbortSignal;
}

/** Where `ds log serve` listens when it is not told, for hints. */
export const logUrl = 'http://127.0.0.1:3100';
