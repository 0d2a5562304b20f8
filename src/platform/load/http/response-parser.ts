/**
 * HTTP/1.1 responses (RFC 9112), read as they come and not kept: what counts is where each ends, and its status.
 *
 *     status line ─▶ fields ─┬─ 1xx ──────────────▶ status line      (RFC 9110, section 15.2)
 *                            ├─ no content ───────▶ done             HEAD, 204, 304: RFC 9112, section 6.3
 *                            ├─ Content-Length ───▶ body ──────────▶ done
 *                            ├─ chunked ──▶ size ─▶ data ─▶ CRLF ─▶ size …
 *                            │               └─ 0 ─▶ trailers ─────▶ done          section 7.1
 *                            └─ neither ──────────▶ until the peer closes ─▶ done
 *
 * A line may arrive in any number of pieces; what is carried over is bounded by MOST_HEAD_BYTES. Framing that two readers
 * could take differently is refused, as a smuggled response would be counted as somebody else's answer (section 11.1).
 */

/** Of status line and fields together, interim responses included; the same again for chunk sizes and trailers. */
const MOST_HEAD_BYTES = 64 * 1024;
/** Digits of a chunk's size: 2^52 bytes. */
const MOST_SIZE_DIGITS = 13;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const TAB = 0x09;
const SPACE = 0x20;

type State = 'status' | 'fields' | 'body' | 'size' | 'data' | 'data-end' | 'trailers' | 'until-close' | 'done';

/** Characters of a field name (RFC 9110, section 5.6.2). */
const isTokenByte = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isTokenByte[character.charCodeAt(0)] = 1;
}

export class ResponseParser {
  /** Of the response that is read, or was read last. */
  status = 0;
  /** What is wrong; nothing more can be read from this connection. */
  problem: string | undefined;
  #state: State = 'done';
  #isHead = false;
  /** Whether the connection can be used for another request. */
  #persistent = true;
  #isFirstField = true;
  /** Whether the last field says how the body is framed. */
  #isFraming = false;
  #isHttp10 = false;
  /** Bytes of the body or the chunk that are still to come. */
  #left = 0;
  #contentLength: number | undefined;
  #transferCoding: string | undefined;
  #headBytes = 0;
  /** The beginning of a line whose end has not come yet. */
  #carry: Buffer | undefined;
  #carried = 0;

  /** Ready for the response to a request; `isHead` when that was one of HEAD. */
  begin(isHead: boolean): void {
    this.#state = 'status';
    this.#isHead = isHead;
    this.#headBytes = 0;
    this.#carried = 0;
    this.#resetMessage();
  }

  #resetMessage(): void {
    this.#persistent = true;
    this.#isFirstField = true;
    this.#isFraming = false;
    this.#contentLength = undefined;
    this.#transferCoding = undefined;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Of the response that is done: whether another request may follow on the connection. */
  get isPersistent(): boolean {
    return this.#persistent;
  }

