/** HTTP/1.1 on one connection: a request, its response, the next request. */
import type { Codec, Received } from '../socket-link.js';
import { ResponseParser } from './response-parser.js';

export class HttpCodec implements Codec {
  readonly #next: () => Buffer;
  readonly #isHead: boolean;
  readonly #answered: (code: number) => void;
  #parser = new ResponseParser();

  /** `next` gives the bytes of a request when it is sent. */
  constructor(next: () => Buffer, isHead: boolean, answered: (code: number) => void) {
    this.#next = next;
    this.#isHead = isHead;
    this.#answered = answered;
  }

  get problem(): string {
    return this.#parser.problem ?? '';
  }

  begin(): undefined {
    this.#parser = new ResponseParser();
  }

  /** One at a time: pipelining in HTTP/1.1 is what hardly any client does (RFC 9112, section 9.3.2). */
  requests(): Buffer {
    this.#parser.begin(this.#isHead);
    return this.#next();
  }

  receive(chunk: Uint8Array, length: number): Received {
    const parser = this.#parser;
    // Nobody asked: a 408 for an idle connection, or bytes behind the last response (section 9.2).
    if (parser.isDone) return 'close';
    const read = parser.push(chunk, 0, length);
    if (parser.problem !== undefined) return 'malformed';
    if (!parser.isDone) return 'more';
    this.#answered(parser.status);
    return parser.isPersistent && read === length ? 'more' : 'close';
  }

  ended(): boolean {
    if (!this.#parser.close()) return false;
    this.#answered(this.#parser.status);
    return true;
  }
}
