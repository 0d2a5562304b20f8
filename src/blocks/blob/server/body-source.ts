/**
 * The body of a request as it comes from the socket: a long one past Node's HTTP parser, into memory that is used again.
 *
 *     socket ─┬─▶ parser ─'data'────────┬─▶ queue (up to HIGH_WATER, then the socket is paused) ─▶ whoever iterates
 *             └─▶ SocketTap ─▶ copied ──┘
 */
import type { IncomingMessage } from 'node:http';
import { blobErrors } from '../errors.js';
import type { Body } from '../object-types.js';
import type { PieceMemory } from './piece-memory.js';
import { type PeerProgress, RECEIVING, type SlowPeers } from './slow-peers.js';
import { SocketTap } from './socket-tap.js';

/** Bytes that wait at most, but for the piece that goes beyond. */
const HIGH_WATER = 128 * 1024;
/** Bytes of a piece of the parser below which it is put together with others: by itself it would take more memory than it has bytes. */
const SMALL_PIECE = 4 * 1024;
/** Bytes that a piece of the parser takes beside its own, about. */
const PIECE_COST = 256;
/** Bytes that a body still has to have where it is read past the parser. */
const LEAST_TAPPED = 512 * 1024;
/** Bytes of a body that are read over after an early answer, before the connection is cut. */
const MOST_DRAINED = 16 * 1024 * 1024;

export interface BodySourceOptions {
  /** Told before the first byte is waited for: the moment for `100 Continue`. */
  readonly onFirstPull: () => void;
  readonly slowPeers: SlowPeers;
  readonly memory: PieceMemory;
}

export class BodySource implements PeerProgress {
  waiting = false;
  moved = 0;
  /** Bytes that came. */
  received = 0;
  readonly #request: IncomingMessage;
  readonly #options: BodySourceOptions;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #started = false;
  #ended = false;
  #failure: Error | undefined;
  #tap: SocketTap | undefined;
  #wake: () => void = () => {};

  constructor(request: IncomingMessage, options: BodySourceOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** To be consumed once. Errors: `blob.incomplete_body` where the client goes away, `blob.request_timeout`. */
  async *pieces(): Body {
    // The parser has given on what came with the head by then.
    await Promise.resolve();
    this.#start();
    const forget = this.#options.slowPeers.watch(this, RECEIVING);
    try {
      for (;;) {
        const piece = this.#queue.shift();
        if (piece !== undefined) {
          this.#queued -= piece.length;
          yield piece;
          this.#options.memory.giveBack(piece);
        } else if (this.#failure !== undefined) {
          throw this.#failure;
        } else if (this.#ended) {
          return;
        } else {
          await this.#more();
        }
      }
    } finally {
      forget();
    }
  }

  fail(): void {
    this.#end(() =>
      blobErrors.error('blob.request_timeout', `the body came too slowly, and stopped after ${this.received} bytes`),
    );
  }

  /**
   * Whether the connection cannot be used for another request: the client waits for 100 Continue and may or may not send its body now,
   * or it stands still.
   */
  mustClose(): boolean {
    return this.#failure !== undefined || (!this.#started && this.#request.headers.expect !== undefined);
  }

  /** After the answer. What nobody read is read over, up to a bound: a client that still sends would else never see the answer. */
  drain(): void {
    for (const piece of this.#queue.splice(0)) this.#options.memory.giveBack(piece);
    this.#tap?.close();
    const request = this.#request;
    if (request.complete) {
      // To its end, which a body that came past the parser has not been read to: else the connection keeps all of it until the next request.
      if (this.#tap !== undefined) request.resume();
      return;
    }
    if (request.destroyed) return;
    let left = MOST_DRAINED;
    const peer: PeerProgress = { waiting: true, moved: 0, fail: () => request.destroy() };
    request.once('close', this.#options.slowPeers.watch(peer, RECEIVING));
    request.removeAllListeners('data');
    request.on('error', () => {});
    request.on('data', (piece: Uint8Array) => {
      peer.moved += piece.length;
      left -= piece.length;
      if (left < 0) request.destroy();
    });
    request.resume();
  }

  #start(): void {
    this.#started = true;
    const request = this.#request;
    this.#tap = this.#openTap();
    if (this.#tap === undefined) request.on('data', (piece: Uint8Array) => this.#fromParser(piece));
    request.once('end', () => this.#end());
    request.once('error', (cause) => this.#end(() => this.#incomplete(cause)));
    request.once('close', () => this.#end(() => this.#incomplete(undefined)));
    request.pause();
    if (request.destroyed) this.#end(() => this.#incomplete(undefined));
    this.#options.onFirstPull();
  }

  #openTap(): SocketTap | undefined {
    const { headers, destroyed, complete, readableLength } = this.#request;
    // What came with the head is in the request already.
    const left = Number(headers['content-length'] ?? 0) - readableLength;
    if (destroyed || complete || !(left >= LEAST_TAPPED)) return undefined;
    const { memory } = this.#options;
    const tap = SocketTap.open(this.#request, {
      length: left,
      onBytes: (bytes) => this.#take(bytes, this.#withLast(bytes) ?? memory.copyOf(bytes)),
      onEnd: () => this.#end(),
    });
    const first: unknown = tap === undefined ? null : this.#request.read();
    if (first instanceof Uint8Array) this.#take(first);
    return tap;
  }

  #fromParser(piece: Uint8Array): void {
    this.#options.memory.count(piece.length + PIECE_COST);
    this.#take(piece, piece.length < SMALL_PIECE ? this.#withLast(piece) : undefined);
  }

  /** Put together with the last piece that waits, which it takes off the queue; undefined where there is no room. */
  #withLast(piece: Uint8Array): Uint8Array | undefined {
    const last = this.#queue.at(-1);
    const joined = last && this.#options.memory.joined(last, piece);
    if (joined !== undefined) this.#queue.pop();
    return joined;
  }

  /** @param waiting the same bytes, where they are kept; with some before them that wait */
  #take(piece: Uint8Array, waiting = piece): void {
    this.#queue.push(waiting);
    this.#queued += piece.length;
    this.received += piece.length;
    this.moved += piece.length;
    if (this.#queued >= HIGH_WATER) (this.#tap ?? this.#request).pause();
    this.#wake();
  }

  async #more(): Promise<void> {
    this.waiting = true;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      (this.#tap ?? this.#request).resume();
    });
    this.waiting = false;
  }

  /** The first end counts; an error, which costs, is made only where it is the first. */
  #end(failure?: () => Error): void {
    if (this.#ended || this.#failure !== undefined) return;
    if (failure === undefined) this.#ended = true;
    else this.#failure = failure();
    this.#wake();
  }

  #incomplete(cause: unknown): Error {
    return blobErrors.error('blob.incomplete_body', `the connection ended after ${this.received} bytes of the body`, {
      cause,
    });
  }
}
