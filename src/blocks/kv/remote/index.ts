/** The store behind a URL. Loaded only when a URL is used: it brings the Redis client library. */
import type { Clock } from '../../../platform/clock.js';
import { identify } from '../../../platform/protocol/resp-client/identify.js';
import { openRemote } from '../../../platform/protocol/resp-client/open.js';
import { definePeer } from '../../../platform/protocol/resp-client/peer.js';
import { kvErrors } from '../errors.js';
import { RemoteChannel } from './channel.js';

const kvPeer = definePeer({ block: 'kv', noun: 'a key-value store', port: 6379, errors: kvErrors.definitions });

/** Finds out what answers. Errors: those of openRemote(), and `peer.protocol`. */
export function openRemoteChannel(
  url: string,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<RemoteChannel> {
  return openRemote(
    url,
    { ...options, peer: kvPeer, bulkStrings: 'latin1' },
    async (connection) => new RemoteChannel(connection, await identify(connection, kvPeer)),
  );
}
