/**
 * One block under supervision, in a worker thread:
 *
 *                     ┌──────────────── backoff ────────────────┐
 *                     ▼                                         │
 *     starting ──▶ running ──thread died or failed──▶ restarting
 *        │            │                                         │
 *        │            └──stop──▶ stopping ──▶ stopped ◀──stop───┘
 *        └─ bad options, and it never ran ──▶ failed
 *
 * A start that fails because of what the user asked (kind `usage`) is not tried again, unless the same options worked
 * before: then the port, say, is held by something that may go.
 */
import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Clock, Random } from '../clock.js';
import type { DsError } from '../errors.js';
import { backoffMs, HEALTHY_MS } from './backoff.js';
import { crashed, fromPlainError } from './error-transfer.js';
import type { DaemonState } from './registry.js';
import type { Pending, ReadyReport } from './report.js';
import type { FromThread, ToThread } from './thread-protocol.js';

/** Beyond a daemon's own grace, for closing files; then its thread is ended from outside. */
const EXTRA_GRACE_MS = 5_000;

export interface BlockStatus {
  readonly block: string;
  readonly state: DaemonState | 'stopped';
  readonly report?: ReadyReport;
  readonly restarts: number;
  /** Why it is not running; in the state `stopped`: why it could not stop in order. */
  readonly error?: DsError;
  /** Until the next attempt, in the state `restarting`. */
  readonly retryInMs?: number;
}

export interface SupervisedBlockRequest {
  readonly block: string;
  readonly startThread: () => Worker;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onChange: (status: BlockStatus) => void;
}

export class SupervisedBlock {
  readonly #request: SupervisedBlockRequest;
  readonly #stopping = new AbortController();
  #status: BlockStatus;
  #thread: Worker | undefined;
  #graceMs = 0;
  #everReady = false;
  /** What was pending when it began to stop. */
  pending: Pending = { connections: 0, writes: 0 };
  /** What its stop broke off. */
  cutOff: string | undefined;
  /** Settles, never rejecting, once the block is stopped or failed for good. */
  readonly ended: Promise<void>;

  constructor(request: SupervisedBlockRequest) {
    this.#request = request;
    this.#status = { block: request.block, state: 'starting', restarts: 0 };
    this.ended = this.#run();
  }

  get status(): BlockStatus {
    return this.#status;
  }

  /** Asks the daemon to stop within its grace; a thread that does not end by then is ended. */
  async stop(): Promise<void> {
    const { clock } = this.#request;
    if (!this.#stopping.signal.aborted) {
      if (this.#thread !== undefined) this.#change({ state: 'stopping' });
      this.#stopping.abort();
      this.#tell({ type: 'stop' });
    }
    const patience = new AbortController();
    const lost = clock.sleep(this.#graceMs + EXTRA_GRACE_MS, patience.signal).then(
      async () => {
        this.#request.logger.warn(
          { block: this.#request.block },
          'the daemon did not stop in time: its thread is ended',
        );
        await this.#thread?.terminate();
      },
      () => {},
    );
    await Promise.race([this.ended, lost.then(() => this.ended)]);
    patience.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, logger, block } = this.#request;
    for (let failures = 0; !this.#stopping.signal.aborted; ) {
      const startedAt = clock.monotonic();
      const reason = await this.#runThread();
      if (this.#stopping.signal.aborted) return this.#change({ state: 'stopped', ...(reason && { error: reason }) });
      const error = reason ?? crashed('its thread ended by itself');
      if (error.kind === 'usage' && !this.#everReady) return this.#change({ state: 'failed', error });
      failures = clock.monotonic() - startedAt >= HEALTHY_MS ? 1 : failures + 1;
      const retryInMs = Math.round(backoffMs(failures, random));
      logger.error({ block, code: error.code, retry_in_ms: retryInMs }, error.message);
      this.#change({ state: 'restarting', error, retryInMs });
      await clock.sleep(retryInMs, this.#stopping.signal).catch(() => {});
      if (!this.#stopping.signal.aborted) this.#change({ state: 'starting', restarts: this.#status.restarts + 1 });
    }
    this.#change({ state: 'stopped' });
  }

  /** Resolves when the thread has ended; with the reason, if it was not told to. */
  #runThread(): Promise<DsError | undefined> {
    const thread = this.#request.startThread();
    this.#thread = thread;
    let reason: DsError | undefined;
    thread.on('message', (message: FromThread) => {
      if (message.type === 'failed') reason = fromPlainError(message.error);
      else this.#hear(message);
    });
    thread.on('error', (error) => {
      reason = crashed(error);
    });
    return new Promise((resolve) => {
      thread.on('exit', (code) => {
        this.#thread = undefined;
        resolve(reason ?? (code === 0 ? undefined : crashed(`its thread ended with code ${code}`)));
      });
    });
  }

  #hear(message: Exclude<FromThread, { type: 'failed' }>): void {
    if (message.type === 'stopping') {
      this.pending = message.pending;
      return;
    }
    if (message.type === 'stopped') {
      this.cutOff = message.cutOff;
      return;
    }
    this.#everReady = true;
    this.#graceMs = message.graceMs;
    if (this.#stopping.signal.aborted) this.#tell({ type: 'stop' });
    else this.#change({ state: 'running', report: message.report });
  }

  #tell(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  #change(change: Pick<BlockStatus, 'state'> & Partial<BlockStatus>): void {
    const { block, restarts, report } = this.#status;
    this.#status = { block, restarts, ...(report !== undefined && { report }), ...change };
    this.#request.onChange(this.#status);
  }
}
