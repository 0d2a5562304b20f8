/** The sequencer behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import type { Clock } from '../../../platform/clock.js';
import { connect, type RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { identify, type RemoteServer } from '../../../platform/protocol/resp-client/identify.js';
import { parseRemoteUrl } from '../../../platform/protocol/resp-client/url.js';
import type { Sequencer } from '../sequencer.js';
import { DaemonSequencer } from './daemon.js';
import { seqPeer } from './peer.js';
import { durabilityNotices, RedisSequencer } from './redis.js';

export interface RemoteSequencer extends Sequencer {
  readonly server: RemoteServer;
  /** What the user should know about the server, as sentences; never secrets. */
  readonly notices: readonly string[];
  /** IDs that the daemon makes; absent where the server is a Redis or Valkey. Format: default the layout's usual. */
  readonly next?: (layout: string, count: number, format?: string) => Promise<string[]>;
}

export interface RemoteOptions {
  readonly clock: Clock;
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
export async function openRemoteSequencer(url: string, options: RemoteOptions): Promise<RemoteSequencer> {
  const parsed = parseRemoteUrl(url, seqPeer);
  const address = options.password === undefined ? parsed : { ...parsed, password: options.password };
  const connection = await connect(address, {
    clock: options.clock,
    peer: seqPeer,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    commandTimeoutMs: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    return await open(connection);
  } catch (failure) {
    await connection.close();
    throw failure;
  }
}

async function open(connection: RemoteConnection): Promise<RemoteSequencer> {
  const server = await identify(connection, seqPeer);
  if (server.kind === 'ds') {
    const sequencer = new DaemonSequencer(connection);
    return {
      server,
      notices: [],
      workers: sequencer.workers,
      tickets: sequencer.tickets,
      hlc: sequencer.hlc,
      next: (layout, count, format) => sequencer.next(layout, count, format),
      close: () => sequencer.close(),
    };
  }
  const sequencer = new RedisSequencer(connection);
  const notices = await durabilityNotices(connection);
  return {
    server,
    notices,
    workers: sequencer.workers,
    tickets: sequencer.tickets,
    hlc: sequencer.hlc,
    close: () => sequencer.close(),
  };
}
