/** Connects over TCP or TLS (RFC 7858). */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { codeOf, type DsError, messageOf } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { endOfPatience, Ignored, type Patience, unreachable } from './attempt.js';
import type { NameServer } from './server-address.js';
import type { TrustOptions } from './trust.js';

/** RFC 7858, section 3.1 has no name for it; IANA registers this one, and servers that look at it want it. */
const DOT_PROTOCOL = 'dot';

/** Errors: `dns.timeout`, `dns.unreachable`, `dns.untrusted`. */
export async function connectStream(
  server: NameServer,
  address: string,
  trust: TrustOptions,
  patience: Patience,
): Promise<Socket> {
  if (server.transport !== 'tls') return connected(server, connectTcp(server.port, address), 'connect', patience);
  return connectTls(server, address, [DOT_PROTOCOL], trust, patience);
}

/** A socket whose handshake is done and whose peer is who it should be. */
export async function connectTls(
  server: NameServer,
  address: string,
  protocols: readonly string[],
  trust: TrustOptions,
  patience: Patience,
): Promise<TLSSocket> {
  const tls = await import('node:tls');
  const socket = tls.connect({ ...tlsOptions(server, address, trust, tls), ALPNProtocols: [...protocols] });
  return connected(server, socket, 'secureConnect', patience);
}

type Tls = typeof import('node:tls');

function tlsOptions(server: NameServer, address: string, trust: TrustOptions, tls: Tls): ConnectionOptions {
  const name = expectedName(server, trust);
  return {
    host: address,
    port: server.port,
    // An address is no server name (RFC 6066, section 3).
    servername: isIP(name) === 0 ? name.replace(/\.$/, '') : '',
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
    rejectUnauthorized: trust.insecure !== true,
    ...(trust.ca === undefined ? {} : { ca: Buffer.from(trust.ca) }),
    minVersion: 'TLSv1.2',
  };
}

/** What the certificate has to be for. */
export function expectedName(server: NameServer, { serverName }: TrustOptions): string {
  return serverName ?? server.serverName ?? server.host;
}

function connected<S extends Socket>(
  server: NameServer,
  socket: S,
  event: 'connect' | 'secureConnect',
  patience: Patience,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      stopWaiting();
      socket.off('error', onError).off('close', onClose).off(event, onConnect);
      outcome();
    };
    const fail = (error: unknown) => {
      // What a socket says after that is of no interest, but would end the process.
      settle(() => socket.on('error', () => {}).destroy());
      reject(error);
    };
    const onError = (error: Error) => fail(untrusted(server, error) ?? unreachable(server, error));
    const onClose = () => fail(unreachable(server, new Error('it hung up')));
    const onConnect = () => settle(() => resolve(socket));
    const stopWaiting = endOfPatience(patience, (reason) => {
      fail(reason ?? new Ignored().timeout(server, patience.timeoutMs));
    });
    socket.on('error', onError).on('close', onClose).on(event, onConnect);
    if (patience.signal?.aborted) fail(patience.signal.reason);
  });
}

/** What OpenSSL and Node say of a certificate; undefined when the failure is another one. */
function untrusted(server: NameServer, error: unknown): DsError | undefined {
  const code = codeOf(error) ?? '';
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|CRL/.test(code);
  if (!isCertificate && !/^(ERR_SSL|EPROTO)/.test(code)) return undefined;
  const why = messageOf(error)
    .replace(/^[0-9A-F]+:error:[^:]*:[^:]*:([^:]*):.*$/s, '$1')
    .trim();
  if (!isCertificate) {
    return dnsErrors.error(
      'dns.unreachable',
      `${server.shown} cannot be reached: it does not speak TLS as wanted: ${why}`,
      {
        details: { server: server.shown, reason: code },
        cause: error,
      },
    );
  }
  return dnsErrors.error('dns.untrusted', `the certificate of ${server.shown} is not trusted: ${why}`, {
    hint: 'name its authority by --tls-ca FILE, its name by --tls-hostname NAME, or take any with --tls-insecure',
    details: { server: server.shown, reason: code },
    cause: error,
  });
}
