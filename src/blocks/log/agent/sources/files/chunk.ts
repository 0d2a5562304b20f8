/** Framed entries of a file as the chunk that goes to the pipeline, and where reading goes on. */
import type { EntryBatch } from '../../../entry-batch.js';
import { type Labels, makeLabels } from '../../../labels.js';
import type { Framed } from '../../framing/framing.js';
import { type Position, PROOF_BYTES, prove } from './identity.js';
import type { Piece } from './piece.js';

/** Where reading goes on after the first `consumed` bytes of the piece. */
export function positionAfter({ bytes, base }: Piece, consumed: number, before: Position): Position {
  const offset = base + consumed;
  const tail = prove(bytes.subarray(consumed - Math.min(PROOF_BYTES, offset), consumed));
  // Until a file has a KiB, all of it is the tail of its position, so that the piece has it from the first byte on.
  const grows = before.fingerprint.length < Math.min(PROOF_BYTES, offset);
  const fingerprint = grows ? prove(bytes.subarray(0, Math.min(PROOF_BYTES, offset))) : before.fingerprint;
  return { offset, fingerprint, tail };
}

export function entriesOf(
  framed: Framed,
  { bytes, base }: Piece,
  file: number,
  streams: readonly Labels[],
  now: bigint,
): EntryBatch {
  const { count, rangeStarts, rangeEnds, starts, ends, metadata, streamOf } = framed;
  const offsets = new Float64Array(count);
  const endOffsets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = base + (rangeStarts[i] ?? 0);
    endOffsets[i] = base + (rangeEnds[i] ?? 0);
  }
  return {
    count,
    bytes: framed.bytes ?? bytes,
    starts,
    ends,
    timestamps: timesOf(framed, now),
    streams,
    streamOf,
    metadata,
    origin: { file, offsets, endOffsets },
  };
}

/** The time of reading, where an entry has none of its own. */
function timesOf({ count, timestamps }: Framed, now: bigint): BigInt64Array {
  if (timestamps === undefined) return new BigInt64Array(count).fill(now);
  return timestamps.map((time) => (time === 0n ? now : time));
}

/** The file's own labels, and for each that the format adds another set. */
export function streamsOf(path: string, labels: Labels, added: readonly Labels[] | undefined): readonly Labels[] {
  const own = [...Object.entries(labels), ['filename', path] as const];
  if (added === undefined) return [makeLabels(own)];
  return added.map((more) => makeLabels([...own, ...Object.entries(more)]));
}
