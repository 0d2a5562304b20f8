/** Name servers that zones come from or are told about. */
import { type DsError, messageOf } from '../../../../platform/errors.js';
import { formatIp, parseIp } from '../../../../platform/ip-address.js';
import { type NameServer, type ParseServerOptions, parseServer } from '../../client/server-address.js';
import { dnsErrors } from '../../errors.js';
import type { Name } from '../../name.js';

/** Errors: `dns.bad_server`; `dns.unsupported_transport`, for HTTPS has no zone transfers (RFC 8484, RFC 9103). */
export function parsePeer(text: string, options: ParseServerOptions = {}): NameServer {
  const server = parseServer(text, options);
  if (server.transport !== 'https') return server;
  throw dnsErrors.error('dns.unsupported_transport', `${server.shown} cannot give zones: they come over TCP or TLS`, {
    hint: `write tcp://${server.host} or tls://${server.host}`,
    details: { server: server.shown },
  });
}

/** One text for an address, however it is written: `::ffff:192.0.2.1` is `192.0.2.1`. Undefined: it is none. */
export function canonicalAddress(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}

/** What was wrong with each of several. */
export function noPrimary(origin: Name, problems: readonly unknown[]): DsError {
  return dnsErrors.error('dns.no_primary', problems.map(messageOf).join('; '), {
    details: { zone: origin.toString() },
  });
}
