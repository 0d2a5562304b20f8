/**
 * The name server's daemon: one store and one engine behind UDP, TCP, TLS and HTTPS.
 *
 * Stopping, in this order, so that every answer under way is given: all ports stop accepting; what was read is answered
 * within the grace; the forwarder writes its cache down; the file is closed.
 */
import { resolve } from 'node:path';
import { configErrors } from '../../platform/config/errors.js';
import { checkOptions } from '../../platform/config/options.js';
import { formatAddress, isLoopback, type ListenAddress, readUnguardedAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { readTlsFiles, type TlsFiles } from '../../platform/daemon/tls.js';
import { codeOf, DsError } from '../../platform/errors.js';
import { blockDatabase } from '../../platform/paths.js';
import { DOH_PATH, type NameServer, parseServer } from './client/server-address.js';
import { AccessList, loopbackTexts } from './server/access.js';
import type { Client } from './server/client.js';
import { DnsCounts } from './server/counts.js';
import { Discovery } from './server/discovery/discovery.js';
import { Engine } from './server/engine.js';
import { Forwarder } from './server/forward/forwarder.js';
import { registerForwardMetrics } from './server/forward/metrics.js';
import { HttpsListener } from './server/listeners/https.js';
import { StreamListener } from './server/listeners/stream.js';
import { UdpListener } from './server/listeners/udp.js';
import { registerMetrics } from './server/metrics.js';
import { type DnsOptions, dnsOptions } from './server/options.js';
import { Responder } from './server/responder.js';
import { parsePeer } from './server/transfer/peers.js';
import { createTransfers, type ZoneTransfers } from './server/transfer/transfers.js';
import { ZoneFiles } from './server/zone-files.js';
import { type DnsStore, openDnsStore } from './store.js';

/** Errors: `config.invalid`, `listen.*`, `tls.*`, `dns.bad_network`, `dns.bad_server`; before anything is opened. */
export async function startDnsServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(dnsOptions, raw);
  const setup = await readSetup(options, context);
  const store = openDnsStore({ path: resolve(options.db ?? blockDatabase(context.home, 'dns')), clock: context.clock });
  const server = new DnsServer(setup, context, store);
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
  readonly options: DnsOptions;
  readonly listen: ListenAddress;
  readonly tls: { readonly files: TlsFiles; readonly address: ListenAddress } | undefined;
  readonly https: ListenAddress | undefined;
  readonly upstreams: readonly NameServer[];
  readonly mayForward: AccessList;
  readonly mayTransfer: AccessList;
  readonly notify: readonly NameServer[];
}

/** Octets of --nsid: it has to fit into any response beside the question. */
const LONGEST_NSID = 128;

async function readSetup(options: DnsOptions, { clock, logger }: DaemonContext): Promise<Setup> {
  const address = (text: string, flag: string) => {
    return readUnguardedAddress(text, flag, options, {
      opens: 'the name server',
      passwordProtects: 'the admin endpoint',
    });
  };
  const files = await readTlsFiles({ cert: options.tlsCert, key: options.tlsKey }, clock.now());
  if (Buffer.byteLength(options.nsid ?? '') > LONGEST_NSID) {
    throw configErrors.error('config.invalid', `--nsid has ${Buffer.byteLength(options.nsid ?? '')} octets`, {
      hint: `name this server by at most ${LONGEST_NSID} octets: --nsid ns1.example`,
      details: { key: 'nsid' },
    });
  }
  for (const { file, text } of files?.warnings ?? []) logger.warn({ file }, text);
  return {
    options,
    listen: address(options.listen, '--listen'),
    tls: files === undefined ? undefined : { files, address: address(options.tls, '--tls') },
    https: options.doh ? address(options.https, '--https') : undefined,
    upstreams: options.forward.map((text) => parseServer(text)),
    mayForward: AccessList.parse([...loopbackTexts, ...options.allowForward], '--allow-forward'),
    mayTransfer: AccessList.parse(options.allowTransfer, '--allow-transfer'),
    notify: options.notify.map((text) => parsePeer(text)),
  };
}

function openForwarder(setup: Setup, { clock, random, logger }: DaemonContext, store: DnsStore): Forwarder | undefined {
  const { upstreams, listen, tls, https, options } = setup;
  if (upstreams.length === 0) return undefined;
  return new Forwarder({
    upstreams,
    ownAddresses: [listen, tls?.address, https].filter((address) => address !== undefined),
    clock,
    random,
    store: store.cache,
    maxBytes: options.cacheMb * 1024 * 1024,
    onProblem: (error) => logger.warn({ err: error }, 'the forwarder met a problem beside its answers'),
  });
}

/** How often a port that the system chose for TCP is tried for UDP, too, when another program has it there. */
const MOST_PORTS_TRIED = 10;

class DnsServer implements RunningDaemon {
  readonly db: string;
  readonly #setup: Setup;
  readonly #context: DaemonContext;
  readonly #store: DnsStore;
  readonly #counts = new DnsCounts();
  readonly #forwarder: Forwarder | undefined;
  readonly #transfers: ZoneTransfers;
  readonly #discovery: Discovery;
  readonly #zoneFiles: ZoneFiles;
  readonly #responder: Responder;
  #udp: UdpListener | undefined;
  #tcp: StreamListener | undefined;
  #tls: StreamListener | undefined;
  #https: HttpsListener | undefined;
  readonly #endpoints: Endpoint[] = [];

