/**
 * Payloads compressed, by numbered codecs. In the thread pool, so that the event loop reads on meanwhile; where there is one core only, in this
 * thread, since two would only take turns.
 *
 *     0 raw      as it is: a small block, which the compactor will merge into a larger one
 *     1 brotli   quality 2, of merged blocks 5, text mode, with size hint
 *
 * zstd would be read quicker, but Node has it from 22.15 on, and each file is to be readable by every Node that ds runs on.
 */
import { availableParallelism } from 'node:os';
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
  crc32,
} from 'node:zlib';
import { logErrors } from '../../errors.js';
import { damagedBlock } from './codec.js';

const RAW = 0;
const BROTLI = 1;

/**
 * Of loghub's eight systems in blocks of 256 KB: 3 11.3 × at 267 MB/s, 4 11.7 × at 156, 5 12.6 × at 110. All in, loghub takes 1/9.28 in the
 * store with 2, 1/9.45 with 3, 1/9.8 with 4; from file to store a MB takes 6 % less CPU with 2 than with 3.
 */
const QUALITY = 2;
/** Merging is done beside, and its blocks stay. */
const QUALITY_OF_MERGED = 5;

/** Bytes of a payload at most: a block has some 256 KB (cut.ts), or a single entry that is larger. */
const LARGEST_PAYLOAD = 256 * 1024 * 1024;
/**
 * Of one that is read: what says that it has more is damaged. There are files with blocks above the other bound, of a compactor that did not
 * count metadata.
 */
const LARGEST_READ = 1024 * 1024 * 1024;
/** A payload is decompressed as one piece, as long as it is as large as blocks should be. */
const LARGEST_PIECE = 16 * 1024 * 1024;

/** A payload as a row of the file has it. */
export interface StoredPayload {
  readonly codec: number;
  /** Bytes before compression. */
  readonly size: number;
  /** CRC-32 of `data`. */
  readonly crc: number;
  readonly data: Buffer;
}

export function storeRaw(payload: Buffer): StoredPayload {
  return { codec: RAW, size: payload.length, crc: crc32(payload), data: payload };
}

/** prepare.ts has no more blocks in hand than there are cores: more would only take turns. */
export const CORES = availableParallelism();

/** Error: `log.too_large`. */
export async function compressPayload(payload: Buffer, merged = false): Promise<StoredPayload> {
  if (payload.length > LARGEST_PAYLOAD)
    throw logErrors.error('log.too_large', `an entry takes ${payload.length} bytes, more than ${LARGEST_PAYLOAD}`, {
      hint: 'send long lines in parts',
    });
  keepFreedMemory();
  const options = compressionOptions(payload.length, merged ? QUALITY_OF_MERGED : QUALITY);
  const data = CORES === 1 ? brotliCompressSync(payload, options) : await compressBeside(payload, options);
  return { codec: BROTLI, size: payload.length, crc: crc32(data), data };
}

function compressBeside(payload: Buffer, options: BrotliOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    brotliCompress(payload, options, (error, data) => {
      if (error === null) resolve(data);
      else reject(error);
    });
  });
}

function compressionOptions(bytes: number, quality: number): BrotliOptions {
  return {
    // One piece of output in nearly all cases: pieces would have to be joined.
    chunkSize: Math.max(4096, bytes >> 2),
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
      [constants.BROTLI_PARAM_LGWIN]: windowBits(bytes),
    },
  };
}

let isFreedMemoryKept = false;

/**
 * Brotli frees some 0.8 MB after each block, and glibc gives that back to the system, to clear it anew for the next one: in the pool that costs
 * more than compressing. It ceases to once the program has freed a single piece that is larger (mallopt(3), M_MMAP_THRESHOLD: the threshold
 * follows what is freed), such as brotli's memory for a window of 2^23. CPU for a MB: in this thread 6.2 ms either way, in the pool 19.7 before,
 * 7.1 after; of a search that reads each block 14 ms before, 8.6 after, start of the command included. Once for the process, 0.3 ms.
 */
function keepFreedMemory(): void {
  if (isFreedMemoryKept) return;
  isFreedMemoryKept = true;
  // Of less than a block of its input brotli takes memory for that alone.
  brotliCompressSync(Buffer.alloc(64 * 1024), {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: 23 },
  });
}

/** Of a window that holds the whole payload: brotli takes memory for all of it. */
function windowBits(bytes: number): number {
  return Math.min(constants.BROTLI_MAX_WINDOW_BITS, Math.max(16, 32 - Math.clz32(bytes)));
}

/** Errors: `log.damaged_block`, `log.unknown_codec`, with `name` in them. */
export async function readPayload(stored: StoredPayload, name: string): Promise<Buffer> {
  const raw = checked(stored, name);
  if (raw !== undefined) return raw;
  keepFreedMemory();
  const payload = await new Promise<Buffer>((resolve, reject) =>
    brotliDecompress(stored.data, bounds(stored), (error, result) => {
      if (error === null) resolve(result);
      else reject(damagedBlock(name, error.message));
    }),
  );
  return whole(payload, stored, name);
}

/** As {@link readPayload}, in this thread, for who cannot wait (virtual tables of SQLite). */
export function readPayloadNow(stored: StoredPayload, name: string): Buffer {
  const raw = checked(stored, name);
  if (raw !== undefined) return raw;
  let payload: Buffer;
  try {
    payload = brotliDecompressSync(stored.data, bounds(stored));
  } catch (error) {
    throw damagedBlock(name, error instanceof Error ? error.message : String(error));
  }
  return whole(payload, stored, name);
}

/** The payload where it lies there as it is. */
function checked(stored: StoredPayload, name: string): Buffer | undefined {
  const { codec, size, crc, data } = stored;
  if (codec !== RAW && codec !== BROTLI)
    throw logErrors.error('log.unknown_codec', `${name} is compressed by codec ${codec}, which this ds does not have`, {
      hint: 'read it with the newer ds that wrote it',
    });
  if (size > LARGEST_READ) throw damagedBlock(name, `it says that it has ${size} bytes`);
  if (crc32(data) !== crc) throw damagedBlock(name, 'its checksum differs');
  return codec === RAW ? whole(data, stored, name) : undefined;
}

function bounds({ size }: StoredPayload) {
  return { chunkSize: Math.min(Math.max(64, size), LARGEST_PIECE), maxOutputLength: Math.max(1, size) };
}

function whole(payload: Buffer, { size }: StoredPayload, name: string): Buffer {
  if (payload.length !== size) throw damagedBlock(name, `it has ${payload.length} bytes instead of ${size}`);
  return payload;
}
