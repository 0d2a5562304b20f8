/**
 * The files of one family as a source of entries, in the order in which they lie on disk: a line that is late, by its time, stays where
 * it is, as `grep` would show it, and nothing has to be held back in order to sort it.
 */

import type { EntryBatch } from '../entry-batch.js';
import type { EntrySource, RequiredText, ScannedBatch, ScanRequest, ScanTotals } from '../entry-source.js';
import { type Labels, makeLabels } from '../labels.js';
import { ALL_TIME } from '../log-store.js';
import type { Zone } from '../transform/timestamp/zone.js';
import { LineTimes } from './line-times.js';
import type { LogFile, Piece } from './log-file.js';
import { allLines, type LineColumns, linesWith } from './piece.js';

export interface FileContext {
  /** Milliseconds since the Unix epoch, of the query: timestamps without a year are read by it. */
  readonly now: number;
  /** Of timestamps that do not say theirs. */
  readonly zone: Zone;
  /** Hears of a file whose lines have no timestamps, where the answer depends on them. */
  readonly onUntimed?: (file: LogFile) => void;
  /** Hears, at the end, of a file with lines that were not read whole. */
  readonly onCut?: (file: LogFile) => void;
  /** Ends what waits for more. */
  readonly signal?: AbortSignal | undefined;
}

export class FileSource implements EntrySource {
  readonly order = 'arrival';

  constructor(
    private readonly files: readonly LogFile[],
    private readonly context: FileContext,
  ) {}

  async *scan(request: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
    const text = rarestText(request.required);
    for (const file of this.files) {
      const stream = streamLabels(file);
      if (!request.matchers.every((matcher) => matcher.matches(stream[matcher.name] ?? ''))) continue;
      yield* this.#scanFile(file, stream, text, request, totals);
    }
  }

  async *#scanFile(
    file: LogFile,
    stream: Labels,
    text: Uint8Array | undefined,
    { start, end }: ScanRequest,
    totals: ScanTotals,
  ): AsyncGenerator<ScannedBatch> {
    const times = new LineTimes(this.context.zone, this.context.now, file.writtenAt);
    const isBounded = start > ALL_TIME.start || end < ALL_TIME.end;
    let isFirst = true;
    for await (const { bytes } of file.pieces(this.context.signal)) {
      const lines = text === undefined ? allLines(bytes) : linesWith(bytes, text);
      const timestamps = times.of(bytes, lines, text === undefined);
      totals.blocks++;
      totals.bytes += bytes.length;
      totals.entries += lines.count;
      if (isFirst && isBounded && lines.count > 0 && times.found === 0) this.context.onUntimed?.(file);
      isFirst = false;
      const batch = within(batchOf(bytes, lines, timestamps, stream), start, end);
      if (batch.count > 0) yield { batch, from: 0, to: batch.count, selected: [true], frontier: start };
    }
  }
}

export function streamLabels({ name }: LogFile): Labels {
  return makeLabels([['filename', name === '-' ? 'stdin' : name]]);
}

/** All lines of a piece, with their times. */
export function wholeBatch({ bytes }: Piece, times: LineTimes, stream: Labels): EntryBatch {
  const lines = allLines(bytes);
  return batchOf(bytes, lines, times.of(bytes, lines, true), stream);
}

function batchOf(
  bytes: Buffer,
  { count, starts, ends }: LineColumns,
  timestamps: BigInt64Array,
  stream: Labels,
): EntryBatch {
  return { count, bytes, starts, ends, timestamps, streams: [stream] };
}

/**
 * The longest of the texts that are asked for: likely the rarest one. One with U+FFFD is passed by: bytes that are no UTF-8 are read as that.
 */
function rarestText(required: readonly RequiredText[]): Uint8Array | undefined {
  const texts = required.map(({ text }) => text).filter((text) => text !== '' && !/[\ufffd\r\n]/.test(text));
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '');
  return longest === '' ? undefined : Buffer.from(longest);
}

/** The entries from `start` to before `end`; the same object where that is all of them. */
function within(batch: EntryBatch, start: bigint, end: bigint): EntryBatch {
  if (start <= ALL_TIME.start && end >= ALL_TIME.end) return batch;
  const { count, timestamps } = batch;
  let outside = 0;
  for (let i = 0; i < count; i++) if (!isWithin(timestamps[i], start, end)) outside++;
  if (outside === 0) return batch;
  const kept = new Uint32Array(count - outside);
  for (let i = 0, to = 0; i < count; i++) if (isWithin(timestamps[i], start, end)) kept[to++] = i;
  return picked(batch, kept);
}

const isWithin = (time: bigint | undefined, start: bigint, end: bigint) =>
  time !== undefined && time >= start && time < end;

/** The entries of these indexes, in their order, all of the one stream. */
export function picked({ bytes, starts, ends, timestamps, streams }: EntryBatch, indexes: Uint32Array): EntryBatch {
  return {
    count: indexes.length,
    bytes,
    starts: indexes.map((index) => starts[index] ?? 0),
    ends: indexes.map((index) => ends[index] ?? 0),
    timestamps: BigInt64Array.from(indexes, (index) => timestamps[index] ?? 0n),
    streams,
  };
}
