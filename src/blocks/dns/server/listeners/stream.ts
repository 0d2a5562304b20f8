/** DNS over TCP (RFC 7766) and over TLS (RFC 7858): the same connections, in clear or not. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ListenAddress } from '../../../../platform/daemon/address.js';
import { listen } from '../../../../platform/daemon/listen.js';
import type { TlsFiles } from '../../../../platform/daemon/tls.js';
import type { Client } from '../client.js';
import type { Handler } from '../handler.js';
import { IDLE_MS, StreamConnection } from './stream-connection.js';

/** Connections of a listener; a further one is closed at once. */
const MOST_CONNECTIONS = 1_024;
/** RFC 7858, section 3.1, and IANA's list of protocol identifiers. */
const PROTOCOL = 'dot';

export class StreamListener {
  readonly #server: Server;
  readonly #logger: Logger;
  /** Every socket, also while its TLS handshake goes on. */
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<StreamConnection>();
  #isDraining = false;
  #emptied: (() => void) | undefined;

  private constructor(server: Server, logger: Logger) {
    this.#server = server;
    this.#logger = logger;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static tcp(handler: Handler, logger: Logger): StreamListener {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const listener = new StreamListener(server, logger);
    server.on('connection', (socket) => listener.#accept(socket, handler, 'tcp'));
    return listener;
  }

  static async tls(handler: Handler, { cert, key }: TlsFiles, logger: Logger): Promise<StreamListener> {
    const { createServer: createTlsServer } = await import('node:tls');
    const server = createTlsServer({
      cert,
      key,
      ALPNProtocols: [PROTOCOL],
      handshakeTimeout: IDLE_MS,
      allowHalfOpen: true,
    });
    const listener = new StreamListener(server, logger);
    server.on('secureConnection', (socket) => listener.#accept(socket, handler, 'tls'));
    server.on('tlsClientError', (error, socket) => {
      logger.debug({ err: error }, 'a TLS handshake failed');
      socket.destroy();
    });
    return listener;
  }

  /** Resolves with the address bound. Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<ListenAddress> {
    const bound = await listen(this.#server, { address, flag });
    this.#server.on('error', (error) => this.#logger.warn({ err: error }, 'a listener reported an error'));
    return bound;
  }

  get connections(): number {
    return this.#open.size;
  }

  /** Accepts nothing more; resolves when what was read is answered. */
  async drain(): Promise<void> {
    if (!this.#server.listening) return;
    this.#isDraining = true;
    this.#server.close();
    for (const connection of this.#open) connection.end();
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    this.close();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) this.#server.close();
  }

  #accept(socket: Socket, handler: Handler, transport: Client['transport']): void {
    const { remoteAddress: address, remotePort: port } = socket;
    // It has gone already, or its handshake took until after the end.
    if (address === undefined || port === undefined || this.#isDraining) {
      socket.destroy();
      return;
    }
    const connection = new StreamConnection(socket, handler, { transport, address, port }, () => {
      this.#open.delete(connection);
      if (this.#open.size === 0) this.#emptied?.();
    });
    this.#open.add(connection);
  }
}
