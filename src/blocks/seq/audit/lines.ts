/** Cuts chunks of bytes into lines without making strings. */

/** Longer lines are no ID: they are cut here, so that a file without line ends cannot fill the memory. */
const LONGEST_LINE = 4096;

const LINE_FEED = 0x0a;
const SPACE = 0x20;
/** Bytes of U+FEFF in UTF-8, which some editors put first. */
const BYTE_ORDER_MARK = 3;

/** Called with the bytes of a line between `from` and `to`, without surrounding white space; never empty. */
export type LineVisitor = (bytes: Uint8Array, from: number, to: number, line: number) => void;

export class LineCutter {
  readonly #visit: LineVisitor;
  #rest = Buffer.alloc(0);
  #line = 0;

  constructor(visit: LineVisitor) {
    this.#visit = visit;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    if (this.#line === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = BYTE_ORDER_MARK;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.#give(bytes, from, end);
      from = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(from, Math.min(bytes.length, from + LONGEST_LINE)));
  }

  end(): void {
    this.#give(this.#rest, 0, this.#rest.length);
    this.#rest = Buffer.alloc(0);
  }

  #give(bytes: Uint8Array, from: number, end: number): void {
    this.#line++;
    let first = from;
    let last = end;
    while (first < last && (bytes[first] as number) <= SPACE) first++;
    while (last > first && (bytes[last - 1] as number) <= SPACE) last--;
    if (last > first) this.#visit(bytes, first, last, this.#line);
  }
}
