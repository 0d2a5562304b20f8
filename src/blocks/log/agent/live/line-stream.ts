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
  /** Ends reading: the stream is destroyed when what Node has of it is taken. */
  readonly signal: AbortSignal;
}

/** Resolves at the end of the stream, or soon after the signal; what came till then has been taken, also where the stream fails. */
export async function readLines({ input, labels, framer, clock, take, signal }: LineStreamOptions): Promise<void> {
  const pieces = new Pieces(input, signal);
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
      isOver = pieces.isOver;
      const piece = pieces.read();
      if (piece !== undefined) {
        rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
        await handOut(false);
      } else if (!isOver) {
        const isLate = await pieces.wait(rest.length > 0 ? PARTIAL_MS : undefined, clock);
        if (isLate) await handOut(true);
      }
    }
    await handOut(true);
  } finally {
    pieces.close();
  }
  if (pieces.failure !== undefined && !signal.aborted) throw pieces.failure;
}

const LF = 10;

/**
 * A stream, read by hand: the iterator of a stream throws away what Node has read already when it is destroyed or fails.
 *
 *     reading ──end, failure, signal──▶ over: read() gives what is left at once
 */
class Pieces {
  readonly #input: Readable;
  readonly #signal: AbortSignal;
  #news = new AbortController();
  #isOver = false;
  failure: Error | undefined;

  constructor(input: Readable, signal: AbortSignal) {
    this.#input = input;
    this.#signal = signal;
    input.on('readable', this.#tell);
    input.on('error', this.#fail);
    for (const end of ['end', 'close']) input.on(end, this.#finish);
    signal.addEventListener('abort', this.#finish, { once: true });
    if (signal.aborted || input.readableEnded || input.destroyed) this.#isOver = true;
  }

  /** Nothing more is waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** All that is there; undefined: nothing. When it is over, this is the last of it: nothing is read in between. */
  read(): Buffer | undefined {
    const { readableLength } = this.#input;
    const piece = readableLength === 0 && !this.#isOver ? this.#input.read() : this.#input.read(readableLength);
    if (this.#isOver) this.close();
    return (piece as Buffer | null) ?? undefined;
  }

  /** Until there is more, or it is over. True where that takes longer than so many milliseconds. */
  async wait(ms: number | undefined, clock: Clock): Promise<boolean> {
    const { signal } = this.#news;
    try {
      if (ms !== undefined) {
        await clock.sleep(ms, signal);
        return true;
      }
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#news = new AbortController();
    return false;
  }

  close(): void {
    this.#input.off('readable', this.#tell);
    for (const end of ['end', 'close']) this.#input.off(end, this.#finish);
    this.#signal.removeEventListener('abort', this.#finish);
    // Its errors are of no interest any more; that listener stays.
    this.#input.destroy();
  }

  readonly #tell = () => this.#news.abort();

  readonly #finish = () => {
    this.#isOver = true;
    this.#tell();
  };

  readonly #fail = (error: Error) => {
    this.failure ??= error;
    this.#finish();
  };
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
