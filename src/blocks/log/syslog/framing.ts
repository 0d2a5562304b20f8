/**
 * Messages out of a stream of bytes (RFC 6587), told apart message by message, as rsyslog does:
 *
 *     octet counting     5 <34>a7 <34>a b        a digit first: so many bytes follow the space
 *     non-transparent    <34>a LF <34>a b NUL    anything else: up to LF or NUL
 *
 * A count beyond the bound is refused as soon as its digits say so; nothing is kept for it. A line beyond the bound is cut, and what is cut off
 * is counted.
 */

/** Bytes: a line as long as Loki takes (256 KiB), and a header. RFC 5424, section 6.1 asks for 2,048. */
const LONGEST_FRAME = 264 * 1024;

export interface FrameSink {
  /** Bytes `start` to `end` of `bytes` are a message; they are its taker's until it returns. */
  message(bytes: Buffer, start: number, end: number): void;
  /** A line was longer than the bound; the rest of it is dropped. */
  cut(): void;
}

/** Why a connection cannot be read any further. */
export class FramingError extends Error {}

type State =
  | 'between'
  /** Within the digits of a count. */
  | 'count'
  /** Within a counted message: `#missing` bytes are missing. */
  | 'counted'
  | 'line'
  /** Within a line that is too long. */
  | 'skipped';

export class FrameReader {
  #state: State = 'between';
  #count = 0;
  #missing = 0;
  /** What came of a message that is not complete: its bytes, and how many. */
  #held: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(
    private readonly sink: FrameSink,
    private readonly longest = LONGEST_FRAME,
  ) {}

  /** Bytes of an unfinished message. */
  get held(): number {
    return this.#used;
  }

  /** Throws {@link FramingError} where the stream has lost its frames, or a peer asks for too much. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
  }

  /** The stream has ended; an unfinished message is a message. */
  end(): void {
    if (this.#used > 0 && this.#state !== 'skipped') this.sink.message(this.#held, 0, this.#used);
    this.#reset();
  }

  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'between':
        return this.#begin(chunk, at);
      case 'count':
        return this.#readCount(chunk, at);
      case 'counted':
        return this.#readCounted(chunk, at);
      case 'line':
        return this.#readLine(chunk, at);
      default:
        return this.#skipLine(chunk, at);
    }
  }

  #begin(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    // What some senders put behind a counted message, and empty lines.
    if (byte === 0x0a || byte === 0x0d || byte === 0 || byte === 0x20) return at + 1;
    this.#state = byte >= 0x31 && byte <= 0x39 ? 'count' : 'line';
    this.#count = 0;
    return at;
  }

  #readCount(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const digit = (chunk[at] ?? 0) - 0x30;
      if (digit >= 0 && digit <= 9) {
        this.#count = this.#count * 10 + digit;
        if (this.#count > this.longest) {
          throw new FramingError(`a frame of more than ${this.longest} bytes was announced`);
        }
        continue;
      }
      if (chunk[at] !== 0x20) return this.#countWasText(at);
      this.#state = 'counted';
      this.#missing = this.#count;
      return at + 1;
    }
    return chunk.length;
  }

  /** A line that begins with a number: its digits are text. */
  #countWasText(at: number): number {
    const digits = Buffer.from(String(this.#count));
    this.#hold(digits, 0, digits.length);
    this.#state = 'line';
    return at;
  }

  #readCounted(chunk: Buffer, at: number): number {
    const available = Math.min(this.#missing, chunk.length - at);
    if (this.#used === 0 && available === this.#missing) {
      this.sink.message(chunk, at, at + available);
      this.#reset();
      return at + available;
    }
    this.#hold(chunk, at, at + available);
    this.#missing -= available;
    if (this.#missing === 0) this.end();
    return at + available;
  }

  #readLine(chunk: Buffer, at: number): number {
    const lineEnd = endOfLine(chunk, at);
    const length = (lineEnd < 0 ? chunk.length : lineEnd) - at;
    const room = this.longest - this.#used;
    if (length > room) {
      this.#hold(chunk, at, at + room);
      this.sink.message(this.#held, 0, this.#used);
      this.sink.cut();
      this.#reset();
      this.#state = 'skipped';
      return at + room;
    }
    if (lineEnd < 0) {
      this.#hold(chunk, at, chunk.length);
      return chunk.length;
    }
    if (this.#used === 0) {
      this.sink.message(chunk, at, lineEnd);
      this.#reset();
    } else {
      this.#hold(chunk, at, lineEnd);
      this.end();
    }
    return lineEnd + 1;
  }

  #skipLine(chunk: Buffer, at: number): number {
    const lineEnd = endOfLine(chunk, at);
    if (lineEnd < 0) return chunk.length;
    this.#state = 'between';
    return lineEnd + 1;
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const needed = this.#used + to - from;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.min(Math.max(needed, this.#held.length * 2, 1024), this.longest));
      this.#held.copy(grown, 0, 0, this.#used);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#used, from, to);
    this.#used = needed;
  }

  #reset(): void {
    this.#state = 'between';
    this.#used = 0;
    // A long message's memory is not kept for the short ones that follow.
    if (this.#held.length > 8192) this.#held = Buffer.alloc(0);
  }
}

function endOfLine(chunk: Buffer, from: number): number {
  for (let at = from; at < chunk.length; at++) if (chunk[at] === 0x0a || chunk[at] === 0) return at;
  return -1;
}
