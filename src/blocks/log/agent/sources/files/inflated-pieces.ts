/** The pieces of a compressed file, as those of pieces.ts, while it is decompressed from its start. */
import type { OpenFile } from './disk.js';
import { PROOF_BYTES } from './identity.js';
import { PIECE_BYTES, type Piece } from './piece.js';

export class InflatedPieces {
  readonly #pieces: AsyncIterator<Buffer>;
  /** Bytes that were decompressed and may be asked for again, and the position of the first one. */
  #kept: Buffer = Buffer.alloc(0);
  #base = 0;
  #isAtEnd = false;

  constructor(file: OpenFile) {
    this.#pieces = file.inflate()[Symbol.asyncIterator]();
  }

  /** What comes from `offset` on, which never goes back. Undefined: it ends before. Throws where it is damaged. */
  async next(offset: number): Promise<Piece | undefined> {
    const wanted = offset + PIECE_BYTES;
    const parts = [this.#kept];
    let length = this.#kept.length;
    while (!this.#isAtEnd && this.#base + length < wanted) {
      const { value, done } = await this.#pieces.next();
      if (done === true) this.#isAtEnd = true;
      else {
        parts.push(value);
        length += value.length;
        // Long before the offset nothing has to be kept.
        while (parts.length > 1 && this.#base + (parts[0]?.length ?? 0) < offset - PROOF_BYTES) {
          const dropped = parts.shift()?.length ?? 0;
          this.#base += dropped;
          length -= dropped;
        }
      }
    }
    const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const skipped = Math.max(0, offset - PROOF_BYTES - this.#base);
    this.#kept = all.subarray(Math.min(skipped, all.length));
    this.#base += Math.min(skipped, all.length);
    if (this.#base + this.#kept.length < offset) return undefined;
    return {
      bytes: this.#kept,
      base: this.#base,
      from: offset - this.#base,
      to: this.#kept.length,
      atEnd: this.#isAtEnd,
    };
  }

  close(): void {
    // What it waits for is given up; nobody asks for the outcome.
    this.#pieces.return?.().catch(() => {});
  }
}
