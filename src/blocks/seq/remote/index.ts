/** The sequencer behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { identify, type RemoteServer } from '../../../platform/protocol/resp-client/identify.js';
import { openRemote, type RemoteOptions } from '../../../platform/protocol/resp-client/open.js';
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

/** Finds out what answers. Errors: those of openRemote(), and `peer.protocol`. */
export const openRemoteSequencer = (url: string, options: RemoteOptions): Promise<RemoteSequencer> =>
  openRemote(url, { ...options, peer: seqPeer }, open);

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
