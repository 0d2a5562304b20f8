/**
 * The rate limiter's daemon: one store and its policies behind a RESP port, an HTTP port and, when asked for, a reverse
 * proxy.
 *
 * Stopping, in this order, so that every reply tells the truth: all ports stop accepting and finish what is in flight;
 * requests that wait for their turn are let go when the grace ends; the file is closed.
 */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { checkOptions } from '../../platform/config/options.js';
import {
  formatAddress,
  isLoopback,
  type ListenAddress,
  readAddress,
  readUnguardedAddress,
} from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { explained, type ListenRequest } from '../../platform/daemon/listen.js';
import { readSecretFile } from '../../platform/daemon/secret.js';
import { OFF } from '../../platform/daemon/shared-options.js';
import { whyUnreadable } from '../../platform/errors.js';
import { blockDatabase } from '../../platform/paths.js';
import { type HttpPort, openHttpPort } from '../../platform/protocol/http.js';
import { createRespServer, type RespServer } from '../../platform/protocol/resp/index.js';
import { type ForwardingHeader, readTrustedProxies } from './client-address.js';
import { limitErrors } from './errors.js';
import { MOST_POLICY_BYTES, type PolicySet, parsePolicies } from './policy/index.js';
import { createEngine, type LimitEngine } from './server/engine.js';
import { createLimitHttpServer } from './server/http.js';
import { LimitMetrics } from './server/metrics.js';
import { type LimitOptions, limitOptions } from './server/options.js';
import { openUpstream, type Upstream } from './server/proxy/upstream.js';
import { ReverseProxy } from './server/proxy.js';
import { respCommands } from './server/resp-commands.js';
import { type LimiterStore, openLimiterStore } from './store.js';

