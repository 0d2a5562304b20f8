/**
 * The life of a daemon in a process of its own:
 *
 *     starting ──▶ ready ──first SIGTERM, SIGINT──▶ stopping ──▶ stopped (exit 0)
 *        │           │                                 │
 *        └─ error ───┴─ uncaught error ─▶ failed       └─ second signal ─▶ ends at once (the signal handler's doing)
 *
 * The registry entry exists from ready to stopped.
 */

import type { Logger } from 'pino';
import { crashed } from './error-transfer.js';
import type { HostedDaemon, HostRequest } from './host.js';
import { startDaemon } from './host.js';
import { type RegistryEntry, register, unregister } from './registry.js';
import type { Pending, ReadyReport } from './report.js';

/** Tells people what happens; the command line prints it. */
interface DaemonReporter {
  ready(report: ReadyReport): Promise<void> | void;
  stopping(): void;
  /** `cutOff`: what was broken off; undefined: nothing. */
  stopped(pending: Pending, cutOff: string | undefined): void;
}

export interface LifecycleRequest extends HostRequest {
  /** Its abort asks the daemon to stop. */
  readonly signal: AbortSignal;
  readonly reporter: DaemonReporter;
  /** The log file, for the registry. */
  readonly log?: string;
}

/** Resolves once the daemon was asked to stop and has. Errors: as startDaemon, and `daemon.crashed`. */
export async function serveUntilStopped(request: LifecycleRequest): Promise<void> {
  const crash = watchForCrash(request);
  let entry: RegistryEntry | undefined;
  try {
    const daemon = await Promise.race([startDaemon(request), crash.failure]);
    entry = entryOf(request, daemon);
    await register(request.home, entry);
    const report = request.log === undefined ? daemon.report : { ...daemon.report, log: request.log };
    request.logger.info({ endpoints: daemon.report.endpoints.map(({ url }) => url) }, 'ready');
    await request.reporter.ready(report);
    await Promise.race([aborted(request.signal), crash.failure]);
    await Promise.race([stop(daemon, request), crash.failure]);
  } finally {
    crash.dispose();
    if (entry !== undefined) await unregister(request.home, entry);
  }
}

async function stop(daemon: HostedDaemon, { reporter, logger }: LifecycleRequest): Promise<void> {
  const pending = daemon.pending();
  reporter.stopping();
  const cutOff = await daemon.stop();
  logStopped(logger, cutOff);
  reporter.stopped(pending, cutOff);
}

export function logStopped(logger: Logger, cutOff: string | undefined): void {
  if (cutOff === undefined) logger.info('stopped');
  else logger.warn(`stopped, ${cutOff}`);
}

function entryOf({ clock, version, log }: LifecycleRequest, { report }: HostedDaemon): RegistryEntry {
  return {
    block: report.block,
    pid: report.pid,
    state: 'running',
    endpoints: report.endpoints,
    ...(report.db !== undefined && { db: report.db }),
    ...(log !== undefined && { log }),
    startedAt: new Date(clock.now()).toISOString(),
    version,
  };
}

/** An error that nothing caught leaves the daemon in an unknown state: what is acknowledged is on disk, so it ends. */
function watchForCrash({ logger }: LifecycleRequest): { failure: Promise<never>; dispose(): void } {
  let fail: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});
  const onError = (error: unknown) => {
    logger.fatal({ err: error }, 'an error that nothing caught: ending');
    fail(crashed(error));
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    failure,
    dispose() {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
