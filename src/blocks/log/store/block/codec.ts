/**
 * A block as bytes, before compression. Entries are in order of time; equal timestamps stay in order of arrival.
 *
 *     version   1 byte
 *     flags     1: several streams, 2: metadata, 4: origins, 8: lines have lengths (lines.ts)
 *     count     of entries
 *     times     times.ts
 *     streams   of each entry its stream's place in the list that the block's row has; only where there are several
 *     metadata  its length in bytes, then metadata.ts
 *     [lengths of lines]
 *     origins   origins.ts
 *     lines     lines.ts, to the end
 *
 * Columns come first, so that who needs no lines (a count over time) would not have to read them; lines come last, as one piece that
 * entries point into. Metadata is read when it is asked for.
 */
import type { EntryBatch } from '../../entry-batch.js';
import { logErrors } from '../../errors.js';
import type { Labels } from '../../labels.js';
import { ByteReader, ByteWriter, DamagedBytes } from './bytes.js';
import { haveLineEnds, readJoined, readWithLengths, writeJoined, writeWithLengths } from './lines.js';
import { readMetadata, writeMetadata } from './metadata.js';
import { type FilePart, readOrigins, writeOrigins } from './origins.js';
import { readTimes, writeTimes } from './times.js';

const VERSION = 1;
const STREAMS = 1;
const METADATA = 2;
const ORIGINS = 4;
const LENGTHS = 8;

/** Of columns that are written aside, for their length to come first. */
const ASIDE_CAPACITY = 4096;

export interface EncodedBlock {
  readonly payload: Buffer;
  /** Where in the payload the lines begin. */
  readonly linesAt: number;
  /** Whether they are joined by line ends. */
  readonly joined: boolean;
  /** Numbers of the batch's streams that occur, in the order by which entries name them. */
  readonly streams: readonly number[];
  readonly files: readonly FilePart[];
}

/**
 * Encodes the entries that `order` names, which is the order of their timestamps. The payload may lie in `memory`, where that is large
 * enough.
 */
export function encodeBlock(batch: EntryBatch, order: Uint32Array, memory?: Buffer): EncodedBlock {
  const joined = !haveLineEnds(batch, order);
  const metadata = batch.metadata !== undefined && hasMetadata(batch.metadata, order) ? batch.metadata : undefined;
  const { origin } = batch;
  const streams = numberStreams(batch, order);
  const writer = new ByteWriter(estimate(batch, order), memory);
  writer.byte(VERSION);
  writer.byte(
    (streams.used.length > 1 ? STREAMS : 0) |
      (metadata !== undefined ? METADATA : 0) |
      (origin !== undefined ? ORIGINS : 0) |
      (joined ? 0 : LENGTHS),
  );
  writer.varint(order.length);
  writeTimes(writer, batch.timestamps, order);
  if (streams.used.length > 1) for (const stream of streams.ofEntry) writer.varint(stream);
  if (metadata !== undefined) writeAside(writer, (aside) => writeMetadata(aside, metadata, order));
  let files: FilePart[] = [];
  if (origin !== undefined)
    writeAside(writer, (aside) => {
      files = writeOrigins(aside, batch, origin, order);
    });
  const linesAt = joined ? writeJoined(writer, batch, order) : writeWithLengths(writer, batch, order);
  return { payload: writer.written(), linesAt, joined, streams: streams.used, files };
}

/**
 * What a payload says. `streams` are those of the block's row. The lines are not copied: the batch keeps the payload. Error:
 * `log.damaged_block`, with `name` in it.
 */
export function decodeBlock(payload: Buffer, streams: readonly Labels[], name: string): EntryBatch {
  return named(name, () => decode(payload, streams, name));
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DamagedBytes ? damagedBlock(name, error.message) : error;
  }
}

export function damagedBlock(name: string, reason: string) {
  return logErrors.error('log.damaged_block', `${name} is damaged: ${reason}`, {
    hint: 'restore a backup of the file; other blocks can still be read',
  });
}

function decode(payload: Buffer, streams: readonly Labels[], name: string): EntryBatch {
  const reader = new ByteReader(payload);
  const version = reader.byte();
  if (version !== VERSION) throw new DamagedBytes(`version ${version} is not known`);
  const flags = reader.byte();
  const count = reader.count();
  if (count === 0) throw new DamagedBytes('has no entries');
  const timestamps = readTimes(reader, count);
  const streamOf = flags & STREAMS ? readStreams(reader, count, streams.length) : undefined;
  const metadata = flags & METADATA ? readAside(reader) : undefined;
  const origins = flags & ORIGINS ? readAside(reader) : undefined;
  const lines = flags & LENGTHS ? readWithLengths(reader, count) : readJoined(reader, count);
  const origin = origins && readOrigins(new ByteReader(origins), lines, count);
  const batch = { count, bytes: payload, ...lines, timestamps, streams, streamOf, origin };
  return metadata === undefined ? batch : withMetadata(batch, metadata, name);
}

/** Objects of metadata are only made where somebody looks at them. */
function withMetadata(batch: EntryBatch, column: Buffer, name: string): EntryBatch {
  let read: EntryBatch['metadata'];
  return {
    ...batch,
    get metadata() {
      read ??= named(name, () => readMetadata(new ByteReader(column), batch.count));
      return read;
    },
  };
}

function readStreams(reader: ByteReader, count: number, streams: number): Uint32Array {
  const streamOf = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const stream = reader.varint();
    if (stream >= streams) throw new DamagedBytes(`stream ${stream} is not there`);
    streamOf[i] = stream;
  }
  return streamOf;
}

interface NumberedStreams {
  readonly used: readonly number[];
  readonly ofEntry: Uint32Array;
}

function numberStreams({ streamOf, streams }: EntryBatch, order: Uint32Array): NumberedStreams {
  if (streamOf === undefined) return { used: [0], ofEntry: new Uint32Array(0) };
  const used: number[] = [];
  /** Place + 1. */
  const placeOf = new Uint32Array(streams.length);
  const ofEntry = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    const stream = streamOf[order[i] ?? 0] ?? 0;
    if (placeOf[stream] === 0) placeOf[stream] = used.push(stream);
    ofEntry[i] = (placeOf[stream] ?? 1) - 1;
  }
  return { used, ofEntry };
}

function hasMetadata(metadata: readonly (Labels | undefined)[], order: Uint32Array): boolean {
  return order.some((index) => metadata[index] !== undefined);
}

function estimate({ starts, ends }: EntryBatch, order: Uint32Array): number {
  let bytes = 1024 + order.length * 4;
  for (let i = 0; i < order.length; i++) bytes += (ends[order[i] ?? 0] ?? 0) - (starts[order[i] ?? 0] ?? 0);
  return bytes;
}

function writeAside(writer: ByteWriter, write: (aside: ByteWriter) => void): void {
  const aside = new ByteWriter(ASIDE_CAPACITY);
  write(aside);
  writer.varint(aside.length);
  writer.copy(aside.buffer, 0, aside.length);
}

function readAside(reader: ByteReader): Buffer {
  const length = reader.count();
  const start = reader.position;
  reader.position += length;
  return reader.buffer.subarray(start, reader.position);
}
