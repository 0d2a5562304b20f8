/**
 * Takes the bytes of a long body off the socket beside Node's HTTP parser, which would copy each piece into fresh memory.
 *
 *     socket ─▶ one buffer for all ─▶ onBytes
 *                   └───▶ parser, which only counts them, and so knows where the next request begins
 *
 * Node has no public way for this, so each of the inner parts that it takes is looked for, and where one is missing the caller reads the request as usual:
 * `useUserBuffer()` of the handle and the two properties behind `net.connect({ onread })`, and `consume()`, `unconsume()` of the parser.
 *
 *     parser has the socket ──open()──▶ tapped ──length bytes, or close()──▶ parser has the socket
 *
 * 64 MB by PUT, CPU time of the thread with MD5: 200 ms by the parser, 140 ms so (Node 20).
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import {
  hasMethods,
  isReadingHandle,
  type ReadingHandle,
  type ReadSymbols,
  readSymbols,
} from '../../../platform/protocol/socket-reads.js';

interface HttpParser {
  consume(handle: ReadingHandle): void;
  unconsume(): void;
}

export interface TapOptions {
  /** Bytes of the body that the parser has not seen. */
  readonly length: number;
  /** The bytes are valid until it returns. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** After the last of them: the parser has the socket again. */
  readonly onEnd: () => void;
}

/** Bytes that one read can take. */
export const READ_BYTES = 128 * 1024;

const sharedBuffer = new Uint8Array(new ArrayBuffer(READ_BYTES));
const withBuffer = new WeakSet<Socket>();

export class SocketTap {
  readonly #socket: Socket;
  readonly #handle: ReadingHandle;
  readonly #parser: HttpParser;
  readonly #bodyCallback: string;
  readonly #onBody: unknown;
  readonly #symbols: ReadSymbols;
  readonly #options: TapOptions;
  readonly #onClose = () => this.close();
  #left: number;
  #open = true;

  /**
   * Undefined where this Node, or this socket, has not what it takes. Not within the event of the request, when the parser still holds what came
   * with the head; and nobody may read from the request.
   */
  static open(request: IncomingMessage, options: TapOptions): SocketTap | undefined {
    const { socket } = request;
    const handle: unknown = Reflect.get(socket, '_handle');
    const parser: unknown = Reflect.get(socket, 'parser');
    // Paused by Node itself, which waits for answers to be taken.
    if (Reflect.get(socket, '_paused') !== false || !isReadingHandle(handle) || !isParser(parser)) return undefined;
    const bodyCallback = Object.keys(parser).find((key) => nameOf(Reflect.get(parser, key)) === 'parserOnBody');
    const symbols = readSymbols(socket);
    if (bodyCallback === undefined || symbols === undefined) return undefined;
    return new SocketTap(socket, { handle, parser, bodyCallback, symbols }, options);
  }

  private constructor(
    socket: Socket,
    parts: {
      readonly handle: ReadingHandle;
      readonly parser: HttpParser;
      readonly bodyCallback: string;
      readonly symbols: ReadSymbols;
    },
    options: TapOptions,
  ) {
    this.#socket = socket;
    this.#handle = parts.handle;
    this.#parser = parts.parser;
    this.#bodyCallback = parts.bodyCallback;
    this.#symbols = parts.symbols;
    this.#left = options.length;
    this.#options = options;
    this.pause();
    this.#onBody = Reflect.get(this.#parser, this.#bodyCallback);
    // Without it the parser copies nothing, and counts all the same.
    Reflect.set(this.#parser, this.#bodyCallback, null);
    this.#parser.unconsume();
    Reflect.set(socket, this.#symbols.buffer, sharedBuffer);
    Reflect.set(socket, this.#symbols.callback, (count: number) => this.#take(count));
    if (!withBuffer.has(socket)) this.#handle.useUserBuffer(sharedBuffer);
    withBuffer.add(socket);
    // Before Node puts the parser back into its pool.
    socket.prependOnceListener('close', this.#onClose);
  }

  pause(): void {
    if (!this.#open || !this.#handle.reading) return;
    this.#handle.reading = false;
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#open) this.#read();
  }

  /** The parser has the socket again. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.removeListener('close', this.#onClose);
    Reflect.set(this.#parser, this.#bodyCallback, this.#onBody);
    Reflect.set(this.#socket, this.#symbols.buffer, null);
    Reflect.set(this.#socket, this.#symbols.callback, null);
    const stillOurs = Reflect.get(this.#socket, 'parser') === this.#parser;
    if (!stillOurs || Reflect.get(this.#socket, '_handle') !== this.#handle) return;
    this.#parser.consume(this.#handle);
    this.#read();
  }

  #read(): void {
    if (this.#handle.reading) return;
    this.#handle.reading = true;
    this.#handle.readStart();
  }

  /** As `onread` of net.connect(): false stops the reading. */
  #take(count: number): boolean {
    const bytes = sharedBuffer.subarray(0, Math.min(count, this.#left));
    // A copy: whoever takes the next request may tap it at once, while this one's end is still being told.
    const next = sharedBuffer.slice(bytes.length, count);
    this.#left -= bytes.length;
    this.#feedParser(bytes);
    if (this.#left === 0) this.close();
    this.#options.onBytes(bytes);
    if (this.#left > 0) return this.#handle.reading;
    this.#options.onEnd();
    if (next.length > 0) this.#feedParser(next);
    return true;
  }

  /** The listener of the HTTP server is there, and hears nothing while the parser has the socket itself. */
  #feedParser(bytes: Uint8Array): void {
    this.#socket.emit('data', Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

function isParser(parser: unknown): parser is HttpParser {
  return hasMethods(parser, ['consume', 'unconsume', 'execute']) && Reflect.get(parser, '_consumed') === true;
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'function' ? value.name : undefined;
}