  /** Reads from `start` up to `end`, or to the end of the response, and says how far it came. */
  push(chunk: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state !== 'done' && this.problem === undefined) {
      if (this.#state === 'body' || this.#state === 'data') {
        const taken = Math.min(this.#left, end - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.#state = this.#state === 'body' ? 'done' : 'data-end';
      } else if (this.#state === 'until-close') at = end;
      else at = this.#pushLine(chunk, at, end);
    }
    return at;
  }

  /** The peer has closed: whether the response is whole with that (section 8). */
  close(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#persistent = false;
    this.#state = 'done';
    return true;
  }

  /** Looks for the end of the line; reads the line, or keeps what there is of it. */
  #pushLine(chunk: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const byte = chunk[at] ?? 0;
      // Control characters have no place in a head, CR aside where LF follows (sections 2.2 and 5).
      if (byte < SPACE && byte !== TAB) {
        if (byte === LF) break;
        if (byte !== CR || (at + 1 < end && chunk[at + 1] !== LF))
          return this.#fail('a control character in the head', end);
      }
      at++;
    }
    this.#headBytes += at - start;
    if (this.#headBytes > MOST_HEAD_BYTES) return this.#fail(`a head of more than ${MOST_HEAD_BYTES} bytes`, end);
    if (this.#carried > 0 && this.#endsWithCr() && chunk[start] !== LF)
      return this.#fail('a control character in the head', end);
    if (at === end) {
      this.#keep(chunk, start, end);
      return end;
    }
    if (this.#carried === 0) this.#line(chunk, start, withoutCr(chunk, start, at));
    else {
      this.#keep(chunk, start, at);
      const length = this.#carried;
      this.#carried = 0;
      const carry = this.#carry ?? Buffer.alloc(0);
      this.#line(carry, 0, withoutCr(carry, 0, length));
    }
    return at + 1;
  }

  #endsWithCr(): boolean {
    return this.#carry?.[this.#carried - 1] === CR;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.#carry ??= Buffer.allocUnsafe(MOST_HEAD_BYTES);
    this.#carry.set(chunk.subarray(start, end), this.#carried);
    this.#carried += end - start;
  }

  /** A whole line, without its end. */
  #line(bytes: Uint8Array, start: number, end: number): void {
    switch (this.#state) {
      case 'status':
        this.#statusLine(bytes, start, end);
        return;
      case 'fields':
        if (start === end) this.#endOfFields();
        else this.#field(bytes, start, end);
        return;
      case 'size':
        this.#chunkSize(bytes, start, end);
        return;
      case 'data-end':
        if (start !== end) this.#fail('a chunk that is longer than its size', end);
        this.#state = 'size';
        return;
      case 'trailers':
        if (start === end) this.#state = 'done';
        else if (this.#colon(bytes, start, end) < 0) this.#fail('a trailer that is no field', end);
        return;
      default:
    }
  }

  /** `HTTP/1.1 200 OK`; the reason may be missing, and its space with it (section 4). */
  #statusLine(bytes: Uint8Array, start: number, end: number): void {
    const isHttp1 =
      end - start >= 12 &&
      bytes[start] === 0x48 && // H
      bytes[start + 1] === 0x54 && // T
      bytes[start + 2] === 0x54 && // T
      bytes[start + 3] === 0x50 && // P
      bytes[start + 4] === 0x2f && // /
      bytes[start + 5] === 0x31 && // 1
      bytes[start + 6] === 0x2e && // .
      isDigit(bytes[start + 7]) &&
      bytes[start + 8] === SPACE;
    const [a, b, c] = [bytes[start + 9], bytes[start + 10], bytes[start + 11]];
    const after = end - start === 12 ? SPACE : bytes[start + 12];
    if (!isHttp1 || !isDigit(a) || !isDigit(b) || !isDigit(c) || a === 0x30 || after !== SPACE) {
      this.#fail('no status line of HTTP/1', end);
      return;
    }
    this.status = (a - 0x30) * 100 + (b - 0x30) * 10 + (c - 0x30);
    // HTTP/1.0 closes unless it says otherwise (section 9.3).
    this.#isHttp10 = bytes[start + 7] === 0x30;
    this.#persistent = !this.#isHttp10;
    this.#state = 'fields';
  }

  #field(bytes: Uint8Array, start: number, end: number): void {
    const first = bytes[start];
    if (first === SPACE || first === TAB) {
      // A folded value (section 5.2). Where it would be part of the framing it is refused: others may read it otherwise.
      if (this.#isFirstField || this.#isFraming) this.#fail('a folded line where none may be', end);
      return;
    }
    this.#isFirstField = false;
    this.#isFraming = false;
    const colon = this.#colon(bytes, start, end);
    if (colon < 0) {
      this.#fail('a field without a name', end);
      return;
    }
    switch (colon - start) {
      case 10:
        if (isNamed(bytes, start, 'connection')) this.#connection(fieldValue(bytes, colon, end));
        return;
      case 14:
        if (isNamed(bytes, start, 'content-length')) {
          this.#isFraming = true;
          this.#length(fieldValue(bytes, colon, end));
        }
        return;
      case 17:
        if (isNamed(bytes, start, 'transfer-encoding')) {
          const value = fieldValue(bytes, colon, end);
          this.#isFraming = true;
          this.#transferCoding = this.#transferCoding === undefined ? value : `${this.#transferCoding},${value}`;
        }
        return;
      default:
    }
  }

