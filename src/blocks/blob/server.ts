/**
 * The daemon: S3's REST API over the store on a file, and what it does by itself.
 *
 *     HTTP(S) port ─▶ service ─▶ store        service.ts draws the way of a request
 *     gc, lifecycle, slow peers, refusals     each in a loop of its own, until the stop
 *
 * It stops from the outside in: no new connections, what is under way gets its grace, then the loops, then the store.
 */
import { resolve } from 'node:path';
import { checkOptions } from '../../platform/config/options.js';
import { isLoopback, type ListenAddress, readUnguardedAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { readTlsFiles, type TlsFiles } from '../../platform/daemon/tls.js';
import { blockDatabase } from '../../platform/paths.js';
import { type Authenticator, anonymousAuthenticator, signatureAuthenticator } from './server/authenticator.js';
import { doChore } from './server/background.js';
import { storeChores } from './server/chores.js';
import { readCredentialsFile } from './server/credentials-file.js';
import { Expirations } from './server/expirations.js';
import { storeFigures } from './server/figures.js';
import { BlobMetrics } from './server/metrics.js';
import { type BlobOptions, blobOptions, DEFAULT_DOMAIN, DEFAULT_REGION } from './server/options.js';
import { S3Port } from './server/port.js';
import { Refusals } from './server/refusals.js';
import { requestIds } from './server/request-ids.js';
import { S3Service } from './server/service.js';
import { SlowPeers } from './server/slow-peers.js';
import { type OpenBlobStore, openBlobStore } from './store.js';

/** Errors: `config.invalid`, `listen.*`, `tls.*`, `blob.bad_credentials_file`, those of the store; before anything is opened. */
export async function startBlobServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(blobOptions, raw);
  const setup = await readSetup(options, context);
  const { clock, random, home } = context;
  const path = resolve(options.db ?? blockDatabase(home, 'blob'));
  const store = openBlobStore({ path, clock, random, thread: true });
  const server = new BlobServer(setup, context, store);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

/** The options, read. */
interface Setup {
  readonly options: BlobOptions;
  readonly listen: ListenAddress;
  readonly tls: TlsFiles | undefined;
  readonly authenticator: Authenticator;
  readonly region: string;
  readonly domains: readonly string[];
}

const FLAG = 'ds blob serve --listen';

async function readSetup(options: BlobOptions, context: DaemonContext): Promise<Setup> {
  const { clock, logger, home, random } = context;
  const { anonymous, insecure, credentialsFile: file, region = DEFAULT_REGION } = options;
  // Who has to sign is asked for something: the port may then be open.
  const listen = readUnguardedAddress(
    options.listen,
    '--listen',
    { insecure: insecure || !anonymous },
    { opens: 'the buckets', passwordProtects: 'the admin endpoint' },
  );
  const tls = await readTlsFiles({ cert: options.tlsCert, key: options.tlsKey }, clock.now());
  for (const warning of tls?.warnings ?? []) logger.warn({ file: warning.file }, warning.text);
  const domains = [DEFAULT_DOMAIN, ...options.domain.map((domain) => domain.toLowerCase().replace(/^\.|\.$/g, ''))];
  const authenticator = anonymous
    ? anonymousAuthenticator({ open: !isLoopback(listen.host), domains })
    : signatureAuthenticator(await readCredentialsFile({ home, random, logger, file }), region, clock);
  return { options, listen, tls, authenticator, region, domains };
}

class BlobServer implements RunningDaemon {
  readonly db: string;
  readonly #setup: Setup;
  readonly #context: DaemonContext;
  readonly #store: OpenBlobStore;
  readonly #service: S3Service;
  readonly #port: S3Port;
  readonly #slowPeers: SlowPeers;
  readonly #refusals: Refusals;
  readonly #metrics: BlobMetrics;
  readonly #stopping = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #cutOff: string | undefined;

  constructor(setup: Setup, context: DaemonContext, store: OpenBlobStore) {
    const { clock, random, logger } = context;
    const { authenticator, region, domains, tls, options } = setup;
    this.#setup = setup;
    this.#context = context;
    this.#store = store;
    this.db = store.path;
    this.#slowPeers = new SlowPeers(clock);
    this.#refusals = new Refusals(store.file, clock, logger);
    this.#metrics = new BlobMetrics(context.metrics, {
      figures: () => storeFigures(store.file),
      active: () => this.#service.active,
    });
    const nextId = requestIds(random);
    this.#service = new S3Service({
      context: { store, clock, logger, region, expirations: new Expirations(store, clock) },
      ...{ authenticator, domains, clock, logger, nextId },
      strict: options.strict,
      scheme: tls === undefined ? 'http' : 'https',
      refusals: this.#refusals,
      metrics: this.#metrics,
      slowPeers: this.#slowPeers,
    });
    this.#port = new S3Port(this.#service, tls, nextId);
  }

  get endpoints(): readonly Endpoint[] {
    return [{ name: 's3', url: this.#port.url }];
  }

  get detail(): string {
    const { buckets, objects } = storeFigures(this.#store.file);
    const count = (of: number, what: string) => `${of.toLocaleString('en-US')} ${what}${of === 1 ? '' : 's'}`;
    return `${count(buckets, 'bucket')}, ${count(objects, 'object')}`;
  }

  get hint(): string {
    return `ds blob list --url s3+${this.#port.url}`;
  }

  async start(): Promise<void> {
    const { clock, logger } = this.#context;
    await this.#port.listen(this.#setup.listen, FLAG);
    const { signal } = this.#stopping;
    this.#loops = Promise.all([
      this.#slowPeers.run(signal),
      this.#refusals.run(signal),
      ...storeChores({ store: this.#store, metrics: this.#metrics, logger, options: this.#setup.options }).map(
        (chore) => doChore(chore, clock, logger, signal),
      ),
    ]);
  }

  async checkReady(): Promise<void> {
    await this.#store.listBuckets();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    return { connections: this.#port.connections, writes: this.#store.pendingWrites };
  }

  cutOff(): string | undefined {
    return this.#cutOff;
  }

  async stop(graceMs: number): Promise<void> {
    const patience = new AbortController();
    const expired = this.#context.clock.sleep(graceMs, patience.signal).catch(() => {});
    try {
      const closed = this.#port.close();
      await Promise.race([closed, expired]);
      const { active } = this.#service;
      if (active > 0) this.#cutOff = `${active} ${active === 1 ? 'request' : 'requests'} cut off`;
      this.#port.destroy();
      await closed;
      await this.#service.idle();
    } finally {
      patience.abort();
      this.#stopping.abort();
      try {
        await this.#loops;
      } finally {
        await this.#store.close();
      }
    }
  }
}