  constructor(setup: Setup, context: DaemonContext, store: DnsStore) {
    this.#setup = setup;
    this.#context = context;
    this.#store = store;
    this.db = store.path;
    const { clock, random, logger } = context;
    const nsid = setup.options.nsid === undefined ? undefined : Buffer.from(setup.options.nsid);
    this.#forwarder = openForwarder(setup, context, store);
    const { mayTransfer, notify } = setup;
    const onExpired = () => this.#responder.clear();
    this.#transfers = createTransfers({ store, mayTransfer, notify, nsid, onExpired, clock, random, logger });
    this.#discovery = new Discovery({
      ...context,
      zones: this.#transfers.zones,
      zonesVersion: () => store.zones.version(),
      targets: store.targets,
    });
    this.#zoneFiles = new ZoneFiles({ zones: store.zones, paths: setup.options.zoneFile, clock, logger });
    const engine = new Engine({
      zones: this.#discovery,
      select: this.#discovery.select,
      transfers: this.#transfers,
      ...(this.#forwarder && { forwarder: this.#forwarder }),
      mayForward: setup.mayForward,
      nsid,
      counts: this.#counts,
      clock,
      logger,
    });
    const { mayForward } = setup;
    const isServed = ({ address }: Client) => this.#forwarder === undefined || mayForward.allows(address);
    const version = () => this.#discovery.version();
    this.#responder = new Responder({ engine, clock, counts: this.#counts, version, isServed });
    this.#transfers.registerMetrics(context.metrics);
    if (this.#forwarder !== undefined) registerForwardMetrics(context.metrics, this.#forwarder);
    this.#forwarder?.onDrop(() => this.#responder.clear());
    registerMetrics(context.metrics, this.#counts, {
      zones: () => store.zones.list().length,
      connections: () => this.#connections(),
      hotAnswers: () => this.#responder.hotAnswers,
      targets: () => this.#discovery.states,
    });
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get detail(): string {
    const zones = this.#store.zones.list();
    const records = zones.reduce((sum, zone) => sum + zone.records, 0);
    return `${zones.length} zone${zones.length === 1 ? '' : 's'}, ${records.toLocaleString('en-US')} records`;
  }

  get hint(): string {
    const { hostname, port } = new URL(this.#endpoints[0]?.url ?? 'udp://127.0.0.1:1053');
    const [zone] = this.#store.zones.list();
    return `dig @${hostname.replace(/^\[(.*)\]$/, '$1')} -p ${port} ${zone?.origin ?? 'ds.test'} SOA`;
  }

  async start(): Promise<void> {
    await this.#zoneFiles.load();
    await this.#discovery.start();
    await this.#listen();
    await this.#listenTls();
    await this.#listenHttps();
    this.#transfers.start();
  }

  async checkReady(): Promise<void> {
    this.#store.check();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    const { tcp, tls, https } = this.#connections();
    return { connections: tcp + tls + https, writes: 0 };
  }

  async stop(graceMs: number): Promise<void> {
    const patience = new AbortController();
    const expired = this.#context.clock.sleep(graceMs, patience.signal).catch(() => {});
    const listeners = [this.#udp, this.#tcp, this.#tls, this.#https].filter((listener) => listener !== undefined);
    try {
      await Promise.race([Promise.all(listeners.map((listener) => listener.drain())), expired]);
    } finally {
      patience.abort();
      for (const listener of listeners) listener.close();
      try {
        for (const part of [this.#zoneFiles, this.#transfers, this.#discovery, this.#forwarder]) await part?.close();
      } finally {
        this.#store.close();
      }
    }
  }

  #connections() {
    return {
      tcp: this.#tcp?.connections ?? 0,
      tls: this.#tls?.connections ?? 0,
      https: this.#https?.connections ?? 0,
    };
  }

  /** UDP and TCP on one port; port 0 takes one that is free for both. */
  async #listen(): Promise<void> {
    const { listen: address } = this.#setup;
    for (let tries = 1; ; tries++) {
      const tcp = StreamListener.tcp(this.#responder, this.#context.logger);
      const udp = new UdpListener(address.host, this.#responder, this.#counts, this.#context.logger);
      try {
        const bound = await tcp.listen(address, 'ds dns serve --listen');
        await udp.listen(bound, 'ds dns serve --listen');
        this.#tcp = tcp;
        this.#udp = udp;
        for (const name of ['udp', 'tcp']) this.#endpoints.push({ name, url: `${name}://${formatAddress(bound)}` });
        return;
      } catch (error) {
        tcp.close();
        udp.close();
        const isTaken =
          error instanceof DsError ? error.code === 'listen.address_in_use' : codeOf(error) === 'EADDRINUSE';
        if (address.port !== 0 || !isTaken || tries >= MOST_PORTS_TRIED) throw error;
      }
    }
  }

  async #listenTls(): Promise<void> {
    const { tls } = this.#setup;
    if (tls === undefined) return;
    this.#tls = await StreamListener.tls(this.#responder, tls.files, this.#context.logger);
    const bound = await this.#tls.listen(tls.address, 'ds dns serve --tls');
    this.#endpoints.push({ name: 'tls', url: `tls://${formatAddress(bound)}` });
  }

  async #listenHttps(): Promise<void> {
    const { https, tls } = this.#setup;
    if (https === undefined) return;
    this.#https = await HttpsListener.create({
      handler: this.#responder,
      tls: tls?.files,
      open: !isLoopback(https.host),
      logger: this.#context.logger,
    });
    const bound = await this.#https.listen(https, 'ds dns serve --https');
    const scheme = tls === undefined ? 'http' : 'https';
    this.#endpoints.push({ name: 'https', url: `${scheme}://${formatAddress(bound)}${DOH_PATH}` });
  }
}
