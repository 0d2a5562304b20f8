/**
 * DNS over HTTPS (RFC 8484): GET /dns-query?dns=BASE64URL and POST /dns-query, HTTP/2 and HTTP/1.1; with no certificate
 * plain HTTP/1.1, for a proxy in front.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { Logger } from 'pino';
import { isLoopbackHostHeader, type ListenAddress } from '../../../../platform/daemon/address.js';
import { listen } from '../../../../platform/daemon/listen.js';
import type { TlsFiles } from '../../../../platform/daemon/tls.js';
import { DOH_PATH } from '../../client/server-address.js';
import { readUint16, readUint32 } from '../../wire/octets.js';
import type { Client } from '../client.js';
import type { Handler } from '../handler.js';
import { ttlPlaces } from '../ttl-places.js';
import { IDLE_MS } from './stream-connection.js';

const MEDIA_TYPE = 'application/dns-message';
const MOST_CONNECTIONS = 1_024;
/** Streams of one HTTP/2 connection. */
const MOST_STREAMS = 32;
/** Octets of a query by POST: real ones have some hundred. All connections together may hold 128 MiB of them. */
const LONGEST_QUERY = 4 * 1024;
const LARGEST_HEADERS = 8 * 1024;
/** Characters of a path. Longer queries come by POST. */
const LONGEST_PATH = 4 * 1024;

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

export interface HttpsOptions {
  readonly handler: Handler;
  readonly tls: TlsFiles | undefined;
  /** Answers to any Host header: the user opened the port to other machines. */
  readonly open: boolean;
  readonly logger: Logger;
}

/** A request that is answered with a status and a line of text. */
class Refusal {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {}
}

export class HttpsListener {
  readonly #server: Server;
  readonly #options: HttpsOptions;
  readonly #sockets = new Set<Socket>();
  #underWay = 0;
  #idle: (() => void) | undefined;

  private constructor(server: Server, options: HttpsOptions) {
    this.#server = server;
    this.#options = options;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request: Request, response: Response) => void this.#serve(request, response));
  }

  static async create(options: HttpsOptions): Promise<HttpsListener> {
    const limits = { maxHeaderSize: LARGEST_HEADERS, requestTimeout: IDLE_MS, keepAliveTimeout: IDLE_MS };
    if (options.tls === undefined) return new HttpsListener(createHttpServer(limits), options);
    const { createSecureServer } = await import('node:http2');
    const { cert, key } = options.tls;
    const settings = { maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: LARGEST_HEADERS };
    const server = createSecureServer({ cert, key, allowHTTP1: true, settings, ...limits });
    server.setTimeout(IDLE_MS);
    server.on('sessionError', (error) => options.logger.debug({ err: error }, 'an HTTP/2 session failed'));
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return new HttpsListener(server, options);
  }

  /** Resolves with the address bound. Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<ListenAddress> {
    const bound = await listen(this.#server, { address, flag });
    const { logger } = this.#options;
    this.#server.on('error', (error) => logger.warn({ err: error }, 'the HTTPS listener reported an error'));
    return bound;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Accepts nothing more; resolves when what was read is answered. */
  async drain(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    this.close();
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(request: Request, response: Response): Promise<void> {
    this.#underWay++;
    // Not before it has left: what closes the sockets waits for this.
    response.once('close', () => {
      this.#underWay--;
      if (this.#underWay === 0) this.#idle?.();
    });
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      const outcome = await this.#answer(request);
      if (outcome instanceof Refusal) refuse(response, outcome);
      else send(response, outcome);
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'a DNS over HTTPS request ended early');
      response.destroy();
    }
  }

  async #answer(request: Request): Promise<Uint8Array | Refusal> {
    const host = request.headers.host ?? request.headers[':authority'];
    if (!this.#options.open && !isLoopbackHostHeader(Array.isArray(host) ? host[0] : host)) {
      return new Refusal(421, 'this port answers to loopback names only');
    }
    const query = await readQuery(request);
    if (query instanceof Refusal) return query;
    const { remoteAddress: address = '', remotePort: port = 0 } = request.socket;
    const client: Client = { transport: 'https', address, port };
    const answer = await this.#options.handler.answer(query, client);
    return answer ?? new Refusal(400, 'this is no DNS query');
  }
}

async function readQuery(request: Request): Promise<Buffer | Refusal> {
  const url = request.url ?? '';
  if (url.length > LONGEST_PATH) return new Refusal(414, 'send long queries by POST');
  if (!URL.canParse(url, 'http://localhost')) return new Refusal(400, 'this is no address of a resource');
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname !== DOH_PATH) return new Refusal(404, `there is ${DOH_PATH}`);
  if (request.method === 'POST') return readBody(request);
  if (request.method !== 'GET' && request.method !== 'HEAD') return new Refusal(405, 'there are GET and POST');
  const text = searchParams.get('dns');
  if (text === null) return new Refusal(400, 'the parameter dns is missing');
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return new Refusal(400, 'the parameter dns is no base64url without padding');
  return Buffer.from(text, 'base64url');
}

async function readBody(request: Request): Promise<Buffer | Refusal> {
  const type = request.headers['content-type'];
  if (type?.split(';', 1)[0]?.trim().toLowerCase() !== MEDIA_TYPE)
    return new Refusal(415, `the body has to be ${MEDIA_TYPE}`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const octets: Buffer = chunk;
    length += octets.length;
    if (length > LONGEST_QUERY) return new Refusal(413, `a query has at most ${LONGEST_QUERY} octets here`);
    chunks.push(octets);
  }
  return Buffer.concat(chunks);
}

function refuse(response: Response, { status, text }: Refusal): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (status === 405) response.setHeader('allow', 'GET, POST');
  finish(response, Buffer.from(`${text}\n`));
}

function send(response: Response, wire: Uint8Array): void {
  response.setHeader('content-type', MEDIA_TYPE);
  response.setHeader('cache-control', `max-age=${freshness(wire)}`);
  finish(response, wire);
}

function finish(response: Response, body: Uint8Array): void {
  response.setHeader('content-length', body.length);
  response.setHeader('x-content-type-options', 'nosniff');
  // The two kinds of response take the same, by overloads that their union has not.
  if ('stream' in response) response.end(body);
  else response.end(body);
}

/** Seconds that HTTP caches may keep a response: the smallest TTL of its answer (RFC 8484, section 5.1). */
function freshness(wire: Uint8Array): number {
  const answers = readUint16(wire, 6);
  const authorities = readUint16(wire, 8);
  const counted = answers > 0 ? answers : authorities;
  const ttls = [...ttlPlaces(wire)].slice(0, counted).map((place) => readUint32(wire, place));
  return ttls.length === 0 ? 0 : Math.min(...ttls);
}
