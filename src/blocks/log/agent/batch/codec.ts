/**
 * A batch as bytes, for the buffers and dead letters of sinks. Order and metadata are kept, origins are not: the ledger has them.
 *
 *     deflate( u32 length of head │ head, JSON │ i64… timestamps │ u32… lengths of lines │ u32… streams │ lines )
 *
 * Numbers are little-endian. Deflate at level 1, in Node's pool: the buffer is written and read once, and is to take little time.
 */
import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import type { EntryBatch } from '../../entry-batch.js';
import { logErrors } from '../../errors.js';
import { type Labels, makeLabels } from '../../labels.js';

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** Of what one batch may expand to: a unit of the pipeline is 4 MiB of lines at most, and one line more. */
const LARGEST = 256 * 1024 * 1024;

interface Head {
  readonly count: number;
  readonly streams: readonly Readonly<Record<string, string>>[];
  /** Of those entries that have some: index and labels. */
  readonly metadata: readonly (readonly [index: number, labels: Readonly<Record<string, string>>])[];
}

export async function encodeBatch(batch: EntryBatch): Promise<Buffer> {
  const { count, starts, ends, timestamps, streamOf } = batch;
  const head = Buffer.from(JSON.stringify(headOf(batch)));
  const lengths = new Uint32Array(count);
  let lineBytes = 0;
  for (let i = 0; i < count; i++) lineBytes += lengths[i] = (ends[i] ?? 0) - (starts[i] ?? 0);
  const plain = Buffer.allocUnsafe(4 + head.length + count * 16 + lineBytes);
  let at = plain.writeUInt32LE(head.length, 0);
  at += head.copy(plain, at);
  at += bytesOf(timestamps.subarray(0, count)).copy(plain, at);
  at += bytesOf(lengths).copy(plain, at);
  at += bytesOf(streamOf === undefined ? new Uint32Array(count) : streamOf.subarray(0, count)).copy(plain, at);
  for (let i = 0; i < count; i++) at += batch.bytes.copy(plain, at, starts[i], ends[i]);
  return compress(plain, { level: constants.Z_BEST_SPEED });
}

/** Error: `log.damaged_buffer`. */
export async function decodeBatch(data: Buffer): Promise<EntryBatch> {
  try {
    return read(await expand(data, { maxOutputLength: LARGEST }));
  } catch (cause) {
    throw logErrors.error('log.damaged_buffer', 'a batch in the buffer of a sink cannot be read back', { cause });
  }
}

function read(plain: Buffer): EntryBatch {
  const headLength = plain.readUInt32LE(0);
  const head = JSON.parse(plain.toString('utf8', 4, 4 + headLength)) as Head;
  const { count } = head;
  let at = 4 + headLength;
  const take = (bytes: number) => {
    if (at + bytes > plain.length) throw new RangeError('it is shorter than it says');
    // A copy, since typed arrays begin at multiples of their items.
    const copy = Uint8Array.prototype.slice.call(plain, at, at + bytes).buffer;
    at += bytes;
    return copy;
  };
  const timestamps = new BigInt64Array(take(count * 8));
  const lengths = new Uint32Array(take(count * 4));
  const streamOf = new Uint32Array(take(count * 4));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    at += lengths[i] ?? 0;
    ends[i] = at;
  }
  if (at !== plain.length) throw new RangeError('it is longer or shorter than it says');
  const streams = head.streams.map((labels) => makeLabels(Object.entries(labels)));
  return { count, bytes: plain, starts, ends, timestamps, streams, streamOf, metadata: metadataOf(head) };
}

function headOf({ count, streams, metadata }: EntryBatch): Head {
  const some: [number, Labels][] = [];
  metadata?.forEach((labels, index) => {
    if (labels !== undefined) some.push([index, labels]);
  });
  return { count, streams, metadata: some };
}

function metadataOf({ count, metadata }: Head): (Labels | undefined)[] | undefined {
  if (metadata.length === 0) return undefined;
  const all = new Array<Labels | undefined>(count).fill(undefined);
  for (const [index, labels] of metadata) all[index] = makeLabels(Object.entries(labels));
  return all;
}

function bytesOf({ buffer, byteOffset, byteLength }: BigInt64Array | Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
