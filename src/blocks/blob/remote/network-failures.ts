/** Requests that got no answer: what the network, or TLS, said, and what can be done about it. */
import { codeOf } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';

/** The error itself, where it is none of the network's. */
export function networkFailure(error: unknown, endpoint: string): unknown {
  if (!(error instanceof Error)) return error;
  // The SDK's own check of what it received.
  if (/^Checksum mismatch/.test(error.message)) {
    return blobErrors.error('blob.bad_digest', `what ${endpoint} sent has another checksum than it says`, {
      cause: error,
    });
  }
  const network = codeOf(error) ?? (error.name === 'TimeoutError' ? 'ETIMEDOUT' : undefined);
  if (network === undefined && !/socket hang up|aborted|premature|connection lost/i.test(error.message)) return error;
  const { why, hint } = explained(error, network, endpoint);
  return blobErrors.error('blob.unreachable', `${endpoint} cannot be reached: ${why}`, {
    hint,
    details: { endpoint },
    cause: error,
  });
}

const START = 'is a server running there? ds blob serve starts one';

/** What OpenSSL says of a certificate that nobody here has vouched for. */
const UNKNOWN_ISSUER = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

function explained(error: Error, network: string | undefined, endpoint: string): { why: string; hint: string } {
  const why = error.message === '' ? (network ?? error.name) : error.message;
  if (UNKNOWN_ISSUER.includes(network ?? '')) {
    return { why, hint: 'to trust a certificate of your own: export NODE_EXTRA_CA_CERTS=cert.pem' };
  }
  if (network === 'ERR_TLS_CERT_ALTNAME_INVALID') return { why, hint: 'use a name that its certificate has' };
  if (network === 'EPROTO' && why.includes('wrong version number')) {
    return { why: 'it does not speak TLS', hint: `without TLS it is ${typedAs(endpoint, 'http')}` };
  }
  if (why === 'socket hang up' && endpoint.startsWith('http:')) {
    return { why, hint: `${START}; over TLS it is ${typedAs(endpoint, 'https')}` };
  }
  return { why, hint: START };
}

function typedAs(endpoint: string, scheme: 'http' | 'https'): string {
  return endpoint.replace(/^https?:/, `s3+${scheme}:`);
}
