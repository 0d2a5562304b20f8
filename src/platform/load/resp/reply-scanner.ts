/**
 * RESP2 replies, counted as they come and not kept. What is told of each is its type and its first integer: enough to know
 * whether a limiter has allowed, or whether it is an error.
 *
 *     +OK␍␊          simple string        $5␍␊hello␍␊    bulk string, $-1␍␊ for none
 *     -ERR no␍␊      error                *2␍␊:0␍␊:16␍␊  array: its elements follow, arrays among them
 *     :1000␍␊        integer
 *
 * An array is not remembered: its elements are added to those that the reply still needs.
 *
 *     needed:  1 ──*2──▶ 2 ──:0──▶ 1 ──:16──▶ 0, the reply is whole
 *
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

/** First bytes, which say what follows. */
export const ReplyType = { simple: 0x2b, error: 0x2d, integer: 0x3a, bulk: 0x24, array: 0x2a } as const;

/** Longest line; errors are the longest. */
const MOST_LINE_BYTES = 16 * 1024;
const MOST_BULK_BYTES = 512 * 1024 * 1024;
const MOST_ELEMENTS = 1024 * 1024;
const LF = 0x0a;

export class ReplyScanner {
  /** What is wrong; nothing more can be read from this connection. */
  problem: string | undefined;
  readonly #onReply: (type: number, firstInteger: number | undefined, text: string) => void;
  #needed = 0;
  #type = 0;
  #first: number | undefined;
  #text = '';
  /** Bytes of a bulk string that are still to come, its end included. */
  #skip = 0;
  #line = '';

  /** `text` is the line of a reply that is a simple string or an error. */
  constructor(onReply: (type: number, firstInteger: number | undefined, text: string) => void) {
    this.#onReply = onReply;
  }

  push(chunk: Uint8Array, length: number): void {
    let at = 0;
    while (at < length && this.problem === undefined) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, length - at);
        this.#skip -= taken;
        at += taken;
        if (this.#skip === 0) this.#element();
      } else {
        const end = chunk.indexOf(LF, at);
        const stop = end === -1 || end >= length ? length : end;
        this.#line += Buffer.from(chunk.buffer, chunk.byteOffset + at, stop - at).toString('latin1');
        if (this.#line.length > MOST_LINE_BYTES) this.problem = `a line of more than ${MOST_LINE_BYTES} bytes`;
        else if (stop < length) this.#endOfLine();
        at = stop + 1;
      }
    }
  }

  #endOfLine(): void {
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r')) {
      this.problem = 'a line that does not end with CRLF';
      return;
    }
    const type = line.charCodeAt(0);
    const text = line.slice(1, -1);
    if (this.#needed === 0) this.#begin(type, text);
    switch (type) {
      case ReplyType.simple:
      case ReplyType.error:
        this.#element();
        return;
      case ReplyType.integer:
        this.#integer(text);
        return;
      case ReplyType.bulk:
        this.#bulk(text);
        return;
      case ReplyType.array:
        this.#array(text);
        return;
      default:
        this.problem = `no reply begins with ${JSON.stringify(line.slice(0, 1))}`;
    }
  }

  #begin(type: number, text: string): void {
    this.#needed = 1;
    this.#type = type;
    this.#first = undefined;
    this.#text = text;
  }

  #integer(text: string): void {
    if (!/^[+-]?\d{1,20}$/.test(text)) this.problem = `${JSON.stringify(text.slice(0, 32))} is no integer`;
    this.#first ??= Number(text);
    this.#element();
  }

  #bulk(text: string): void {
    const size = this.#size(text, MOST_BULK_BYTES);
    if (size === -1) this.#element();
    else this.#skip = size + 2;
  }

  #array(text: string): void {
    const size = this.#size(text, MOST_ELEMENTS);
    this.#needed += Math.max(0, size);
    this.#element();
  }

  #size(text: string, most: number): number {
    const size = /^(?:-1|\d{1,10})$/.test(text) ? Number(text) : Number.NaN;
    if (!(size <= most)) this.problem = `${JSON.stringify(text.slice(0, 32))} is no length`;
    return size;
  }

  #element(): void {
    this.#needed--;
    if (this.#needed > 0 || this.problem !== undefined) return;
    this.#onReply(this.#type, this.#first, this.#text);
  }
}
