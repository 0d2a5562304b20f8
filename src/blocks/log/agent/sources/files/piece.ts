/** What is read of a file at once, with what stands right before it: see pieces.ts and inflated-pieces.ts. */
import { MAX_LINE_BYTES } from '../../framing/framing.js';

/**
 * Of new bytes. More than two of the longest lines: one may wait for the next, to know whether it goes on. 200-byte lines, CPU for each MB from the page cache to framed columns: 64 KiB 0.55 ms, 256 KiB 0.47 ms, 512 KiB 0.45 ms, 1 MiB 0.47 ms.
 */
export const PIECE_BYTES = 2 * MAX_LINE_BYTES + 64 * 1024;

export interface Piece {
  readonly bytes: Buffer;
  /** Position of the first byte of `bytes` in the file. */
  readonly base: number;
  /** Where what is new begins in `bytes`. */
  readonly from: number;
  readonly to: number;
  /** The file has no more. */
  readonly atEnd: boolean;
}
