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

/** Milliseconds that the beginning of a line waits for its end. */
const PARTIAL_MS = 5_000;
const EMPTY = Buffer.alloc(0);

export interface LineStreamOptions {
  readonly input: Readable;
  readonly labels: Labels;
  readonly framer: Framer;
  readonly clock: Clock;
  readonly take: TakeChunk;
  /** Ends reading: the stream is destroyed. */
  readonly signal: AbortSignal;
}

/** Resolves at the end of the stream, or soon after the signal; what came till then has been taken. */
export async function readLines({ input, labels, framer, clock, take, signal }: LineStreamOptions): Promise<void> {
  const onAbort = () => void input.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
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
  const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  try {
    for (let next = pieces.next(); ; ) {
      const piece = await withPatience(next, rest.length > 0, clock);
      if (piece === undefined) await handOut(true);
      else if (piece.done === true) break;
      else {
        rest = rest.length === 0 ? piece.value : Buffer.concat([rest, piece.value]);
        await handOut(false);
        next = pieces.next();
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  await handOut(true);
}

const LF = 10;

/** Undefined where the piece lets what has come before it wait for too long. */
async function withPatience<T>(next: Promise<T>, isWaiting: boolean, clock: Clock): Promise<T | undefined> {
  if (!isWaiting) return next;
  const timer = new AbortController();
  const late = clock.sleep(PARTIAL_MS, timer.signal).then(() => undefined);
  late.catch(() => {});
  try {
    return await Promise.race([next, late]);
  } finally {
    timer.abort();
  }
}

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
