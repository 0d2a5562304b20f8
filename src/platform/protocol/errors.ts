/** Error codes of both ends of a connection. */
import { defineErrors } from '../errors.js';

export const peerErrors = defineErrors({
  'peer.unreachable': { kind: 'peer', meaning: 'The server could not be reached, or the connection to it was lost.' },
  'peer.auth_required': { kind: 'peer', meaning: 'The server wants a password, or refuses the one given.' },
  'peer.protocol': { kind: 'peer', meaning: 'The server answered what its protocol does not allow for.' },
  'peer.refused': { kind: 'peer', meaning: 'The server refused the request.' },
  'peer.bad_url': { kind: 'usage', meaning: 'The URL cannot be read, or names a scheme that is not supported.' },
});

/** What a daemon's HTTP port answers by itself; what a block refuses has the block's code. */
export const httpErrors = defineErrors({
  'http.bad_request': { kind: 'usage', meaning: 'The request cannot be read, or is larger than the port takes.' },
  'http.not_found': { kind: 'no', meaning: 'There is no such path.' },
  'http.unauthorized': { kind: 'peer', meaning: 'The port wants the password as a bearer token.' },
  'http.wrong_host': {
    kind: 'usage',
    meaning: 'The Host header names another machine, and the port answers to loopback names only.',
  },
  'http.internal': { kind: 'internal', meaning: 'An error that nothing expected; the log of the daemon has it.' },
});
