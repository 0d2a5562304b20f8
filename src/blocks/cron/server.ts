/**
 * The daemon: what one process does with a store that others may share.
 *
 *     HTTP port ── API and pings ──────▶ ledger ◀── LISTEN, data_version: something has changed ──▶ wakes all three
 *     leader     lease, slots, lost runs ──▲
 *     worker     claims, runs, ends ───────┤
 *     notifier   commands and webhooks ────┘
 *
 * It stops from the outside in: no new requests and claims, then what runs gets its grace, then the store is closed.
 */
import { resolve } from 'node:path';
import { checkOptions } from '../../platform/config/options.js';
import { isLoopback, type ListenAddress, readAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { readSecretFile } from '../../platform/daemon/secret.js';
import type { DsError } from '../../platform/errors.js';
import { blockDatabase } from '../../platform/paths.js';
import { type HttpPort, openHttpPort } from '../../platform/protocol/http.js';
import { cronErrors } from './errors.js';
import type { Ledger } from './ledger.js';
import { HttpConnections, Launcher, type RunnerContext, workerName } from './runner.js';
import { BootMark } from './server/boot.js';
import { createCronHttpServer } from './server/http.js';
import { Leader } from './server/leader.js';
import { CronMetrics } from './server/metrics.js';
import { Notifier } from './server/notifier.js';
import { type CronOptions, cronOptions } from './server/options.js';
import { Orphans } from './server/orphans.js';
import { Recorder } from './server/recorder.js';
import { readToken } from './server/token.js';
import { Worker } from './server/worker.js';
import { openCronStore } from './store.js';

/** The shortest lease: it is prolonged three times while it lasts, each by a write to the store. Milliseconds. */
const SHORTEST_LEASE_MS = 500;

/** Errors: `config.invalid`, `cron.bad_lease`, `listen.*`, `secret.unreadable`, those of the store. */
export async function startCronServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(cronOptions, raw);
  if (options.lease < SHORTEST_LEASE_MS) {
    throw cronErrors.error('cron.bad_lease', `a lease of ${options.lease} ms is too short to be prolonged in time`, {
      hint: `ds cron serve --lease ${SHORTEST_LEASE_MS}ms`,
    });
  }
  const address = readAddress(options.listen, '--listen', options);
  const { home, random, logger } = context;
  const secret = await readToken({ home, random, logger, file: options.requirepassFile });
  const { ledger, db } = await openLedger(options, context);
  const launcher = await Launcher.open(context.clock, context.environment['PATH']);
  try {
    const detail = `${await describe(ledger)}${db === undefined ? ` in ${ledger.place}` : ''}`;
    const server = new CronServer({ options, address, secret, context, ledger, db, launcher, detail });
    await server.start();
    return server;
  } catch (error) {
    await launcher.close();
    await ledger.close();
    throw error;
  }
}

async function describe(ledger: Ledger): Promise<string> {
  const { jobs, paused } = await ledger.status();
  return `${jobs} ${jobs === 1 ? 'job' : 'jobs'}${paused === 0 ? '' : `, ${paused} paused`}`;
}

async function openLedger(
  options: CronOptions,
  context: DaemonContext,
): Promise<{ ledger: Ledger; db: string | undefined }> {
  const { clock, random, home } = context;
  const url = await databaseUrl(options, context);
  if (url !== undefined) {
    const { openPostgresLedger } = await import('./remote/postgres.js');
    return { ledger: await openPostgresLedger(url, { clock, random }), db: undefined };
  }
  const db = resolve(options.db ?? blockDatabase(home, 'cron'));
  return { ledger: await openCronStore({ path: db, clock, random }), db };
}

async function databaseUrl(options: CronOptions, { logger }: DaemonContext): Promise<string | undefined> {
  const { databaseFile: file } = options;
  if (file === undefined) return options.database;
  const { secret, exposed } = await readSecretFile(file);
  if (exposed) logger.warn({ file }, 'other users of this machine can read the URL of the database, password included');
  return secret;
}

