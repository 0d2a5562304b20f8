/**
 * The sequencer's daemon: one store and one engine behind a RESP port and an HTTP port.
 *
 * Stopping, in this order, so that every reply tells the truth: both ports stop accepting and finish what is in flight;
 * the ID sources give their worker numbers back; unused tickets are given back; the file is closed.
 */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { checkOptions } from '../../platform/config/options.js';
import { formatAddress, isLoopback, type ListenAddress, readAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { explained } from '../../platform/daemon/listen.js';
import { readSecretFile } from '../../platform/daemon/secret.js';
import { OFF } from '../../platform/daemon/shared-options.js';
import { blockDatabase } from '../../platform/paths.js';
import { type HttpPort, openHttpPort } from '../../platform/protocol/http.js';
import { createRespServer, type RespServer } from '../../platform/protocol/resp/index.js';
import type { SeqEngine } from './server/engine.js';
import { createSeqHttpServer } from './server/http.js';
import { SeqMetrics } from './server/metrics.js';
import { type SeqOptions, seqOptions } from './server/options.js';
import { respCommands } from './server/resp-commands.js';
import { IdSources } from './server/sources.js';
import type { ClockBackPolicy } from './source.js';
import { openIdSource } from './source.js';
import { BlockTickets } from './store/ticket-blocks.js';
import { openSequencerStore, type SequencerStore } from './store.js';

export async function startSequencerServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(seqOptions, raw);
  const addresses = readAddresses(options);
  const secret = await readSecret(options, context.logger);
  const store = openSequencerStore({
    path: resolve(options.db ?? blockDatabase(context.home, 'seq')),
    clock: context.clock,
    machine: context.machine,
  });
  const server = new SequencerServer(options, context, store, secret);
  try {
    await server.listen(addresses);
    return server;
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

interface Addresses {
  readonly redis: ListenAddress;
  readonly http: ListenAddress | undefined;
}

/** Errors: `listen.bad_address`, `listen.not_loopback`; before anything is opened. */
function readAddresses(options: SeqOptions): Addresses {
  return {
    redis: readAddress(options.listen, '--listen', options),
    http: options.http === OFF ? undefined : readAddress(options.http, '--http', options),
  };
}

async function readSecret({ requirepassFile }: SeqOptions, logger: Logger): Promise<string | undefined> {
  if (requirepassFile === undefined) return undefined;
  const { secret, exposed } = await readSecretFile(requirepassFile);
  if (exposed) logger.warn({ file: requirepassFile }, 'other users of this machine can read the password file');
  return secret;
}

class SequencerServer implements RunningDaemon {
  readonly db: string;
  readonly detail: string;
  readonly #store: SequencerStore;
  readonly #sources: IdSources;
  readonly #tickets: BlockTickets;
  readonly #resp: RespServer;
  readonly #engine: SeqEngine;
  readonly #options: SeqOptions;
  readonly #context: DaemonContext;
  readonly #secret: string | undefined;
  readonly #stopping = new AbortController();
  #http: HttpPort | undefined;
  #endpoints: Endpoint[] = [];

  constructor(options: SeqOptions, context: DaemonContext, store: SequencerStore, secret: string | undefined) {
    this.#options = options;
    this.#context = context;
    this.#store = store;
    this.#secret = secret;
    this.db = store.path;
    this.detail = describe(store);
    this.#tickets = new BlockTickets({ tickets: store.tickets, clock: context.clock });
    this.#sources = this.#makeSources();
    const metrics = new SeqMetrics(context.metrics, {
      leases: () => store.counts().workersLeased,
      connections: () => ({ redis: this.#resp.connections, http: this.#http?.connections ?? 0 }),
    });
    this.#engine = { clock: context.clock, store, tickets: this.#tickets, sources: this.#sources, metrics };
    this.#resp = this.#makeResp();
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get hint(): string {
    const port = new URL(this.#endpoints[0]?.url ?? 'redis://localhost').port;
    return `redis-cli -p ${port} SEQ.NEXT twitter`;
  }

  async listen({ redis, http }: Addresses): Promise<void> {
    const flag = 'ds seq serve';
    const bound = await explained(this.#resp.listen(redis), { address: redis, flag: `${flag} --listen` });
    this.#endpoints = [{ name: 'redis', url: `redis://${formatAddress({ host: redis.host, port: bound.port })}` }];
    if (http === undefined) return;
    const { logger } = this.#context;
    this.#http = await openHttpPort(this.#makeHttp(http), { address: http, flag: `${flag} --http`, logger });
    this.#endpoints.push({ name: 'http', url: this.#http.url });
  }

  async checkReady(): Promise<void> {
    this.#store.check();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    const connections = this.#resp.connections + (this.#http?.connections ?? 0);
    return { connections, writes: this.#store.pendingWrites() };
  }

  async stop(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const expired = this.#context.clock.sleep(graceMs, grace.signal).then(
      () => this.#stopping.abort(new Error('the daemon is stopping')),
      () => {},
    );
    try {
      await Promise.all([this.#resp.stop(graceMs), Promise.race([this.#http?.close(), expired])]);
      this.#http?.destroy();
      // What still waits for a clock or a tick ends with the grace.
      await this.#sources.close();
      await this.#tickets.close();
    } finally {
      grace.abort();
      await this.#store.close();
    }
  }

  #makeSources(): IdSources {
    const { clock, random, logger } = this.#context;
    return new IdSources((layout) => {
      logger.info({ layout: layout.name }, 'serving the layout');
      return openIdSource({
        layout,
        workers: this.#store.workers,
        clock,
        random,
        holder: `${hostname()}:${process.pid} ds seq serve`,
        onClockBack: readPolicy(this.#options.onClockBack),
        maxWaitMs: this.#options.maxWait,
        signal: this.#stopping.signal,
        onNotice: (text) => logger.warn({ layout: layout.name }, text),
      });
    });
  }

  #makeResp(): RespServer {
    return createRespServer({
      commands: respCommands(this.#engine),
      serverName: 'ds-seq',
      version: this.#context.version,
      clock: this.#context.clock,
      logger: this.#context.logger,
      ...(this.#secret !== undefined && { password: Buffer.from(this.#secret) }),
      info: () => this.#info(),
    });
  }

  #info() {
    const { sequences, gapless, holes, workersLeased } = this.#store.counts();
    const issued = [...this.#engine.metrics.ids].map(([layout, count]) => [`ids_${layout}`, count] as const);
    return {
      Sequencer: { sequences, gapless, holes, workers_leased: workersLeased },
      Issued: { tickets: this.#engine.metrics.tickets, ...Object.fromEntries(issued) },
    };
  }

  #makeHttp(address: ListenAddress) {
    return createSeqHttpServer({
      engine: this.#engine,
      logger: this.#context.logger,
      open: !isLoopback(address.host),
      ...(this.#secret !== undefined && { secret: this.#secret }),
    });
  }
}

function describe(store: SequencerStore): string {
  const { sequences, gapless, workersLeased } = store.counts();
  const total = sequences + gapless;
  return `${total} sequence${total === 1 ? '' : 's'}, ${workersLeased} worker${workersLeased === 1 ? '' : 's'} leased`;
}

function readPolicy(text: string): ClockBackPolicy {
  return text === 'borrow' || text === 'fail' ? text : 'wait';
}
