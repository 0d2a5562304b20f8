/** Error codes of talking to a server. */
import { defineErrors } from '../errors.js';

export const peerErrors = defineErrors({
  'peer.unreachable': { kind: 'peer', meaning: 'The server could not be reached, or the connection to it was lost.' },
  'peer.auth_required': { kind: 'peer', meaning: 'The server wants a password, or refuses the one given.' },
  'peer.protocol': { kind: 'peer', meaning: 'The server answered what its protocol does not allow for.' },
  'peer.refused': { kind: 'peer', meaning: 'The server refused the request.' },
  'peer.bad_url': { kind: 'usage', meaning: 'The URL cannot be read, or names a scheme that is not supported.' },
});
