/** Starts one block with what every daemon has around it: checked options, metrics, the admin endpoint. */
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock, Random } from '../clock.js';
import { checkOptions } from '../config/options.js';
import type { Environment } from '../paths.js';
import { type Access, isLoopback, readAddress } from './address.js';
import { type AdminEndpoint, registerBuildInfo, startAdmin } from './admin.js';
import type { Block, Endpoint, RawOptions, RunningDaemon } from './block.js';
import type { Pending, ReadyReport } from './report.js';
import { readSecretFile } from './secret.js';
import { OFF, sharedOptions } from './shared-options.js';

/** Milliseconds between the looks at how late the event loop is. With prom-client's 10 an idle daemon takes 1 % of a core. */
const LATENESS_INTERVAL_MS = 100;

export interface HostRequest {
  readonly block: Block;
  readonly options: RawOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly home: string;
  readonly machine: string;
  readonly version: string;
  readonly environment: Environment;
}

export interface HostedDaemon {
  readonly report: ReadyReport;
  /** Grace that the options ask for, in milliseconds. */
  readonly graceMs: number;
  pending(): Pending;
  /** Stops the block, then its admin endpoint, so that a probe can still ask meanwhile. Returns what was broken off. */
  stop(): Promise<string | undefined>;
}

/** Errors: `config.invalid`, `listen.*`, `secret.unreadable`, and what the block's own start can meet. */
export async function startDaemon(request: HostRequest): Promise<HostedDaemon> {
  const { block, options, logger } = request;
  const shared = checkOptions({ ...block.options, ...sharedOptions(adminDefault(block)) }, options);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: LATENESS_INTERVAL_MS });
  registerBuildInfo(metrics, block.name, request.version);
  const daemon = await block.serve(options, { ...request, metrics });
  try {
    const admin = shared.admin === OFF ? undefined : await openAdmin(shared.admin, shared, metrics, daemon);
    return hosted(block.name, daemon, admin, shared.grace);
  } catch (error) {
    await daemon.stop(0);
    logger.debug({ err: error }, 'stopped again: the admin endpoint could not start');
    throw error;
  }
}

function adminDefault(block: Block): string {
  const spec = block.options['admin'];
  return spec?.kind === 'address' ? spec.default : OFF;
}

async function openAdmin(text: string, options: Access, metrics: Registry, daemon: RunningDaemon) {
  const address = readAddress(text, '--admin', options);
  const secret =
    options.requirepassFile === undefined ? undefined : (await readSecretFile(options.requirepassFile)).secret;
  return startAdmin({
    address,
    metrics,
    checkReady: () => daemon.checkReady(),
    open: !isLoopback(address.host),
    ...(secret !== undefined && { secret }),
  });
}

function hosted(block: string, daemon: RunningDaemon, admin: AdminEndpoint | undefined, graceMs: number): HostedDaemon {
  const adminEndpoint: Endpoint[] = admin === undefined ? [] : [{ name: 'admin', url: admin.url }];
  return {
    report: {
      block,
      pid: process.pid,
      endpoints: [...daemon.endpoints, ...adminEndpoint],
      ...(daemon.db !== undefined && { db: daemon.db }),
      detail: daemon.detail,
      hint: daemon.hint,
    },
    graceMs,
    pending: () => daemon.pending(),
    async stop() {
      try {
        await daemon.stop(graceMs);
        return daemon.cutOff?.();
      } finally {
        await admin?.close();
      }
    },
  };
}
