/**
 * Lines of a stream that cannot be read again: stdin, a command's output.
 *
 *     pieces as they come ──framer──▶ whole entries ──take──▶
 *                            └─ what has no end yet waits for more, at most five seconds
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../../../platform/clock.js';
import type { EntryBatch } from '../../entry-batch.js';
import { emptyLabels, type Labels } from '../../labels.js';
import { NANOS_PER_MS } from '../../nanos.js';
import type { Framed, Framer } from '../framing/framing.js';
import type { TakeChunk } from '../source.js';
import { StreamReader } from './stream-reader.js';

/** Milliseconds that the beginning of a line waits for its end. */
const PARTIAL_MS = 5_000;
const EMPTY = Buffer.alloc(0);

export interface LineStreamOptions {
  readonly input: Readable;
  readonly labels: Labels;
  readonly framer: Framer;
  readonly clock: Clock;
  readonly take: TakeChunk;
  /** Ends reading: the stream is destroyed when what Node has of it is taken. */
  readonly signal: AbortSignal;
}

/** Resolves at the end of the stream, or soon after the signal; what came till then has been taken, also where the stream fails. */
export async function readLines({ input, labels, framer, clock, take, signal }: LineStreamOptions): Promise<void> {
  const reader = new StreamReader(input, signal);
  let rest: Buffer = EMPTY;
  let continued = false;
  const handOut = async (final: boolean) => {
    const framed = framer.frame({ bytes: rest, from: 0, to: rest.length, continued, final });
    if (framed.consumed === 0) return;
    const entries = entriesOf(framed, rest, labels, BigInt(clock.now()) * NANOS_PER_MS);
    continued = rest[framed.consumed - 1] !== LF;
    rest = rest.subarray(framed.consumed);
    await take({ entries, lines: framed.lines });
  };
  try {
    for (let isOver = false; !isOver; ) {
      isOver = reader.isOver;
      const piece = reader.read();
      if (piece !== undefined) {
        rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
        await handOut(false);
      } else if (!isOver) {
        const isLate = await reader.wait(rest.length > 0 ? PARTIAL_MS : undefined, clock);
        if (isLate) await handOut(true);
      }
    }
    await handOut(true);
  } finally {
    reader.close();
  }
  if (reader.failure !== undefined && !signal.aborted) throw reader.failure;
}

const LF = 10;

function entriesOf(framed: Framed, bytes: Buffer, labels: Labels, now: bigint): EntryBatch {
  const { count, starts, ends, metadata, streams, streamOf } = framed;
  return {
    count,
    bytes: framed.bytes ?? bytes,
    starts,
    ends,
    timestamps: framed.timestamps ?? new BigInt64Array(count).fill(now),
    streams: streams === undefined ? [labels] : streams.map((more) => Object.assign(emptyLabels(), labels, more)),
    streamOf,
    metadata,
  };
}
