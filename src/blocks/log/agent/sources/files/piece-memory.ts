/**
 * Memory that pieces are read into. The system clears each page of new memory when it is first written to, which costs several times what reading
 * it from the page cache does: 4.4 ms a MB of 20 in all. So pieces that are done with are read into again.
 */
import { PROOF_BYTES } from './identity.js';
import { PIECE_BYTES } from './piece.js';

const WHOLE = PIECE_BYTES + PROOF_BYTES;
/** Pieces that are kept while none is read. What is under way is bounded by the pipeline. */
const MOST_KEPT = 16;

export class PieceMemory {
  readonly #free: Buffer[] = [];

  /** Of a small file no more than it has. */
  take(bytes: number): Buffer {
    if (bytes < PIECE_BYTES || bytes > WHOLE) return Buffer.allocUnsafeSlow(bytes);
    return (this.#free.pop() ?? Buffer.allocUnsafeSlow(WHOLE)).subarray(0, bytes);
  }

  /** Nobody looks at the piece any more. */
  giveBack(piece: Buffer): void {
    if (piece.buffer.byteLength !== WHOLE || this.#free.length >= MOST_KEPT) return;
    this.#free.push(Buffer.from(piece.buffer));
  }
}
