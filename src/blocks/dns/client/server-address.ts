/**
 * Name servers as people write them:
 *
 *     192.0.2.1   192.0.2.1:5353   192.0.2.1#5353   2001:db8::1#5353   [2001:db8::1]:5353   ns.example.com
 *     udp://…   tcp://…   tls://192.0.2.1#dns.example   https://dns.example/dns-query   http://127.0.0.1:8053/dns-query
 *
 * Behind tls:// and https://, `#NAME` is the name that the certificate has to be for, where the host is an address.
 */
import { parseIp } from '../../../platform/ip-address.js';
import { dnsErrors } from '../errors.js';

export type Transport = 'udp' | 'tcp' | 'tls' | 'https';

export interface NameServer {
  readonly transport: Transport;
  /** An address or a name, without brackets. */
  readonly host: string;
  readonly port: number;
  /** https: path of the resource, with the query where it has one: `/dns-query`. */
  readonly path?: string;
  /** The name that the certificate has to be for; default: the host. */
  readonly serverName?: string;
  /** https: without TLS (http://, only on this machine). */
  readonly plain?: true;
  /** As a URL that {@link parseServer} reads back: `udp://127.0.0.1:53`. */
  readonly shown: string;
}

export interface ParseServerOptions {
  /** Where the text has none. Default: that of the transport. */
  readonly defaultPort?: number;
  /** Where the text has none: default `udp`. */
  readonly transport?: Transport;
  /** https: where the text has none. Default `/dns-query`. */
  readonly path?: string;
  /** https: without TLS, where the text has no scheme. */
  readonly plain?: boolean;
}

/** RFC 1035, RFC 7858 section 3.1, RFC 8484. */
export const DEFAULT_PORTS: Readonly<Record<Transport, number>> = { udp: 53, tcp: 53, tls: 853, https: 443 };
export const DOH_PATH = '/dns-query';

const HIGHEST_PORT = 65_535;
const LONGEST_TEXT = 1024;
/** Host names as getaddrinfo() takes them; underscores are met in practice. */
const HOST = /^(?=.{1,253}\.?$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;

/** Errors: `dns.bad_server`, `dns.unsupported_transport`. */
export function parseServer(text: string, options: ParseServerOptions = {}): NameServer {
  if (text.length > LONGEST_TEXT) throw badServer(text, 'it is too long');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const { transport = 'udp', path } = options;
    if (transport === 'https' && options.plain === true) return readHttp(text, text, 'http', options);
    const place = readPlace(text, text, 'port');
    return make(place, transport, options.defaultPort ?? DEFAULT_PORTS[transport], path && withSlash(path));
  }
  const rest = text.slice(scheme.length + 3);
  switch (scheme) {
    case 'udp':
    case 'tcp':
      return make(readPlace(text, rest, 'port'), scheme, options.defaultPort ?? DEFAULT_PORTS[scheme]);
    case 'tls':
      return make(readPlace(text, rest, 'name'), scheme, options.defaultPort ?? DEFAULT_PORTS.tls);
    case 'https':
    case 'http':
      return readHttp(text, rest, scheme, options);
    default:
      throw unsupported(text, scheme);
  }
}

/** The same server over another transport, for the fallback to TCP. */
export function overTransport({ host, port }: NameServer, transport: 'udp' | 'tcp'): NameServer {
  return make({ host, port }, transport, port);
}

interface Place {
  readonly host: string;
  readonly port?: number;
  readonly serverName?: string;
}

