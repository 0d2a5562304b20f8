/**
 * Cuts what is read of a file into pieces that end with a line end, so that each line is in one piece.
 *
 *     read       …GET /a 200\nGET /b 4 | 04\nGET /c 200\n | …
 *     pieces     …GET /a 200\n         | GET /b 404\nGET /c 200\n
 *
 * A line that does not end is cut at LONGEST_LINE, and the rest of it left out: a file without line ends cannot fill the memory.
 */

/** Bytes of a line that are kept. */
export const LONGEST_LINE = 1 << 20;

const LINE_FEED = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

export class WholeLines {
  /** Of the line whose end was not read yet; what is read next is to be put behind it. */
  rest: Buffer = EMPTY;
  #skipping = false;
  /** Lines that were longer than is kept. */
  cut = 0;

  /**
   * The piece of `bytes` that can be handed out: `rest`, followed by what was read after it. Undefined where no line of it has ended. The piece
   * is a view of `bytes`.
   */
  take(bytes: Buffer): Buffer | undefined {
    const from = this.#skipping ? this.#endOfSkipped(bytes) : 0;
    if (from < 0) return undefined;
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    const piece = end > from ? bytes.subarray(from, end) : undefined;
    this.rest = bytes.subarray(Math.max(from, end));
    if (this.rest.length <= LONGEST_LINE) return piece;
    return this.#cutLongLine(bytes, piece, from);
  }

  /** What is left when there is nothing more to read: a last line without its end. */
  last(): Buffer | undefined {
    const { rest } = this;
    this.rest = EMPTY;
    return rest.length === 0 ? undefined : rest;
  }

  /** Where the line that is left out ends in `bytes`; -1 where it does not. */
  #endOfSkipped(bytes: Buffer): number {
    const at = bytes.indexOf(LINE_FEED);
    this.rest = EMPTY;
    this.#skipping = at < 0;
    return at < 0 ? -1 : at + 1;
  }

  #cutLongLine(bytes: Buffer, piece: Buffer | undefined, from: number): Buffer {
    const kept = (piece?.length ?? 0) + LONGEST_LINE;
    this.rest = EMPTY;
    this.#skipping = true;
    this.cut++;
    return bytes.subarray(from, from + kept);
  }
}
