/** Chunks of text → lines, with no more than a line in memory. */
import { badEntry } from './problems.js';

/**
 * Characters of the longest line and of the longest entry (lines joined by parentheses). The longest record data, 65,535
 * octets, takes 262,140 when every octet is escaped; four times that leaves room for comments.
 */
export const LONGEST_ENTRY = 2 ** 20;

export class LineReader {
  readonly #chunks: Iterator<string>;
  #chunk = '';
  #at = 0;
  #number = 0;

  constructor(chunks: Iterable<string>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** Reads the first chunk: what cannot be opened is told here. */
  open(): void {
    const first = this.#chunks.next();
    if (first.done !== true) this.#chunk = first.value;
  }

  /** Of the line that next() gave last, from 1. */
  get number(): number {
    return this.#number;
  }

  /** The next line without its end; undefined after the last. Error: `dns.bad_zone_file`. */
  next(): string | undefined {
    const end = this.#chunk.indexOf('\n', this.#at);
    const line = end === -1 ? this.#acrossChunks() : this.#chunk.slice(this.#at, end);
    if (end !== -1) this.#at = end + 1;
    if (line === undefined) return undefined;
    this.#number++;
    if (line.length > LONGEST_ENTRY) throw tooLong();
    return line;
  }

  /** Lets the source free what it holds, when reading ends before its end. */
  close(): void {
    this.#chunks.return?.();
  }

  #acrossChunks(): string | undefined {
    const parts = [this.#chunk.slice(this.#at)];
    let length = parts[0]?.length ?? 0;
    for (let next = this.#chunks.next(); next.done !== true; next = this.#chunks.next()) {
      this.#chunk = next.value;
      const end = this.#chunk.indexOf('\n');
      if (end !== -1) {
        this.#at = end + 1;
        return parts.join('') + this.#chunk.slice(0, end);
      }
      parts.push(this.#chunk);
      length += this.#chunk.length;
      if (length > LONGEST_ENTRY) {
        this.#number++;
        throw tooLong();
      }
    }
    this.#chunk = '';
    this.#at = 0;
    return length === 0 ? undefined : parts.join('');
  }
}

function tooLong() {
  return badEntry(`the line has more than ${LONGEST_ENTRY} characters`);
}
