/**
 * A link over TCP or TLS, for any protocol in which answers come in the order of requests.
 *
 *     idle ──send, flush──▶ connecting ──▶ greeting ──▶ open ──▶ idle: the codec asks for it, the peer ends it,
 *       ▲                       │              │          │            or it fails (what is under way, too)
 *       └───────────────────────┴──────────────┴──────────┘
 *
 * What a link may use up is bounded: one read buffer for all links (an answer is parsed before the next read), and the
 * bytes of `pipeline` requests.
 */
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../clock.js';
import { codeOf, messageOf } from '../errors.js';
import { serverName } from '../protocol/server-name.js';
import type { FailureKind, Link, LinkEvents } from './driver.js';

export interface Place {
  /** An address, or a name that is looked up for each connection. */
  readonly address: string;
  readonly port: number;
  readonly tls: { readonly servername: string; readonly verify: boolean } | undefined;
}

/** What a connection's bytes mean. One for each link, told when a new connection begins. */
export interface Codec {
  /** To be sent first on each connection; the codec then says when it was answered: `open` of {@link Received}. */
  begin(): Uint8Array | undefined;
  /** The bytes of so many requests. */
  requests(count: number): Uint8Array;
  /** Reads all of `chunk` up to `length`. Answers are told by the function given when the codec was made. */
  receive(chunk: Uint8Array, length: number): Received;
  /** The peer has ended the connection: true when that completes the answer under way, which is then told. */
  ended(): boolean;
  /** What was wrong, after `malformed` or `refused`. */
  readonly problem: string;
}

/**
 * - `more`: go on
 * - `open`: the greeting was accepted, requests may be sent
 * - `close`: the answers are whole, but this connection takes no further request
 * - `malformed`, `refused`: see `problem`
 */
export type Received = 'more' | 'open' | 'close' | 'malformed' | 'refused';

export interface SocketLinkOptions {
  readonly place: () => Place;
  readonly clock: Clock;
  readonly bytes: { sent: number; received: number };
  /** Connecting and greeting together, milliseconds. */
  readonly connectTimeoutMs: number;
  readonly codec: (answered: (code: number) => void) => Codec;
}

const CLOSED = 'the connection was closed before the answer';
const READ_BUFFER_BYTES = 64 * 1024;
const readBuffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);

export class SocketLink implements Link {
  readonly #options: SocketLinkOptions;
  readonly #events: LinkEvents;
  readonly #codec: Codec;
  #socket: Socket | undefined;
  #state: 'idle' | 'connecting' | 'open' = 'idle';
  /** Requests asked for and not written. */
  #waiting = 0;
  /** Requests asked for and not answered, the waiting ones included. */
  #underWay = 0;
  #at = 0;
  #opened: (() => void) | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  /** Why the last attempt to connect failed, for whoever only wanted to open. */
  lastFailure: { readonly kind: FailureKind; readonly message: string } | undefined;

  constructor(options: SocketLinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#codec = options.codec((code) => {
      this.#underWay--;
      this.#events.answered(code, this.#at);
    });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  open(): Promise<void> {
    if (this.#state === 'open') return Promise.resolve();
    return new Promise((resolve) => {
      this.#opened = resolve;
      if (this.#state === 'idle') this.#connect();
    });
  }

  send(): void {
    this.#waiting++;
    this.#underWay++;
  }

  flush(): void {
    if (this.#waiting === 0) return;
    if (this.#state === 'idle') this.#connect();
    if (this.#state !== 'open') return;
    const data = this.#codec.requests(this.#waiting);
    this.#waiting = 0;
    this.#options.bytes.sent += data.length;
    this.#socket?.write(data);
  }

  /** One answer less is waited for; for links on which they come in any order. */
  giveUpOne(): void {
    this.#underWay--;
  }

  abort(kind: FailureKind, message: string): void {
    this.#lost(kind, message);
  }

  close(): void {
    this.#forget();
    this.#underWay = 0;
    this.#settleOpen();
  }

  #connect(): void {
    const { address, port, tls } = this.#options.place();
    this.#state = 'connecting';
    const onread: OnReadOpts = {
      buffer: readBuffer,
      callback: (length, chunk) => {
        if (socket === this.#socket) this.#receive(chunk, length);
        return true;
      },
    };
    const where = { host: address, port, onread, noDelay: true };
    const socket: Socket =
      tls === undefined
        ? connectTcp(where)
        : connectTls({
            ...where,
            rejectUnauthorized: tls.verify,
            // RFC 6066, section 3: a server name is no address.
            ...serverName(tls.servername),
          });
    this.#socket = socket;
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      if (socket === this.#socket) this.#greet(socket);
    });
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#lost(this.#kindOf(error), messageOf(error) || (codeOf(error) ?? 'failed'));
    });
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        if (socket === this.#socket) this.#ended();
      });
    }
    const { connectTimeoutMs } = this.#options;
    this.#connectTimer = setTimeout(
      () => this.#lost('timeout', `no connection within ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
  }

  #greet(socket: Socket): void {
    const greeting = this.#codec.begin();
    if (greeting === undefined) this.#begin();
    else {
      this.#options.bytes.sent += greeting.length;
      socket.write(greeting);
    }
  }

  #begin(): void {
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.lastFailure = undefined;
    this.#settleOpen();
    this.flush();
  }

  #receive(chunk: Uint8Array, length: number): void {
    this.#options.bytes.received += length;
    this.#at = this.#options.clock.monotonic();
    const before = this.#underWay;
    const received = this.#codec.receive(chunk, length);
    if (received === 'open') this.#begin();
    else if (received === 'malformed' || received === 'refused') {
      // With an answer to all that was asked came something else: that is nobody's failure, and the link has room again.
      const hasRoom = before > 0 && this.#underWay === 0;
      this.#lost(received, this.#codec.problem);
      if (hasRoom) this.#events.ready(this.#at);
    } else {
      if (received === 'close') this.#forget();
      // What was sent behind the last answer of a connection will not be answered.
      if (received === 'close' && this.#underWay > 0) this.#lost('reset', CLOSED);
      else if (this.#underWay < before) this.#events.ready(this.#at);
    }
  }

  /** The peer has said that nothing more will come. */
  #ended(): void {
    this.#at = this.#options.clock.monotonic();
    if (this.#state === 'open' && this.#codec.ended()) {
      this.#forget();
      this.#events.ready(this.#at);
    } else this.#lost('reset', CLOSED);
  }

  #lost(kind: FailureKind, message: string): void {
    const idle = this.#underWay === 0;
    const wasOpen = this.#state === 'open';
    this.#forget();
    if (!wasOpen) this.lastFailure = { kind, message };
    this.#settleOpen();
    // A connection that ends while nothing is under way is what keep-alive ends with.
    if (idle) return;
    this.#underWay = 0;
    const at = this.#options.clock.monotonic();
    this.#events.failed(kind, message, at);
    this.#events.ready(at);
  }

  #forget(): void {
    clearTimeout(this.#connectTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#state = 'idle';
    this.#waiting = 0;
    socket?.destroy();
  }

  #settleOpen(): void {
    this.#opened?.();
    this.#opened = undefined;
  }

  #kindOf(error: Error): FailureKind {
    switch (codeOf(error)) {
      case 'ECONNREFUSED':
        return 'refused';
      case 'ECONNRESET':
      case 'EPIPE':
        return 'reset';
      case 'ETIMEDOUT':
        return 'timeout';
      default:
        return this.#state === 'open' ? 'reset' : 'unreachable';
    }
  }
}
