/** The store behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import { identify } from '../../../platform/protocol/resp-client/identify.js';
import { openRemote, type RemoteOptions } from '../../../platform/protocol/resp-client/open.js';
import { definePeer } from '../../../platform/protocol/resp-client/peer.js';
import { kvErrors } from '../errors.js';
import { explaining } from '../redis-errors.js';
import { RemoteChannel } from './channel.js';

const kvPeer = definePeer({ block: 'kv', noun: 'a key-value store', port: 6379, errors: kvErrors.definitions });

/** Finds out what answers. Errors: those of openRemote(), `peer.protocol`, `kv.refused`: there is no such database. */
export function openRemoteChannel(url: string, options: RemoteOptions): Promise<RemoteChannel> {
  return explaining(
    openRemote(
      url,
      { ...options, peer: kvPeer, bulkStrings: 'latin1' },
      async (connection) => new RemoteChannel(connection, await identify(connection, kvPeer)),
    ),
  );
}
