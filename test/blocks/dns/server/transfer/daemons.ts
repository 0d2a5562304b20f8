/** Name servers of ours in this process, each with a file and a folder of its own; and who changes that file beside them. */
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { startDnsServer } from '../../../../../src/blocks/dns/server.js';
import { type DnsStore, openDnsStore } from '../../../../../src/blocks/dns/store.js';
import { type Clock, systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import type { RawOptions } from '../../../../../src/platform/daemon/block.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';

export interface TestDaemon {
  readonly port: number;
  readonly url: string;
  /** URLs by name: `udp`, `tls`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Another connection to its file, as commands have it. */
  readonly store: DnsStore;
  readonly db: string;
  readonly metrics: Registry;
  /** What it has logged, a line each. */
  readonly log: string[];
  stop(): Promise<void>;
}

export interface TestDaemonOptions {
  readonly options?: RawOptions;
  readonly clock?: Clock;
  /** Of a daemon that ran before. */
  readonly db?: string;
  /** Before it starts. */
  readonly prepare?: (store: DnsStore) => unknown;
}

/** Stopped when the test ends, unless that was done before. */
export async function startTestDaemon(given: TestDaemonOptions = {}): Promise<TestDaemon> {
  const { clock = systemClock, options = {} } = given;
  const home = temporaryFolder();
  const db = given.db ?? join(home, 'dns.db');
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line) => void log.push(line) });
  const metrics = new Registry();
  const store = openDnsStore({ path: db, clock });
  await given.prepare?.(store);
  const context = {
    clock,
    random: systemRandom,
    logger,
    metrics,
    home,
    machine: 'test',
    version: '0',
    environment: {},
  };
  const daemon = await startDnsServer({ listen: '127.0.0.1:0', admin: 'off', db, ...options }, context);
  let isRunning = true;
  const stop = async () => {
    if (!isRunning) return;
    isRunning = false;
    await daemon.stop(1_000);
    store.close();
  };
  onTestFinished(stop);
  const port = Number(new URL(daemon.endpoints[0]?.url ?? '').port);
  const endpoints = Object.fromEntries(daemon.endpoints.map(({ name, url }) => [name, url]));
  return { port, endpoints, url: `udp://127.0.0.1:${port}`, store, db, metrics, log, stop };
}