  /** Where the colon behind a field's name is; -1 where the name is none. */
  #colon(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isTokenByte[bytes[at] ?? 0] === 1) at++;
    return at > start && at < end && bytes[at] === COLON ? at : -1;
  }

  #connection(value: string): void {
    const options = listOf(value);
    if (options.includes('close')) this.#persistent = false;
    else if (options.includes('keep-alive')) this.#persistent = true;
  }

  /** The same length may be said several times; two different ones are an attack or a fault (section 6.3, rule 5). */
  #length(value: string): void {
    for (const text of value.split(',').map((part) => part.trim())) {
      const length = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(length)) this.#fail('a Content-Length that is no number', 0);
      else if (this.#contentLength !== undefined && this.#contentLength !== length) {
        this.#fail('two Content-Lengths', 0);
      }
      this.#contentLength = length;
    }
  }

  /** How the body is framed: the rules of section 6.3, in their order. */
  #endOfFields(): void {
    const { status } = this;
    if (status === 101) {
      this.#fail('101 Switching Protocols, which nobody asked for', 0);
      return;
    }
    if (status < 200) {
      this.#state = 'status';
      this.#resetMessage();
      return;
    }
    if (this.#isHead || status === 204 || status === 304) this.#state = 'done';
    else if (this.#transferCoding !== undefined) this.#endOfCodedFields(this.#transferCoding);
    else if (this.#contentLength !== undefined) {
      this.#left = this.#contentLength;
      this.#state = this.#left === 0 ? 'done' : 'body';
    } else this.#state = 'until-close';
  }

  #endOfCodedFields(value: string): void {
    // A length beside a coding is what response splitting looks like, and HTTP/1.0 knows no codings: read by the coding,
    // and then close (rule 3, section 6.1).
    if (this.#contentLength !== undefined || this.#isHttp10) this.#persistent = false;
    this.#state = listOf(value).at(-1) === 'chunked' ? 'size' : 'until-close';
    this.#headBytes = 0;
  }

  /** `1a3;name=value`: what is behind the semicolon is not for us (section 7.1.1). */
  #chunkSize(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    let size = 0;
    for (; at < end; at++) {
      const digit = hexDigit(bytes[at] ?? 0);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    const digits = at - start;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    if (digits === 0 || digits > MOST_SIZE_DIGITS || (at < end && bytes[at] !== 0x3b)) {
      this.#fail('a chunk without a size', end);
      return;
    }
    this.#left = size;
    this.#state = size === 0 ? 'trailers' : 'data';
    // Each chunk has a line of its own; only the trailers are bounded together.
    this.#headBytes = 0;
  }

  #fail(problem: string, at: number): number {
    this.problem ??= problem;
    return at;
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function withoutCr(bytes: Uint8Array, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}

/** Without regard to case; `name` is lower case and as long as what stands there. */
function isNamed(bytes: Uint8Array, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (lower !== name.charCodeAt(i)) return false;
  }
  return true;
}

function fieldValue(bytes: Uint8Array, colon: number, end: number): string {
  let text = '';
  for (let at = colon + 1; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text.trim();
}

/** The members of a comma-separated list, in lower case, without parameters. */
function listOf(value: string): string[] {
  return value.split(',').map((part) => part.replace(/;.*$/s, '').trim().toLowerCase());
}
