/**
 * What a supervisor and a block's worker thread say to each other.
 *
 *     supervisor ── ThreadTask (workerData) ──▶ thread
 *                ◀── ready or failed ──────────
 *                ── stop ─────────────────────▶
 *                ◀── stopping, stopped, exit 0
 */
import type { Environment } from '../paths.js';
import type { RawOptions } from './block.js';
import type { PlainError } from './error-transfer.js';
import type { LogLevel, StreamStyle } from './logger.js';
import type { Pending, ReadyReport } from './report.js';

export interface ThreadTask {
  readonly block: string;
  readonly options: RawOptions;
  readonly home: string;
  readonly machine: string;
  readonly version: string;
  readonly environment: Environment;
  readonly logLevel: LogLevel;
  /** The block's own log file; none is written without it. */
  readonly logFile?: string;
  /** Logs to stderr, too, in this style. */
  readonly console?: StreamStyle;
}

export type FromThread =
  | { readonly type: 'ready'; readonly report: ReadyReport; readonly graceMs: number }
  | { readonly type: 'failed'; readonly error: PlainError }
  | { readonly type: 'stopping'; readonly pending: Pending }
  /** With what was broken off. */
  | { readonly type: 'stopped'; readonly cutOff: string | undefined };

export type ToThread = { readonly type: 'stop' };