interface Parts {
  readonly options: CronOptions;
  readonly address: ListenAddress;
  readonly secret: string;
  readonly context: DaemonContext;
  readonly ledger: Ledger;
  readonly db: string | undefined;
  readonly launcher: Launcher;
  readonly detail: string;
}

class CronServer implements RunningDaemon {
  readonly detail: string;
  readonly db?: string;
  readonly #parts: Parts;
  readonly #leader: Leader;
  readonly #worker: Worker;
  readonly #notifier: Notifier;
  readonly #orphans: Orphans;
  readonly #runner: RunnerContext;
  readonly #connections = new HttpConnections();
  readonly #stopping = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #others: Promise<unknown> = Promise.resolve();
  #stopListening = () => {};
  #cutOff: string | undefined;
  #http: HttpPort | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { options, context, ledger, db, launcher, detail } = parts;
    this.detail = detail;
    if (db !== undefined) this.db = db;
    const { clock, random, logger, version, home, environment } = context;
    const name = workerName(random);
    this.#runner = {
      clock,
      random,
      version,
      environment,
      place: ledger.place,
      launcher,
      connections: this.#connections,
    };
    const metrics = new CronMetrics(context.metrics, {
      ledger,
      leads: () => this.#leader.leads,
      running: () => this.#worker.running,
    });
    this.#leader = new Leader({
      ...{ ledger, clock, logger, worker: name, leaseMs: options.lease, keepMs: options.keep },
      boot: new BootMark(home, ledger.place),
      onSettled: (settlements) => metrics.settled(settlements),
      onLost: () => this.#orphans.expect(),
    });
    this.#worker = new Worker({
      ...{ ledger, logger, metrics, name, capacity: options.workers, leaseMs: options.lease },
      recorder: new Recorder({ ledger, clock, logger }),
      clear: (claims) => this.#orphans.clear(claims),
      runner: this.#runner,
    });
    this.#notifier = new Notifier({ ledger, logger, runner: this.#runner });
    this.#orphans = new Orphans({ ledger, clock, logger, isOurs: (mark) => this.#worker.holds(mark) });
  }

  get endpoints(): readonly Endpoint[] {
    return this.#http === undefined ? [] : [{ name: 'http', url: this.#http.url }];
  }

  get hint(): string {
    return `ds cron add hello --schedule '@every 10s' -- echo hello`;
  }

  async start(): Promise<void> {
    const { address, context, ledger, secret } = this.#parts;
    const { logger } = context;
    const app = createCronHttpServer({
      ledger,
      logger,
      secret,
      open: !isLoopback(address.host),
      onPing: () => this.#wake(),
    });
    await this.#orphans.look();
    this.#http = await openHttpPort(app, { address, flag: 'ds cron serve --listen', logger });
    this.#stopListening = ledger.onChange(() => this.#wake());
    const { signal } = this.#stopping;
    this.#working = this.#worker.run(signal);
    this.#others = Promise.all([this.#leader.run(signal), this.#notifier.run(signal), this.#orphans.run(signal)]);
  }

  async checkReady(): Promise<void> {
    this.#worker.checkHeld();
    await this.#parts.ledger.nextAt();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    return { connections: this.#http?.connections ?? 0, writes: this.#worker.running };
  }

  cutOff(): string | undefined {
    return this.#cutOff;
  }

  /** Error: `cron.not_recorded`. */
  async stop(graceMs: number): Promise<void> {
    const { ledger, launcher } = this.#parts;
    this.#stopping.abort();
    const closed = this.#http?.close();
    let problem: DsError | undefined;
    try {
      await this.#working;
      // At once: what runs is only kept while its worker prolongs the leases.
      const [stopped] = await Promise.all([this.#worker.stop(graceMs), this.#others]);
      this.#cutOff = stopped.cutOff;
      problem = stopped.problem;
      this.#http?.destroy();
      await closed;
    } finally {
      this.#stopListening();
      await this.#connections.close();
      await launcher.close();
      await ledger.close();
    }
    if (problem !== undefined) throw problem;
  }

  #wake(): void {
    this.#leader.wake();
    this.#worker.wake();
    this.#notifier.wake();
  }
}
