import { definePeer } from '../../../platform/protocol/resp-client/peer.js';
import { limitErrors } from '../errors.js';

export const limitPeer = definePeer({
  block: 'limit',
  noun: 'a rate limiter',
  port: 6391,
  errors: limitErrors.definitions,
});
