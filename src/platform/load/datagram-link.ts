/**
 * A link over UDP, for any protocol whose messages carry an id of 16 bits. A socket of its own for each link, connected, so
 * that only what comes from the target gets through to it.
 *
 *     closed ──open, flush──▶ open ──▶ closed: the target refuses (what is under way is lost), abort(), close()
 *
 * A datagram that is lost tells nothing: whoever sent it gives it up in time.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../clock.js';
import { codeOf, messageOf } from '../errors.js';
import type { FailureKind, PlacedLink, PlacedLinkEvents } from './driver.js';
import { RequestIds } from './request-ids.js';

/** What the messages of a protocol are. */
export interface MessageCodec {
  /** The bytes of the next request, under this id. */
  request(id: number): Uint8Array;
  /** The id of what came; -1 when it is no answer of the protocol. */
  idOf(message: Uint8Array): number;
  /** What kind of answer it is, once its id was one of ours. */
  codeOf(message: Uint8Array): number;
}

export interface DatagramLinkOptions {
  /** An address, not a name. */
  readonly address: string;
  readonly port: number;
  /** Requests under way at once. */
  readonly pipeline: number;
  readonly clock: Clock;
  readonly bytes: { sent: number; received: number };
  readonly codec: MessageCodec;
}

/** What the system keeps of datagrams that came while we were busy, octets: some thousands. It may grant less. */
const RECEIVE_BUFFER = 1 << 20;

export class DatagramLink implements PlacedLink {
  readonly #options: DatagramLinkOptions;
  readonly #events: PlacedLinkEvents;
  readonly #ids: RequestIds;
  #waiting: number[] = [];
  #socket: Socket | undefined;
  #isOpen = false;

  constructor(options: DatagramLinkOptions, events: PlacedLinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#ids = new RequestIds(options.pipeline);
  }

  open(): Promise<void> {
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#connect(resolve));
  }

  send(place: number): void {
    this.#waiting.push(place);
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    if (this.#socket === undefined) this.#connect(() => {});
    if (!this.#isOpen) return;
    const places = this.#waiting;
    this.#waiting = [];
    for (const place of places) {
      const request = this.#options.codec.request(this.#ids.take(place));
      this.#options.bytes.sent += request.length;
      this.#socket?.send(request);
    }
  }

  giveUp(place: number): void {
    this.#ids.giveUp(place);
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== place);
  }

  abort(kind: FailureKind, message: string): void {
    this.#lost(kind, message);
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    this.#waiting = [];
    this.#ids.clear();
    if (socket === undefined) return;
    socket.removeAllListeners();
    // What is still to be said of a socket that is being closed is of no interest.
    socket.on('error', () => {});
    socket.close();
  }

  #connect(settled: () => void): void {
    const { address, port } = this.#options;
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
    this.#socket = socket;
    socket.on('error', (error) => this.#lost(kindOf(error), messageOf(error)));
    socket.on('message', (message) => this.#receive(message));
    socket.connect(port, address, (error?: Error) => {
      if (socket === this.#socket && error === undefined) {
        this.#isOpen = true;
        growBuffer(socket);
        this.flush();
      } else if (socket === this.#socket && error !== undefined) this.#lost(kindOf(error), messageOf(error));
      settled();
    });
  }

  #receive(message: Uint8Array): void {
    const { clock, codec, bytes } = this.#options;
    bytes.received += message.length;
    const id = codec.idOf(message);
    const place = id < 0 ? -1 : this.#ids.settle(id);
    // Late, or somebody else's.
    if (place < 0) return;
    const at = clock.monotonic();
    this.#events.answered(place, codec.codeOf(message), at);
    this.#events.ready(at);
  }

  #lost(kind: FailureKind, message: string): void {
    this.close();
    const at = this.#options.clock.monotonic();
    this.#events.failed(kind, message, at);
    this.#events.ready(at);
  }
}

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // Then it stays as the system has it.
  }
}

function kindOf(error: Error): FailureKind {
  return codeOf(error) === 'ECONNREFUSED' ? 'refused' : 'unreachable';
}
