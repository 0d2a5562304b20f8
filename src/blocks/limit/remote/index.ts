/** The rate limiter behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import type { Clock, Random } from '../../../platform/clock.js';
import { connect, type RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { identify, type RemoteServer } from '../../../platform/protocol/resp-client/identify.js';
import { parseRemoteUrl } from '../../../platform/protocol/resp-client/url.js';
import type { RateLimiter } from '../limiter.js';
import { DaemonLimiter } from './daemon.js';
import { limitPeer } from './peer.js';
import { durabilityNotices, RedisLimiter } from './redis.js';

export interface RemoteLimiter extends RateLimiter {
  readonly server: RemoteServer;
  /** What the user should know about the server, as sentences; never secrets. */
  readonly notices: readonly string[];
}

export interface RemoteOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Instead of one in the URL. */
  readonly password?: string;
  /** For connecting and authenticating together, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** For one command, milliseconds; a server that is silent for longer counts as gone. Default 30,000. */
  readonly commandTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 30_000;

/**
 * Connects to `redis://` or `rediss://` (TLS) and finds out what answers. Errors: `peer.bad_url`, `peer.unreachable`,
 * `peer.auth_required`, `peer.protocol`.
 */
export async function openRemoteLimiter(url: string, options: RemoteOptions): Promise<RemoteLimiter> {
  const parsed = parseRemoteUrl(url, limitPeer);
  const address = options.password === undefined ? parsed : { ...parsed, password: options.password };
  const connection = await connect(address, {
    clock: options.clock,
    peer: limitPeer,
    // Keys are any bytes.
    bulkStrings: 'latin1',
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    commandTimeoutMs: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    return await open(connection, options.random);
  } catch (failure) {
    await connection.close();
    throw failure;
  }
}

async function open(connection: RemoteConnection, random: Random): Promise<RemoteLimiter> {
  const server = await identify(connection, limitPeer);
  if (server.kind === 'ds') return withServer(new DaemonLimiter(connection), server, []);
  return withServer(new RedisLimiter(connection, random), server, await durabilityNotices(connection));
}

const withServer = (limiter: RateLimiter, server: RemoteServer, notices: readonly string[]): RemoteLimiter => ({
  server,
  notices,
  check: (demands) => limiter.check(demands),
  peek: (demands) => limiter.peek(demands),
  refund: (demand) => limiter.refund(demand),
  reset: (key, scope) => limiter.reset(key, scope),
  block: (key, forUs) => limiter.block(key, forUs),
  inspect: (key) => limiter.inspect(key),
  top: (count) => limiter.top(count),
  blocked: () => limiter.blocked(),
  counts: () => limiter.counts(),
  close: () => limiter.close(),
});
