/** What both versions of HTTP have in common for DNS over HTTPS (RFC 8484). */
import { LONGEST_MESSAGE } from '../wire.js';
import { badAnswer, octetsOf, type Patience } from './attempt.js';
import type { NameServer } from './server-address.js';

export type HttpMethod = 'GET' | 'POST';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Path and query. */
  readonly target: string;
  /** Host and port as the URL has them. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** A server's answer as far as HTTP goes. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

/** One server in one version of HTTP. */
export interface HttpLink {
  /** It takes no more queries. */
  readonly ended: boolean;
  /** Errors: `dns.timeout`, `dns.unreachable`, `dns.untrusted`, `dns.bad_answer`. */
  ask(request: HttpRequest, patience: Patience): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const DNS_MESSAGE = 'application/dns-message';

export function makeRequest(server: NameServer, bytes: Uint8Array, method: HttpMethod): HttpRequest {
  const { path = '/', host, port } = server;
  const name = host.includes(':') ? `[${host}]` : host;
  const usual = server.plain === true ? 80 : 443;
  const encoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
  const isGet = method === 'GET';
  return {
    method,
    target: isGet ? `${path}${path.includes('?') ? '&' : '?'}dns=${encoded}` : path,
    authority: port === usual ? name : `${name}:${port}`,
    // BIND refuses a POST that does not tell its length, over HTTP/2, too.
    headers: {
      accept: DNS_MESSAGE,
      ...(isGet ? {} : { 'content-type': DNS_MESSAGE, 'content-length': String(bytes.length) }),
    },
    body: isGet ? undefined : bytes,
  };
}

/** The message in an answer. Error: `dns.bad_answer`. */
export function messageIn(server: NameServer, { status, contentType, location, body }: HttpAnswer): Uint8Array {
  if (status !== 200) {
    const to = location === undefined ? '' : `, and points to ${location.slice(0, 200)}`;
    throw badAnswer(server, `it is HTTP ${status}${to}`, { status });
  }
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type !== DNS_MESSAGE) throw badAnswer(server, `its content type is "${contentType.slice(0, 100)}"`, { status });
  return body;
}

/** A body no longer than a message. */
export class BoundedBody {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** False when it is too long. */
  add(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return this.#length <= LONGEST_MESSAGE;
  }

  take(): Uint8Array {
    return octetsOf(Buffer.concat(this.#chunks));
  }
}

export function tooLong(server: NameServer) {
  return badAnswer(server, `it is longer than ${LONGEST_MESSAGE} octets`);
}
