/** Bytes into the reader of an archive, with a bound on what it keeps of one header, and a look at the end. */
import type * as Tar from 'tar-stream';
import { blobErrors } from '../errors.js';
import { drained } from './drained.js';

/** Bytes of the records of one file. Ours have 20 KiB at the most. */
const LARGEST_HEADER = 1 << 20;
/** An archive ends with two blocks of zeros: without them it was cut off. */
const END = 1024;

export interface Feeding {
  readonly ended: Promise<void>;
  /** What went wrong here, where the reader tells of a consequence. */
  failure(): unknown;
}

export function feed(archive: Tar.Extract, input: AsyncIterable<Uint8Array>): Feeding {
  let failure: unknown;
  const ended = pump(archive, input).catch((error: unknown) => {
    failure = error;
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  ended.catch(() => undefined);
  return { ended, failure: () => failure };
}

async function pump(archive: Tar.Extract, input: AsyncIterable<Uint8Array>): Promise<void> {
  const closed = new Promise<void>((resolve) => archive.once('close', resolve));
  /** Bytes until the next header must have come. */
  let allowance = LARGEST_HEADER;
  archive.on('entry', ({ size = 0 }) => {
    allowance = size + LARGEST_HEADER;
  });
  let tail = Buffer.alloc(0);
  for await (const piece of input) {
    if (archive.destroyed) return;
    allowance -= piece.length;
    tail = Buffer.concat([tail, piece.subarray(-END)]).subarray(-END);
    // The reader keeps it until its files are read.
    if (!archive.write(Buffer.from(piece))) await drained(archive);
    if (allowance < 0) {
      throw blobErrors.error('blob.bad_archive', `a header of the archive has more than ${LARGEST_HEADER} bytes`);
    }
  }
  if (archive.destroyed) return;
  if (tail.length < END || tail.some((byte) => byte !== 0)) {
    throw blobErrors.error('blob.bad_archive', 'the archive was cut off: its end is missing');
  }
  archive.end();
  await closed;
}
