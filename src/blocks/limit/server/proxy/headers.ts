/**
 * The header fields of a message that passes through a proxy: what was meant for one connection stays there (RFC 9110,
 * section 7.6.1), and who it came from is written down.
 */
import type { IncomingMessage } from 'node:http';
import { formatIp, parseIp } from '../../../../platform/ip-address.js';
import type { TrustedProxies } from '../../client-address.js';
import { hostOf } from './parts.js';

/** By lower-case name; several values where a field came several times. */
export type Fields = Record<string, string | string[]>;

/** Names this proxy in Via. */
const PSEUDONYM = 'ds-limit';
/** So many times may a request come by before it is called a loop. */
const MOST_ROUNDS = 8;

/** Fields of one connection, whatever Connection says. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Fields of the message, whatever Connection says: without them the body would be read as the next message. */
const FRAMING = new Set(['content-length', 'host']);
/** What only somebody who is trusted may say of the client. */
const ABOUT_CLIENT = [
  'forwarded',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
];

/** Without the fields of the connection it came on. */
function endToEnd(message: Pick<IncomingMessage, 'rawHeaders' | 'headers'>): Fields {
  const named = (message.headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const dropped = new Set([...HOP_BY_HOP, ...named.filter((name) => !FRAMING.has(name))]);
  const fields: Fields = Object.create(null);
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = (message.rawHeaders[index] ?? '').toLowerCase();
    const value = message.rawHeaders[index + 1] ?? '';
    if (!dropped.has(name)) append(fields, name, value);
  }
  return fields;
}

export interface ForwardedRequest {
  readonly request: IncomingMessage;
  readonly trusted: TrustedProxies;
  /** Host of the server behind. */
  readonly authority: string;
}

/** The fields of the request to the server behind, apart from how its body is framed. */
export function requestFields({ request, trusted, authority }: ForwardedRequest): Fields {
  const fields = endToEnd(request);
  const peer = request.socket.remoteAddress;
  if (!trusted.trusts(peer)) for (const name of ABOUT_CLIENT) delete fields[name];
  const address = parseIp(peer ?? '');
  appendToList(fields, 'x-forwarded-for', address === undefined ? 'unknown' : formatIp(address));
  fields['x-forwarded-proto'] ??= 'http';
  const host = hostOf(request);
  if (host !== undefined) fields['x-forwarded-host'] ??= host;
  appendToList(fields, 'via', `${request.httpVersion} ${PSEUDONYM}`);
  fields['host'] = authority;
  return fields;
}

/**
 * The fields of the answer. What the server behind says of limits of its own stays, with ours behind it: the fields are
 * lists.
 */
export function responseFields(response: IncomingMessage, ours: Readonly<Record<string, string>>): Fields {
  const fields = endToEnd(response);
  appendToList(fields, 'via', `${response.httpVersion} ${PSEUDONYM}`);
  for (const [name, value] of Object.entries(ours)) {
    if (name.startsWith('ratelimit')) append(fields, name, value);
    else fields[name] ??= value;
  }
  return fields;
}

/** Whether the request goes round in circles between proxies of this name. */
export function isLoop(request: IncomingMessage): boolean {
  const rounds = (request.headers.via ?? '').split(',').filter((entry) => entry.trim().endsWith(` ${PSEUDONYM}`));
  return rounds.length >= MOST_ROUNDS;
}

function append(fields: Fields, name: string, value: string): void {
  const known = fields[name];
  fields[name] = known === undefined ? value : [...(typeof known === 'string' ? [known] : known), value];
}

/** Lists are one field: servers that look at one line only must see all of it. */
function appendToList(fields: Fields, name: string, value: string): void {
  const known = fields[name];
  fields[name] = known === undefined ? value : `${typeof known === 'string' ? known : known.join(', ')}, ${value}`;
}
