/** The port: Node's HTTP parser with bounds on all that a peer controls, over TCP or TLS. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../../../platform/daemon/address.js';
import type { TlsFiles } from '../../../platform/daemon/tls.js';
import { codeOf } from '../../../platform/errors.js';
import { HttpListener } from '../../../platform/protocol/http-listener.js';
import { errorDocument, type S3Code, wireErrorFor } from '../wire/s3-errors.js';
import type { S3Service } from './service.js';

/** Bytes of a request's head: a key of 1,024 bytes, each escaped, a presigned query, metadata. */
const LARGEST_HEAD = 32 * 1024;
/** A few more than the service takes, which refuses what is beyond: Node would only leave them out. */
const MOST_HEADERS = 400;
const MOST_CONNECTIONS = 4_096;
/** Requests of one connection that wait for the answer to the one before; a connection with more is cut. */
const MOST_PIPELINED = 100;
/** A head has to be there, milliseconds. Bodies have a least rate instead (slow-peers.ts). */
const HEAD_WITHIN_MS = 30_000;
/** Connections without a request are kept as long, milliseconds: SDKs keep them in pools. */
const IDLE_MS = 60_000;
/** Bytes that Node reads ahead of a body at most. */
const READ_AHEAD = 128 * 1024;

export class S3Port {
  readonly #listener: HttpListener;
  readonly #service: S3Service;
  /** Answers under way of each connection, in the order in which they will be sent. */
  readonly #connections = new Map<Duplex, ServerResponse[]>();
  /** What Node's parser has given up; it says so again with each packet. */
  readonly #misread = new WeakSet<Duplex>();

  constructor(service: S3Service, tls: TlsFiles | undefined, nextId: () => string) {
    this.#service = service;
    this.#listener = new HttpListener({
      tls,
      mostConnections: MOST_CONNECTIONS,
      mostHeaders: MOST_HEADERS,
      maxHeaderSize: LARGEST_HEAD,
      headersTimeout: HEAD_WITHIN_MS,
      requestTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      highWaterMark: READ_AHEAD,
      noDelay: true,
    });
    const { server } = this.#listener;
    this.#listener.onConnection((socket) => this.#accept(socket));
    server.on('request', (request, response) => this.#serve(request, response, false));
    server.on('checkContinue', (request, response) => this.#serve(request, response, true));
    server.on('checkExpectation', (request, response) => {
      // RFC 9110, section 10.1.1, has no other expectation; some clients send an empty one.
      if (request.headers.expect?.trim() === '') this.#serve(request, response, false);
      else response.writeHead(417, { connection: 'close' }).end();
    });
    server.on('clientError', (error, socket) => this.#misunderstood(error, socket, nextId()));
  }

  get url(): string {
    return this.#listener.url;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Errors: `listen.*`. */
  listen(address: ListenAddress, flag: string): Promise<void> {
    return this.#listener.listen(address, flag);
  }

  /** Takes no more connections, and resolves when those that are there have ended: idle ones at once. */
  close(): Promise<void> {
    if (!this.#listener.isListening) return Promise.resolve();
    const closed = this.#listener.close();
    for (const answering of this.#connections.values())
      for (const response of answering) response.shouldKeepAlive = false;
    return closed;
  }

  destroy(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #accept(socket: Socket): void {
    const answering: ServerResponse[] = [];
    this.#connections.set(socket, answering);
    socket.once('close', () => {
      this.#connections.delete(socket);
      // Of several pipelined answers Node tells only the first one.
      for (const response of [...answering]) if (!response.closed) response.emit('close');
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse, expects: boolean): void {
    // While it stops, each connection ends with the answer that is under way.
    if (!this.#listener.isListening) response.shouldKeepAlive = false;
    const { socket } = request;
    const answering = this.#connections.get(socket);
    if (socket.destroyed || answering === undefined) return;
    const before = answering.at(-1);
    answering.push(response);
    response.once('close', () => {
      const at = answering.indexOf(response);
      if (at !== -1) answering.splice(at, 1);
    });
    if (answering.length > MOST_PIPELINED) socket.destroy();
    else if (before === undefined) void this.#service.serve(request, response, expects);
    // One at a time: else all answers would be held in memory until the client takes the first one.
    else before.once('close', () => void (socket.destroyed || this.#service.serve(request, response, expects)));
  }

  /** What follows a request is none. Requests that came whole are still answered; of half a one nothing more will come. */
  #misunderstood(error: Error, socket: Duplex, requestId: string): void {
    if (this.#misread.has(socket)) return;
    this.#misread.add(socket);
    const answering = this.#connections.get(socket) ?? [];
    const last = answering.at(-1);
    if (last === undefined) {
      refuse(error, socket, requestId);
      return;
    }
    if (answering.some(({ req }) => !req.complete)) {
      socket.destroy();
      return;
    }
    last.shouldKeepAlive = false;
    last.once('finish', () => socket.end());
  }
}

/** What Node's parser cannot read, or does not wait for. */
const PARSER_ERRORS: Readonly<Record<string, readonly [S3Code, string]>> = {
  HPE_HEADER_OVERFLOW: ['RequestHeaderSectionTooLarge', `the head of the request has more than ${LARGEST_HEAD} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: ['RequestTimeout', 'the head of the request did not come in time'],
};

function refuse(error: Error, socket: Duplex, requestId: string): void {
  if (!socket.writable || codeOf(error) === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, message] = PARSER_ERRORS[codeOf(error) ?? ''] ?? ['BadRequest', 'the request is not HTTP'];
  const body = errorDocument(wireErrorFor(code, message), '', requestId);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nx-amz-request-id: ${requestId}\r\nContent-Type: application/xml\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
