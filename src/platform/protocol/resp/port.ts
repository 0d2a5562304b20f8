/** The port that connections come in at, plain or TLS. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** PEM. */
export interface PortTls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** For a TLS handshake, milliseconds. */
const HANDSHAKE_MS = 10_000;

export class Port {
  readonly #server: Server;
  /** Sockets under the TLS of connections, also of those that are not there yet. */
  readonly #underTls = new Set<Socket>();
  readonly #mostSockets: number;

  constructor(tls: PortTls | undefined, mostSockets: number, accept: (socket: Socket) => void) {
    this.#mostSockets = mostSockets;
    // Half-open: a peer that has sent its last command may close its side and still gets its replies.
    this.#server = tls === undefined ? createServer({ allowHalfOpen: true }, accept) : this.#tlsServer(tls, accept);
  }

  #tlsServer({ cert, key }: PortTls, accept: (socket: Socket) => void): Server {
    const server = createTlsServer({ cert, key, allowHalfOpen: true, handshakeTimeout: HANDSHAKE_MS }, accept);
    server.on('connection', (socket: Socket) => {
      this.#underTls.add(socket);
      socket.once('close', () => this.#underTls.delete(socket));
      if (this.#underTls.size > this.#mostSockets) socket.destroy();
    });
    // Also one that never begins: Node tells so after the timeout, and leaves the socket open.
    server.on('tlsClientError', (_failure, socket) => socket.destroy());
    return server;
  }

  /** As bound; 0 before that. */
  get number(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Rejects with the system's error. `failed` is called for what goes wrong later. */
  listen(at: { readonly host: string; readonly port: number }, failed: (failure: Error) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: at.host, port: at.port }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', failed);
        resolve();
      });
    });
  }

  /** Accepts no more; resolves when all sockets are closed. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Sockets of connections with TLS, and of handshakes. */
  destroySockets(): void {
    for (const socket of this.#underTls) socket.destroy();
  }
}
