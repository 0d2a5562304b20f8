/**
 * The key-value store's daemon: one file behind a RESP port.
 *
 * Stopping, in this order: the port stops accepting and finishes what is in flight; answers that wait for the disk are sent; what is in
 * the journal is folded; the file is closed.
 */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { checkOptions } from '../../platform/config/options.js';
import { formatAddress, type ListenAddress, readAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { explained } from '../../platform/daemon/listen.js';
import { readSecretFile } from '../../platform/daemon/secret.js';
import { readTlsFiles, type TlsFiles } from '../../platform/daemon/tls.js';
import { blockDatabase } from '../../platform/paths.js';
import { createRespServer, type RespServer } from '../../platform/protocol/resp/index.js';
import { WalFlush } from '../../platform/store/wal-flush.js';
import { createRedisCommands } from './redis/index.js';
import { MOST_STRING_BYTES } from './redis/strings/values.js';
import { cacheBytesOf } from './server/cache-size.js';
import { RedisCommands } from './server/commands.js';
import { DurableTurns } from './server/durable-turns.js';
import { Engine } from './server/engine.js';
import { infoSections } from './server/info.js';
import { Maintenance } from './server/maintenance.js';
import { registerMetrics } from './server/metrics.js';
import { type KvOptions, kvOptions } from './server/options.js';
import { daemonParameters } from './server/parameters.js';
import { Keyspace } from './store/keyspace.js';

/** Of one argument: a value, or a field. */
const MOST_BULK_BYTES = MOST_STRING_BYTES;
const MOST_FRAME_BYTES = 64 * 1024 * 1024;
/** Of commands that have not arrived whole, of all clients together. */
const MOST_UNFINISHED_BYTES = 512 * 1024 * 1024;
const MOST_ARGUMENTS = 1024 * 1024;
const MOST_CLIENTS = 20_000;
/** As much as V8 has for a text. Redis has no such bound; whoever does not read for a minute is cut here, too. */
const LARGEST_ANSWER_BYTES = 512 * 1024 * 1024;
/** Milliseconds for which another process's transaction is waited for: nobody is answered meanwhile. */
const BUSY_TIMEOUT_MS = 250;
/** Of the write-ahead log, 4 KB each, where the checkpoints beside the event loop (store/checkpoint/checkpoints.ts) do not keep up. */
const CHECKPOINT_PAGES = 16_384;

/** Errors: `config.invalid`, `listen.*`, `secret.unreadable`, `tls.*`, `storage.*`; before anything is opened. */
export async function startKvServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(kvOptions, raw);
  const cacheBytes = cacheBytesOf(options.cacheMb);
  const setup = await readSetup(options, context);
  const keyspace = new Keyspace({
    path: resolve(options.db ?? blockDatabase(context.home, 'kv')),
    clock: context.clock,
    // The flush of a full commit is made beside the event loop (durable-turns.ts).
    sync: 'normal',
    cacheBytes,
    checkpointPages: CHECKPOINT_PAGES,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  try {
    keepHistory(keyspace, options.history);
    const server = new KvServer(setup, context, keyspace);
    await server.listen();
    return server;
  } catch (error) {
    keyspace.close();
    throw error;
  }
}

/** The options, read. */
interface Setup {
  readonly options: KvOptions;
  readonly address: ListenAddress;
  readonly secret: string | undefined;
  readonly tls: TlsFiles | undefined;
}

async function readSetup(options: KvOptions, { logger, clock }: DaemonContext): Promise<Setup> {
  const address = readAddress(options.listen, '--listen', options);
  const tls = await readTlsFiles({ cert: options.tlsCert, key: options.tlsKey }, clock.now());
  for (const { text, file } of tls?.warnings ?? []) logger.warn({ file }, text);
  return { options, address, secret: await readSecret(options, logger), tls };
}

async function readSecret({ requirepassFile }: KvOptions, logger: Logger): Promise<string | undefined> {
  if (requirepassFile === undefined) return undefined;
  const { secret, exposed } = await readSecretFile(requirepassFile);
  if (exposed) logger.warn({ file: requirepassFile }, 'other users of this machine can read the password file');
  return secret;
}

/** In the file, since commands fold, too, and are to keep as much of the journal. */
function keepHistory(keyspace: Keyspace, history: number): void {
  if (keyspace.standing.history === history) return;
  keyspace.turn('write', () => keyspace.standing.set('history', history));
}

class KvServer implements RunningDaemon {
  readonly db: string;
  readonly detail: string;
  readonly #setup: Setup;
  readonly #keyspace: Keyspace;
  readonly #engine: Engine;
  readonly #turns: DurableTurns;
  readonly #maintenance: Maintenance;
  readonly #resp: RespServer;
  #endpoints: Endpoint[] = [];
  #port = 0;
  #upkeep: Promise<void> | undefined;

  constructor(setup: Setup, context: DaemonContext, keyspace: Keyspace) {
    const { options, secret, tls } = setup;
    const { clock, logger } = context;
    this.#setup = setup;
    this.#keyspace = keyspace;
    this.db = keyspace.store.path;
    const keys = keyspace.databases.reduce((sum, { size }) => sum + size, 0);
    this.detail = `${keys.toLocaleString('en-US')} key${keys === 1 ? '' : 's'}`;
    this.#engine = new Engine(keyspace, clock);
    const flush = options.sync === 'full' ? new WalFlush(keyspace.store.path) : undefined;
    // Now, before connections have taken all descriptors.
    flush?.open();
    this.#turns = new DurableTurns(this.#engine, flush, clock);
    this.#turns.onFailure = (failure) => logger.error({ err: failure }, 'the log could not be flushed to disk');
    this.#maintenance = new Maintenance(keyspace, clock, logger);
    this.#engine.onLargeTurn = () => this.#maintenance.relieve();
    this.#engine.onTurn = () => this.#maintenance.turnEnded();
    const redisCommands = createRedisCommands({
      parameters: daemonParameters(options, () => this.#port),
      resetStatistics: () => {
        this.#maintenance.resetStatistics();
        this.#resp.resetCommandCounts();
      },
    });
    const commands = new RedisCommands(this.#engine, redisCommands, context);
    this.#resp = createRespServer({
      commands: commands.table,
      gate: commands.gate,
      turns: this.#turns,
      textArguments: true,
      databases: keyspace.databases.length,
      serverName: 'ds-kv',
      version: context.version,
      clock,
      logger,
      limits: {
        maxBulkBytes: MOST_BULK_BYTES,
        maxFrameBytes: MOST_FRAME_BYTES,
        maxUnfinishedBytes: MOST_UNFINISHED_BYTES,
        maxArguments: MOST_ARGUMENTS,
        maxClients: MOST_CLIENTS,
        outputHardBytes: LARGEST_ANSWER_BYTES,
      },
      ...(secret !== undefined && { password: Buffer.from(secret) }),
      ...(tls !== undefined && { tls }),
      info: () => infoSections({ keyspace, maintenance: this.#maintenance, options }),
    });
    registerMetrics(context.metrics, {
      keyspace,
      resp: this.#resp,
      turns: this.#turns,
      maintenance: this.#maintenance,
    });
    this.#upkeep = this.#maintenance.run(() => commands.poll());
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get hint(): string {
    const { port } = new URL(this.#endpoints[0]?.url ?? 'redis://localhost');
    const { tls, options } = this.#setup;
    const password = options.requirepassFile === undefined ? '' : ' --askpass';
    return `redis-cli -p ${port}${tls === undefined ? '' : ' --tls --insecure'}${password} SET greeting hello`;
  }

  async listen(): Promise<void> {
    const { address, tls } = this.#setup;
    try {
      const { port } = await explained(this.#resp.listen(address), { address, flag: 'ds kv serve --listen' });
      this.#port = port;
      const scheme = tls === undefined ? 'redis' : 'rediss';
      this.#endpoints = [{ name: 'redis', url: `${scheme}://${formatAddress({ host: address.host, port })}` }];
    } catch (error) {
      this.#maintenance.stop();
      await this.#upkeep;
      throw error;
    }
  }

  async checkReady(): Promise<void> {
    if (this.#turns.failure !== undefined) throw this.#turns.failure;
    this.#keyspace.store.checkInPlace();
  }

  cutOff(): string | undefined {
    return this.#turns.failure === undefined ? undefined : 'the last writes may be lost: the disk has failed';
  }

  pending(): { readonly connections: number; readonly writes: number } {
    return { connections: this.#resp.connections, writes: this.#turns.pending };
  }

  async stop(graceMs: number): Promise<void> {
    try {
      await this.#resp.stop(graceMs);
      await this.#turns.close();
      this.#maintenance.stop();
      await this.#upkeep;
    } finally {
      this.#keyspace.close();
    }
  }
}
