/**
 * The server's side of RESP (https://redis.io/docs/latest/develop/reference/protocol-spec): requests out of a stream of
 * bytes that may be cut anywhere.
 *
 *     *2\r\n  $4\r\n INCR\r\n  $6\r\n orders\r\n          a multibulk request: count, then length and bytes of each
 *     INCR orders\r\n                                    an inline request: anything that does not begin with *
 *
 *            ┌────────── count <= 0, empty line ─────────┐
 *            ▼                                           │
 *     between requests ──'*'──▶ header ──▶ bulk length ⇄ bulk bytes ──▶ request ──▶ between requests
 *            └─────────any other byte──▶ line ───────────────────────────┘
 *
 * Arguments are views of the received chunk, no copies. Only what is left of a cut request is copied, into a buffer that
 * doubles as bytes arrive: an announced length never allocates anything, and a request sent byte by byte costs linear
 * time. Memory held is at most about three times what arrived.
 */
import { splitInline } from './inline.js';
import type { RespLimits } from './limits.js';

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const ZERO = 0x30;

const INCOMPLETE = Number.NEGATIVE_INFINITY;
/** A length of more digits is refused before its end arrives; 2^63 has 19. */
const MAX_DIGITS = 19;
const EMPTY = Buffer.alloc(0);
/** What an argument takes beside its bytes. */
const ARGUMENT_BYTES = 40;

/** What the peer sent is no RESP. The connection gets `-ERR <message>` and is closed. */
export class RespProtocolError extends Error {
  override readonly name = 'RespProtocolError';

  constructor(detail: string) {
    super(`Protocol error: ${detail}`);
  }
}

export class RequestParser {
  /** Name of the request that {@link next} found, as it was written, one character per byte. */
  name = '';
  /** Its arguments without the name: views of received bytes, never written to again. */
  args: Buffer[] = [];
  /** The same in place of {@link args}, as texts of one character per byte, where the parser was told to read them so. */
  texts: string[] = [];
  /** Before authentication a peer gets the small limits. */
  authenticated = true;

  readonly #limits: RespLimits;
  #buffer: Buffer = EMPTY;
  #offset = 0;
  #end = 0;
  /** Whether #buffer is ours, so that bytes may be appended behind #end. */
  #owned = false;
  /** Arguments of the current request that are still missing; 0 between requests. */
  #missing = 0;
  #named = false;
  /** Announced length of the current bulk, -1 before its header. */
  #bulk = -1;
  #frameBytes = 0;
  /** No line feed is in [#offset, #scanned). */
  #scanned = 0;

  /** `textual`: a Buffer for each argument is more than a store needs that keeps texts: 0.2 µs of a GET's 1.5. */
  constructor(
    limits: RespLimits,
    readonly textual = false,
  ) {
    this.#limits = limits;
  }

  /** Bytes received and not yet part of a finished request. */
  get buffered(): number {
    return this.#end - this.#offset;
  }

  /** The same, and the arguments that have arrived of a request that has not: what it holds in memory. */
  get unfinishedBytes(): number {
    if (this.#missing === 0) return this.buffered;
    const count = this.textual ? this.texts.length : this.args.length;
    return this.buffered + this.#frameBytes - Math.max(this.#bulk, 0) + count * ARGUMENT_BYTES;
  }

  /** Takes ownership of a chunk. Call {@link next} until it returns false before pushing more than a few chunks. */
  push(chunk: Buffer): void {
    if (this.#offset === this.#end) {
      this.#buffer = chunk;
      this.#offset = 0;
      this.#scanned = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#buffer.length - this.#end < chunk.length) this.#grow(chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  #grow(more: number): void {
    const left = this.buffered;
    const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * (left + more)));
    this.#buffer.copy(grown, 0, this.#offset, this.#end);
    this.#scanned = Math.max(0, this.#scanned - this.#offset);
    this.#buffer = grown;
    this.#offset = 0;
    this.#end = left;
    this.#owned = true;
  }

