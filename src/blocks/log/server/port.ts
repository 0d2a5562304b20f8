/** The port: Node's HTTP parser with bounds on all that a peer controls, over TCP or TLS. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../../../platform/daemon/address.js';
import type { TlsFiles } from '../../../platform/daemon/tls.js';
import { HttpListener } from '../../../platform/protocol/http-listener.js';
import { asksForWebSocket, headWithoutOffer } from './upgrade.js';

const MOST_CONNECTIONS = 1_024;
/** Bytes: a query of LogQL in the path. */
const LARGEST_HEAD = 16 * 1024;
const MOST_HEADERS = 100;
/** A head and a whole request have to be there so soon, milliseconds: 16 MB in the time are 560 KB/s. */
const HEAD_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
/** Connections without a request are kept as long: agents send every second or so. */
const IDLE_MS = 60_000;
/** A connection on which nothing moves, an answer being made included. */
const SILENT_MS = 180_000;
/** Requests of one connection that may wait for the answer to the one before. */
const MOST_PIPELINED = 16;

export interface Service {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

export class LogPort {
  readonly #listener: HttpListener;
  readonly #service: Service;
  /** Each with the requests on it that are not answered. */
  readonly #connections = new Map<Duplex, number>();

  constructor(service: Service, tls: TlsFiles | undefined) {
    this.#service = service;
    this.#listener = new HttpListener({
      tls,
      mostConnections: MOST_CONNECTIONS,
      mostHeaders: MOST_HEADERS,
      maxHeaderSize: LARGEST_HEAD,
      headersTimeout: HEAD_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      keepAliveTimeout: IDLE_MS,
      noDelay: true,
    });
    const { server } = this.#listener;
    server.timeout = SILENT_MS;
    this.#listener.onConnection((socket) => this.#accept(socket));
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
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
    return this.#listener.close();
  }

  destroy(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#connections.has(socket)) return;
    this.#connections.set(socket, 0);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#connections.delete(socket));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // While it stops, each connection ends with the answer that is under way.
    if (!this.#listener.isListening) response.shouldKeepAlive = false;
    const waiting = (this.#connections.get(socket) ?? 0) + 1;
    if (waiting > MOST_PIPELINED) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, waiting);
    response.once('close', () => {
      const left = this.#connections.get(socket);
      if (left !== undefined) this.#connections.set(socket, left - 1);
      if (!this.#listener.isListening) this.#listener.server.closeIdleConnections();
    });
    void this.#service.serve(request, response);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#listener.isListening) socket.destroy();
    else if (asksForWebSocket(request)) void this.#service.upgrade(request, socket, head);
    else this.#parseAgain(request, socket, head);
  }

  /** Answers to requests before this one would be given by a parser that is gone: nobody pipelines and offers a protocol. */
  #parseAgain(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#connections.get(socket) !== 0) {
      socket.destroy();
      return;
    }
    if (head.length > 0) socket.unshift(head);
    socket.unshift(headWithoutOffer(request));
    this.#listener.server.emit(this.#listener.connected, socket);
  }
}