/** Errors: `config.invalid`, `listen.*`, `secret.unreadable`, `limit.bad_policy` …; before anything is opened. */
export async function startLimitServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const options = checkOptions(limitOptions, raw);
  const setup = await readSetup(options, context.logger);
  const store = openLimiterStore({
    path: resolve(options.db ?? blockDatabase(context.home, 'limit')),
    clock: context.clock,
    random: context.random,
  });
  try {
    const { keys } = await store.counts();
    const server = new LimitServer(setup, context, store, keys);
    await server.listen().catch(async (error: unknown) => {
      await server.stop(0);
      throw error;
    });
    return server;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The options, read. */
interface Setup {
  readonly options: LimitOptions;
  readonly redis: ListenAddress;
  readonly http: ListenAddress | undefined;
  readonly proxy: { readonly address: ListenAddress; readonly upstream: Upstream } | undefined;
  readonly policies: PolicySet | undefined;
  readonly secret: string | undefined;
}

async function readSetup(options: LimitOptions, logger: Logger): Promise<Setup> {
  const redis = readAddress(options.listen, '--listen', options);
  const http = options.http === OFF ? undefined : readAddress(options.http, '--http', options);
  const proxy =
    options.proxy === undefined
      ? undefined
      : { address: readProxyAddress(options), upstream: openUpstream(options.proxy) };
  const policies = options.policy === undefined ? undefined : await readPolicies(options.policy);
  if (proxy !== undefined && policies === undefined) {
    throw limitErrors.error('limit.no_policy', 'a reverse proxy without policies would limit nothing', {
      hint: `ds limit serve --proxy ${options.proxy} --policy FILE`,
    });
  }
  readTrustedProxies(options.trustedProxies, 'none', headerOf(options));
  return { options, redis, http, proxy, policies, secret: await readSecret(options, logger) };
}

function readProxyAddress(options: LimitOptions): ListenAddress {
  return readUnguardedAddress(options.proxyListen, '--proxy-listen', options, {
    opens: 'the server behind the proxy',
    passwordProtects: 'the other ports',
  });
}

async function readPolicies(path: string): Promise<PolicySet> {
  const unreadable = (reason: string, cause?: unknown) =>
    limitErrors.error('limit.bad_policy', `${path} cannot be read: ${reason}`, { details: { path }, cause });
  let text: string;
  try {
    const facts = await stat(path);
    if (facts.size > MOST_POLICY_BYTES) throw unreadable(`it is longer than ${MOST_POLICY_BYTES} bytes`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(whyUnreadable(error), error);
  }
  return parsePolicies(text, path);
}

async function readSecret({ requirepassFile }: LimitOptions, logger: Logger): Promise<string | undefined> {
  if (requirepassFile === undefined) return undefined;
  const { secret, exposed } = await readSecretFile(requirepassFile);
  if (exposed) logger.warn({ file: requirepassFile }, 'other users of this machine can read the password file');
  return secret;
}

const headerOf = ({ forwardingHeader }: LimitOptions): ForwardingHeader =>
  forwardingHeader === 'forwarded' ? 'forwarded' : 'x-forwarded-for';

class LimitServer implements RunningDaemon {
  readonly db: string;
  readonly detail: string;
  readonly #setup: Setup;
  readonly #context: DaemonContext;
  readonly #store: LimiterStore;
  readonly #engine: LimitEngine;
  readonly #resp: RespServer;
  readonly #stopping = new AbortController();
  #http: HttpPort | undefined;
  #proxy: ReverseProxy | undefined;
  #endpoints: Endpoint[] = [];

  constructor(setup: Setup, context: DaemonContext, store: LimiterStore, keys: number) {
    this.#setup = setup;
    this.#context = context;
    this.#store = store;
    this.db = store.path;
    const policies = setup.policies?.policies.length ?? 0;
    const kinds = policies === 1 ? '1 policy' : `${policies} policies`;
    this.detail = `${keys} key${keys === 1 ? '' : 's'}${policies === 0 ? '' : `, ${kinds}`}`;
    const metrics = new LimitMetrics(context.metrics, setup.policies?.limits.keys() ?? [], {
      clock: context.clock,
      counts: () => store.counts(),
      connections: () => this.#connections(),
    });
    this.#engine = createEngine({
      clock: context.clock,
      limiter: store,
      policies: setup.policies,
      metrics,
      legacyHeaders: setup.options.legacyHeaders,
      stopping: this.#stopping.signal,
    });
    this.#resp = this.#makeResp();
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  get hint(): string {
    const port = new URL(this.#endpoints[0]?.url ?? 'redis://localhost').port;
    return `redis-cli -p ${port} CL.THROTTLE alice 4 5 60`;
  }

  async listen(): Promise<void> {
    const { redis, http, proxy } = this.#setup;
    const { logger } = this.#context;
    const bound = await explained(this.#resp.listen(redis), listenRequest('--listen', redis));
    this.#endpoints.push({ name: 'redis', url: `redis://${formatAddress({ host: redis.host, port: bound.port })}` });
    if (http !== undefined) {
      this.#http = await openHttpPort(this.#makeHttp(http), { ...listenRequest('--http', http), logger });
      this.#endpoints.push({ name: 'http', url: this.#http.url });
    }
    if (proxy === undefined) return;
    this.#proxy = new ReverseProxy({
      engine: this.#engine,
      upstream: proxy.upstream,
      trusted: this.#trusted('none'),
      logger,
      open: !isLoopback(proxy.address.host) || this.#setup.options.insecure,
    });
    const { host } = proxy.address;
    const port = await explained(this.#proxy.listen(proxy.address), listenRequest('--proxy-listen', proxy.address));
    this.#endpoints.push({ name: 'proxy', url: `http://${formatAddress({ host, port })}` });
  }

  async checkReady(): Promise<void> {
    this.#store.checkReady();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    const connections = Object.values(this.#connections()).reduce((sum, count) => sum + count, 0);
    return { connections, writes: this.#store.pendingWrites() };
  }

  async stop(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const expired = this.#context.clock.sleep(graceMs, grace.signal).then(
      () => this.#stopping.abort(new Error('the daemon is stopping')),
      () => {},
    );
    const closed = Promise.all([this.#http?.close(), this.#proxy?.close()]);
    try {
      await Promise.all([this.#resp.stop(graceMs), Promise.race([closed, expired])]);
    } finally {
      grace.abort();
      this.#stopping.abort(new Error('the daemon is stopping'));
      this.#http?.destroy();
      this.#proxy?.destroy();
      await this.#store.close();
    }
  }

  #connections() {
    const proxy = this.#proxy?.connections;
    return {
      redis: this.#resp.connections,
      http: this.#http?.connections ?? 0,
      ...(proxy !== undefined && { proxy }),
    };
  }

  #trusted(fallback: 'loopback' | 'none') {
    const { options } = this.#setup;
    return readTrustedProxies(options.trustedProxies, fallback, headerOf(options));
  }

  #makeResp(): RespServer {
    const { secret } = this.#setup;
    return createRespServer({
      commands: respCommands(this.#engine),
      serverName: 'ds-limit',
      version: this.#context.version,
      clock: this.#context.clock,
      logger: this.#context.logger,
      ...(secret !== undefined && { password: Buffer.from(secret) }),
      info: () => ({ Decisions: this.#engine.metrics.totals() }),
    });
  }

  #makeHttp(address: ListenAddress) {
    const { secret } = this.#setup;
    return createLimitHttpServer({
      engine: this.#engine,
      trusted: this.#trusted('loopback'),
      logger: this.#context.logger,
      open: !isLoopback(address.host),
      ...(secret !== undefined && { secret }),
    });
  }
}

function listenRequest(flag: string, address: ListenAddress): ListenRequest {
  return { address, flag: `ds limit serve ${flag}` };
}
