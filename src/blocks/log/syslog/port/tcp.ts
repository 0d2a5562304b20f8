/**
 * Syslog over TCP (RFC 6587) and TLS (RFC 5425). The protocol acknowledges nothing; a sender is slowed down by TCP's window alone.
 *
 *     open ──data──▶ messages ──no room──▶ paused ──room──▶ open
 *       │ a frame beyond the bound, nothing for an hour, a half message for a minute, an error
 *       ▼
 *     closed: what was read of a message is a message
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ListenAddress } from '../../../../platform/daemon/address.js';
import { listen } from '../../../../platform/daemon/listen.js';
import { FrameReader, FramingError } from '../framing.js';
import type { SyslogCounts } from './counts.js';
import type { SyslogPump } from './pump.js';

const MOST_CONNECTIONS = 512;
/** Bytes of unfinished messages, of all connections together. */
const MOST_HELD = 32 * 1024 * 1024;
/** Senders keep connections open and may have nothing to say for long. Milliseconds. */
const IDLE_MS = 3_600_000;
/** With half a message read, milliseconds. */
const HALF_MESSAGE_MS = 60_000;
const HANDSHAKE_MS = 10_000;

export interface SyslogTls {
  /** PEM. */
  readonly cert: Buffer;
  /** PEM. */
  readonly key: Buffer;
}

/** What tests set; milliseconds. */
export interface SyslogTcpTimes {
  readonly idleMs?: number;
  readonly halfMessageMs?: number;
}

export class SyslogTcp {
  readonly #server: Server;
  readonly #pump: SyslogPump;
  readonly #counts: SyslogCounts;
  readonly #idleMs: number;
  readonly #halfMessageMs: number;
  readonly #sockets = new Set<Socket>();
  /** Those that messages are read of; over TLS each is one of the sockets, unpacked. */
  readonly #senders = new Set<Socket>();
  #held = 0;

  constructor(pump: SyslogPump, counts: SyslogCounts, tls: SyslogTls | undefined, times: SyslogTcpTimes = {}) {
    this.#pump = pump;
    this.#counts = counts;
    this.#idleMs = times.idleMs ?? IDLE_MS;
    this.#halfMessageMs = times.halfMessageMs ?? HALF_MESSAGE_MS;
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server =
      tls === undefined
        ? createServer({ keepAlive: true }, accept)
        : createTlsServer({ ...tls, handshakeTimeout: HANDSHAKE_MS, minVersion: 'TLSv1.2' }, accept);
    // Handshakes in progress count, too.
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('drop', () => {
      counts.refused++;
    });
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
  }

  /** Resolves with the address bound. Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<ListenAddress> {
    return listen(this.#server, { address, flag });
  }

  /** Accepts no more and closes what is open; all that was read is handed over by then, half messages, too. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    // The server does not wait for 'close' of its sockets, at which they hand over what is left.
    const ended = [...this.#senders].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    // Node has read for those that stand still; 'data' is told of it.
    for (const socket of this.#senders) while (socket.read() !== null);
    for (const socket of [...this.#senders, ...this.#sockets]) socket.destroy();
    await Promise.all([closed, ...ended]);
  }

  /** Sees TLS connections from their handshake on. */
  #track(socket: Socket): void {
    this.#sockets.add(socket);
    this.#counts.connections++;
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#counts.connections--;
    });
  }

  #accept(socket: Socket): void {
    const peer = socket.remoteAddress ?? '';
    const frames = new FrameReader({
      message: (bytes, start, end) => {
        this.#counts.messages++;
        this.#pump.add(bytes, start, end, peer);
      },
      cut: () => {
        this.#counts.cut++;
      },
    });
    socket.on('data', (chunk: Buffer) => this.#read(socket, frames, chunk));
    socket.setTimeout(this.#idleMs, () => {
      this.#counts.idle++;
      socket.destroy();
    });
    // The peer is gone; 'close' follows.
    socket.on('error', () => {});
    this.#senders.add(socket);
    socket.on('close', () => {
      this.#senders.delete(socket);
      this.#held -= frames.held;
      frames.end();
    });
  }

  #read(socket: Socket, frames: FrameReader, chunk: Buffer): void {
    const before = frames.held;
    try {
      frames.push(chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#counts.badFrames++;
      socket.destroy();
    }
    this.#held += frames.held - before;
    if (this.#held > MOST_HELD && !socket.destroyed) {
      this.#counts.refused++;
      socket.destroy();
    }
    if (socket.destroyed) return;
    socket.setTimeout(frames.held > 0 ? this.#halfMessageMs : this.#idleMs);
    if (!this.#pump.full) return;
    socket.pause();
    // A paused sender is not an idle one.
    socket.setTimeout(0);
    void this.#pump.room().then(() => {
      socket.setTimeout(frames.held > 0 ? this.#halfMessageMs : this.#idleMs);
      socket.resume();
    });
  }
}
