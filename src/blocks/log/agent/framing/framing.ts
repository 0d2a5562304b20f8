/**
 * From bytes to entries. A framer is given a piece of a file (or of a stream) and finds the entries that are whole in it:
 *
 *     bytes   …tail of what was handed out│GET /a 200\r\nGET /b 404\nGET /c 2
 *                                         from                               to
 *     entries                              ├─────────┤  ├────────┤
 *     ranges                               ├───────────┼──────────┤ consumed: what follows waits for its end
 *
 * - A line ends with LF. A CR right before it is not part of the line, but of its range: the ledger counts every byte.
 * - NULs and bytes that are no UTF-8 stay as they are.
 * - A line of more than {@link MAX_LINE_BYTES} is cut; the first part has the metadata `cut: "true"`, each other one
 *   `continued: "true"`.
 * - A last line without an end waits. When the caller has waited enough it says `final`, and gets it as it is. What comes after it up to
 *   the line's end is an entry of its own, with `continued: "true"`. That a piece begins within a line is seen by the byte before
 *   it, so that nothing has to be remembered over a restart.
 *
 * A line counts where it begins, so that a line in two parts is one.
 */
import { type Labels, makeLabels } from '../../labels.js';

export const MAX_LINE_BYTES = 256 * 1024;

export const CUT: Labels = Object.freeze(makeLabels([['cut', 'true']]));
export const CONTINUED: Labels = Object.freeze(makeLabels([['continued', 'true']]));
export const CUT_AND_CONTINUED: Labels = Object.freeze(
  makeLabels([
    ['continued', 'true'],
    ['cut', 'true'],
  ]),
);

export interface FrameInput {
  readonly bytes: Buffer;
  /** Where the piece begins in `bytes`. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
  /** The piece begins within a line: what comes first is the rest of it. */
  readonly continued: boolean;
  /** Nothing more comes, or has been waited for long enough: hand out what has no end, too. */
  readonly final: boolean;
}

/** Entries in columns; positions are indexes into the bytes of the input. */
export interface Framed {
  readonly count: number;
  /** What `starts` and `ends` are of; absent: of the bytes of the input. */
  readonly bytes?: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** The bytes of the input that the entry covers, from its first to after its last line end. */
  readonly rangeStarts: Uint32Array;
  readonly rangeEnds: Uint32Array;
  /** Lines that begin in what was consumed. */
  readonly lines: number;
  /** Index after the last byte that was made use of. */
  readonly consumed: number;
  readonly metadata?: readonly (Labels | undefined)[] | undefined;
  /** Nanoseconds since the Unix epoch, where the format has a time for each; 0: it has none. */
  readonly timestamps?: BigInt64Array | undefined;
  /** Labels that the format adds to the stream, and which entry has which. */
  readonly streams?: readonly Labels[] | undefined;
  readonly streamOf?: Uint32Array | undefined;
}

/** Keeps no state between two calls. */
export interface Framer {
  frame(input: FrameInput): Framed;
}
