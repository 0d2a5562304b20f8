/**
 * `--detach`: the same command once more in a process of its own, which outlives the terminal. The parent waits until
 * the child is ready, or says why it is not, and passes that on.
 *
 *     parent ── spawn, detached, stdout and stderr to the log file, IPC channel ──▶ child
 *            ◀── ready (one a block) ──────────────────────────────────────────────
 *            ◀── failed ────────────────────────────────────────────────────────────
 *            ◀── settled: nothing more will come; the channel closes ───────────────
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.js';
import type { DsError } from '../errors.js';
import type { Environment } from '../paths.js';
import { fromPlainError, type PlainError, toPlainError } from './error-transfer.js';
import { daemonErrors } from './errors.js';
import { makeHomeFolder } from './home-folder.js';
import type { ReadyReport } from './report.js';

/** In the child's environment: the log file, which also tells it that a parent waits. */
export const DETACHED_VARIABLE = 'DS_DETACHED_LOG';

type ChildMessage =
  | { readonly type: 'ready'; readonly report: ReadyReport }
  | { readonly type: 'failed'; readonly error: PlainError }
  | { readonly type: 'settled' };

export interface DetachRequest {
  /** This very program: `[process.execPath, '…/bin/run.js']`. */
  readonly program: readonly [string, ...string[]];
  /** Without `--detach`. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly log: string;
  readonly clock: Clock;
  /** Aborted when the user no longer wants it; the child is then stopped. */
  readonly signal: AbortSignal;
  /** Milliseconds until it must be ready. */
  readonly timeoutMs: number;
}

export interface DetachOutcome {
  readonly reports: readonly ReadyReport[];
  /** Blocks of an `up` that could not start while others did. */
  readonly failures: readonly DsError[];
}

/** Errors: what the child could not start for, `daemon.start_failed`, `daemon.start_timeout`. */
export async function startDetached(request: DetachRequest): Promise<DetachOutcome> {
  const child = spawnChild(request);
  const patience = new AbortController();
  const reports: ReadyReport[] = [];
  const failures: DsError[] = [];
  try {
    await Promise.race([
      settled(child, request.log, reports, failures),
      request.clock.sleep(request.timeoutMs, AbortSignal.any([patience.signal, request.signal])).then(() => {
        throw daemonErrors.error('daemon.start_timeout', `not ready after ${request.timeoutMs / 1000} s`, {
          hint: `tail ${request.log}`,
        });
      }),
    ]);
  } catch (error) {
    child.kill('SIGTERM');
    throw error;
  } finally {
    patience.abort();
    if (child.connected) child.disconnect();
    child.unref();
  }
  if (reports.length === 0 && failures[0] !== undefined) throw failures[0];
  return { reports, failures };
}

function spawnChild({ program, args, env, log }: DetachRequest): ChildProcess {
  makeHomeFolder(dirname(log));
  const descriptor = openSync(log, 'a', 0o600);
  const [command, ...leading] = program;
  try {
    return spawn(command, [...leading, ...args], {
      detached: true,
      env: { ...env, [DETACHED_VARIABLE]: log },
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
    });
  } finally {
    closeSync(descriptor);
  }
}

function settled(child: ChildProcess, log: string, reports: ReadyReport[], failures: DsError[]): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') reports.push(message.report);
      else if (message.type === 'failed') failures.push(fromPlainError(message.error));
      else resolve();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (failures.length > 0) return resolve();
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      reject(
        daemonErrors.error('daemon.start_failed', `the daemon ended ${how} before it was ready`, {
          hint: `tail ${log}`,
          details: { log },
        }),
      );
    });
  });
}

/** The child's end of the channel. Does nothing once the parent has gone. */
export interface ParentLink {
  ready(report: ReadyReport): void;
  failed(error: unknown): void;
  settled(): void;
}

/** Undefined in a process that startDetached() did not start. */
export function parentLink(env: Environment): ParentLink | undefined {
  if (env[DETACHED_VARIABLE] === undefined || process.send === undefined) return undefined;
  process.on('disconnect', () => {});
  const say = (message: ChildMessage) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  return {
    ready: (report) => say({ type: 'ready', report }),
    failed: (error) => say({ type: 'failed', error: toPlainError(error) }),
    settled() {
      say({ type: 'settled' });
      if (process.connected) process.channel?.unref();
    },
  };
}