/** `fragment` is what stands behind a `#`: dig's port, or the certificate's name. */
function readPlace(text: string, written: string, fragment: 'port' | 'name'): Place {
  const [, body = '', behind] = /^([^#]*)(?:#(.*))?$/s.exec(written) ?? [];
  const place = readHostAndPort(text, body.replace(/\/$/, ''));
  if (behind === undefined) return place;
  if (/^\d+$/.test(behind)) {
    if (place.port !== undefined) throw badServer(text, 'it has two ports');
    return { ...place, port: readPort(text, behind) };
  }
  if (fragment === 'port') throw badServer(text, `"${behind.slice(0, 40)}" is no port`);
  if (!HOST.test(behind) && parseIp(behind) === undefined) throw badServer(text, 'behind # stands no name');
  return { ...place, serverName: behind };
}

function readHostAndPort(text: string, body: string): Place {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(body);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    if (!host.includes(':') || parseIp(host) === undefined) throw badServer(text, 'in brackets stands no IPv6 address');
    return port === undefined ? { host } : { host, port: readPort(text, port) };
  }
  if (parseIp(body) !== undefined) return { host: body };
  const [, host = '', port] = /^([^:]*)(?::(\d+))?$/.exec(body) ?? [];
  if (/^[\d.]+$/.test(host) ? parseIp(host) === undefined : !HOST.test(host)) {
    throw badServer(text, host === '' ? 'it has no host' : `"${host.slice(0, 80)}" is neither an address nor a host`);
  }
  return port === undefined ? { host } : { host, port: readPort(text, port) };
}

function readPort(text: string, digits: string): number {
  const port = digits.length <= 5 ? Number(digits) : Number.POSITIVE_INFINITY;
  if (port < 1 || port > HIGHEST_PORT) throw badServer(text, `port ${digits.slice(0, 10)} is not from 1 to 65535`);
  return port;
}

function readHttp(text: string, rest: string, scheme: 'http' | 'https', options: ParseServerOptions): NameServer {
  const [, authority = '', path = '', fragment] = /^([^/?#]*)([^#]*)(?:#(.*))?$/s.exec(rest) ?? [];
  const place = readPlace(text, fragment === undefined ? authority : `${authority}#${fragment}`, 'name');
  // A URI template (RFC 8484, section 4.1) ends in its one variable.
  const resource = path.replace(/\{[?&]dns\}$/, '');
  if (/[^\x21-\x7e]|[{}]/.test(resource)) throw badServer(text, 'its path is not that of a URL');
  if (scheme === 'http' && !isLoopback(place.host)) {
    throw dnsErrors.error('dns.unsupported_transport', `${text} would send queries over the network in clear`, {
      hint: `https://${authority}${path}`,
      details: { server: text },
    });
  }
  const port = options.defaultPort ?? (scheme === 'http' ? 80 : DEFAULT_PORTS.https);
  const wanted = resource === '' ? (options.path ?? DOH_PATH) : resource;
  return make(place, 'https', port, withSlash(wanted), scheme === 'http');
}

const withSlash = (path: string) => (path.startsWith('/') ? path : `/${path}`);

/** Node has no isLoopback() that would not load its whole network. */
function isLoopback(host: string): boolean {
  const address = parseIp(host);
  if (address === undefined) return /^(?:.+\.)?localhost\.?$/i.test(host);
  const { family, parts } = address;
  return family === 4 ? parts[0] === 127 : parts.every((group, index) => group === (index === 7 ? 1 : 0));
}

function make(
  { host, port, serverName }: Place,
  transport: Transport,
  defaultPort: number,
  path?: string,
  plain = false,
): NameServer {
  const there = port ?? defaultPort;
  const resource = transport === 'https' ? (path ?? DOH_PATH) : undefined;
  const scheme = plain ? 'http' : transport;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${there}`;
  return {
    transport,
    host,
    port: there,
    ...(resource === undefined ? {} : { path: resource }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(plain ? { plain: true } : {}),
    shown: `${scheme}://${authority}${resource ?? ''}${serverName === undefined ? '' : `#${serverName}`}`,
  };
}

function badServer(text: string, why: string) {
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return dnsErrors.error('dns.bad_server', `"${shown}" is no name server: ${why}`, {
    hint: 'write 192.0.2.1, 192.0.2.1:5353, [2001:db8::1]:53, ns.example.com, tls://dns.example or https://dns.example/dns-query',
    details: { server: shown },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  quic: 'DNS over QUIC (RFC 9250) needs a QUIC transport, which Node.js does not have',
  doq: 'DNS over QUIC (RFC 9250) needs a QUIC transport, which Node.js does not have',
  h3: 'DNS over HTTP/3 needs a QUIC transport, which Node.js does not have',
  sdns: 'DNSCrypt is not spoken here',
};

function unsupported(text: string, scheme: string) {
  const reason = REASONS[scheme] ?? `nothing is known of ${scheme}://`;
  const host = text.slice(scheme.length + 3).replace(/[:/#].*$/s, '');
  return dnsErrors.error('dns.unsupported_transport', `${text.slice(0, 80)} cannot be asked: ${reason}`, {
    hint: `udp://, tcp://, tls:// or https://, such as tls://${host || 'dns.example'}`,
    details: { server: text.slice(0, 80) },
  });
}
