/** The rate limiter behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import type { Random } from '../../../platform/clock.js';
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { identify, type RemoteServer } from '../../../platform/protocol/resp-client/identify.js';
import { openRemote, type RemoteOptions } from '../../../platform/protocol/resp-client/open.js';
import type { RateLimiter } from '../limiter.js';
import { DaemonLimiter } from './daemon.js';
import { limitPeer } from './peer.js';
import { durabilityNotices, RedisLimiter } from './redis.js';

export interface RemoteLimiter extends RateLimiter {
  readonly server: RemoteServer;
  /** What the user should know about the server, as sentences; never secrets. */
  readonly notices: readonly string[];
}

/** Finds out what answers. Errors: those of openRemote(), and `peer.protocol`. */
export function openRemoteLimiter(
  url: string,
  { random, ...options }: RemoteOptions & { readonly random: Random },
): Promise<RemoteLimiter> {
  // Keys are any bytes.
  return openRemote(url, { ...options, peer: limitPeer, bulkStrings: 'latin1' }, (connection) =>
    open(connection, random),
  );
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