  /**
   * Whether a whole request has arrived; it is then in {@link name} and {@link args}.
   * Throws RespProtocolError, after which the parser must not be used again.
   */
  next(): boolean {
    while (this.#missing === 0) {
      if (this.#offset >= this.#end) return false;
      if (this.#buffer[this.#offset] !== STAR) {
        const found = this.#inline();
        if (found === undefined) return false;
        if (found) return true;
        continue;
      }
      const count = this.#length('invalid multibulk length');
      if (count === INCOMPLETE) return false;
      if (count > this.#limits.maxArguments) throw new RespProtocolError('invalid multibulk length');
      if (count > this.#limits.unauthenticatedArguments && !this.authenticated) {
        throw new RespProtocolError('unauthenticated multibulk length');
      }
      if (count > 0) this.#begin(count);
    }
    return this.#bulks();
  }

  #begin(count: number): void {
    this.#missing = count;
    this.#named = false;
    this.#bulk = -1;
    this.#frameBytes = 0;
    if (this.textual) this.texts = [];
    else this.args = [];
  }

  #bulks(): boolean {
    while (this.#missing > 0) {
      if (this.#bulk < 0 && !this.#bulkHeader()) return false;
      const start = this.#offset;
      const end = start + this.#bulk;
      if (this.#end < end + 2) return false;
      if (this.#buffer[end] !== CR || this.#buffer[end + 1] !== LF) {
        throw new RespProtocolError('expected CRLF after bulk');
      }
      if (this.#named && this.textual) this.texts.push(this.#buffer.toString('latin1', start, end));
      else if (this.#named) {
        this.args.push(this.#buffer.subarray(start, end));
      } else {
        this.name = this.#buffer.toString('latin1', start, end);
        this.#named = true;
      }
      this.#offset = end + 2;
      this.#bulk = -1;
      this.#missing--;
    }
    return true;
  }

  #bulkHeader(): boolean {
    if (this.#offset >= this.#end) return false;
    const type = this.#buffer[this.#offset] ?? 0;
    if (type !== DOLLAR) throw new RespProtocolError(`expected '$', got '${printable(type)}'`);
    const length = this.#length('invalid bulk length');
    if (length === INCOMPLETE) return false;
    if (length < 0 || length > this.#limits.maxBulkBytes) throw new RespProtocolError('invalid bulk length');
    if (length > this.#limits.unauthenticatedBulkBytes && !this.authenticated) {
      throw new RespProtocolError('unauthenticated bulk length');
    }
    this.#frameBytes += length;
    if (this.#frameBytes > this.#limits.maxFrameBytes) throw new RespProtocolError('too big request');
    this.#bulk = length;
    return true;
  }

  /**
   * The decimal number between the type byte at #offset and its CRLF, as strict as Redis's string2ll: no plus, no
   * leading zero, no space. Moves behind the CRLF, or leaves #offset alone and returns INCOMPLETE.
   */
  #length(invalid: string): number {
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#offset + 1;
    if (at >= end) return INCOMPLETE;
    const negative = buffer[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (; at < end; at++) {
      const byte = buffer[at] ?? 0;
      if (byte === CR) {
        if (at === first || (negative && value === 0)) throw new RespProtocolError(invalid);
        if (at + 1 >= end) return INCOMPLETE;
        if (buffer[at + 1] !== LF) throw new RespProtocolError(invalid);
        this.#offset = at + 2;
        return negative ? -value : value;
      }
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9 || at - first >= MAX_DIGITS || (at > first && value === 0)) {
        throw new RespProtocolError(invalid);
      }
      value = value * 10 + digit;
    }
    return INCOMPLETE;
  }

  /** True with a request, false after an empty line, undefined when the line has not ended. */
  #inline(): boolean | undefined {
    const found = this.#buffer.indexOf(LF, Math.max(this.#offset, this.#scanned));
    const ended = found >= 0 && found < this.#end;
    const length = (ended ? found : this.#end) - this.#offset;
    if (length > this.#limits.maxInlineBytes) throw new RespProtocolError('too big inline request');
    if (!ended) {
      this.#scanned = this.#end;
      return undefined;
    }
    const line = this.#buffer.subarray(this.#offset, this.#buffer[found - 1] === CR && length > 0 ? found - 1 : found);
    this.#offset = found + 1;
    const words = splitInline(line);
    if (words === undefined) throw new RespProtocolError('unbalanced quotes in request');
    if (!this.authenticated && words.length > this.#limits.unauthenticatedArguments) {
      throw new RespProtocolError('unauthenticated multibulk length');
    }
    const name = words.shift();
    if (name === undefined) return false;
    this.name = name.toString('latin1');
    if (this.textual) this.texts = words.map((word) => word.toString('latin1'));
    else this.args = words;
    return true;
  }
}

const printable = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
