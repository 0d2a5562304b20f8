/** Node's own HTTP server over TCP or TLS, for ports where bytes are the point: what surrounds requests is the block's. */
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { formatAddress, type ListenAddress } from '../daemon/address.js';
import { listen } from '../daemon/listen.js';
import type { TlsFiles } from '../daemon/tls.js';

const HANDSHAKE_WITHIN_MS = 10_000;

export interface HttpListenerOptions extends ServerOptions {
  readonly tls: TlsFiles | undefined;
  readonly mostConnections: number;
  /** Node leaves out what is beyond. */
  readonly mostHeaders: number;
}

export class HttpListener {
  readonly server: Server;
  readonly #scheme: 'http' | 'https';
  /** What the server tells of, and listens to itself, when a connection is ready to be parsed. */
  readonly connected: 'connection' | 'secureConnection';
  #bound: ListenAddress | undefined;

  constructor({ tls, mostConnections, mostHeaders, ...options }: HttpListenerOptions) {
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.connected = tls === undefined ? 'connection' : 'secureConnection';
    this.server =
      tls === undefined
        ? createServer(options)
        : createTlsServer({ ...options, cert: tls.cert, key: tls.key, handshakeTimeout: HANDSHAKE_WITHIN_MS });
    this.server.maxHeadersCount = mostHeaders;
    this.server.maxConnections = mostConnections;
  }

  onConnection(accept: (socket: Socket) => void): void {
    this.server.on(this.connected, accept);
  }

  /** With the port really bound; empty before. */
  get url(): string {
    return this.#bound === undefined ? '' : `${this.#scheme}://${formatAddress(this.#bound)}`;
  }

  /** Not any more while it stops. */
  get isListening(): boolean {
    return this.server.listening;
  }

  /** Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<void> {
    this.#bound = await listen(this.server, { address, flag });
  }

  /** Takes no more connections, and resolves when those that are there have ended: idle ones at once. */
  close(): Promise<void> {
    if (!this.isListening) return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    return closed;
  }
}
