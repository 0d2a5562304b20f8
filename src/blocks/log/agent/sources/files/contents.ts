/** Bytes to be compared, of files and of what compressed ones have in them. */
import type { OpenFile } from './disk.js';
import { type Position, PROOF_BYTES, type Readable } from './identity.js';

/** The bytes of an open file, of the size that it has now. */
export function contentOf(file: OpenFile): Readable {
  const { size } = file.stat();
  return { size, bytes: (from, to) => readBytes(file, from, Math.min(to, size)) };
}

function readBytes(file: OpenFile, from: number, to: number): Buffer {
  const length = Math.max(0, to - from);
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, file.read(bytes, length, from));
}

interface Window {
  readonly from: number;
  readonly bytes: Buffer;
}

/**
 * Decompresses a whole file and keeps what identity is proved by: the first and the last KiB, and those before the positions. Undefined where
 * it is cut off or damaged: it may still be being written.
 */
export async function surveyCompressed(file: OpenFile, positions: readonly Position[]): Promise<Readable | undefined> {
  const windows: Window[] = [{ from: 0, bytes: Buffer.alloc(PROOF_BYTES) }];
  for (const { offset, tail } of positions) {
    if (tail.length > 0) windows.push({ from: offset - tail.length, bytes: Buffer.alloc(tail.length) });
  }
  let size = 0;
  let last = Buffer.alloc(0);
  try {
    for await (const piece of file.inflate()) {
      for (const window of windows) copyInto(window, piece, size);
      size += piece.length;
      last = Buffer.concat([last, piece.subarray(-PROOF_BYTES)]).subarray(-PROOF_BYTES);
    }
  } catch {
    return undefined;
  }
  return readable(size, [...windows, { from: size - last.length, bytes: last }]);
}

/** The part of the piece that is in the window; `position`: of the piece's first byte. */
function copyInto({ from, bytes }: Window, piece: Buffer, position: number): void {
  const start = Math.max(from, position);
  const end = Math.min(from + bytes.length, position + piece.length);
  if (start < end) piece.copy(bytes, start - from, start - position, end - position);
}

function readable(size: number, windows: readonly Window[]): Readable {
  return {
    size,
    bytes(start, to) {
      const end = Math.min(to, size);
      const window = windows.find(({ from, bytes }) => from <= start && end <= from + bytes.length);
      // What was not kept agrees with nothing.
      return window === undefined ? Buffer.alloc(0) : window.bytes.subarray(start - window.from, end - window.from);
    },
  };
}

/** What the first bytes say of a file. */
export type Form = 'text' | 'gzip' | 'utf-16' | 'compressed';

export function formOf(start: Uint8Array): Form {
  const [a, b, c, d] = start;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'utf-16';
  const isBzip2 = a === 0x42 && b === 0x5a && c === 0x68 && d !== undefined && d >= 0x31 && d <= 0x39;
  const isXz = a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58;
  const isZstd = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
  return isBzip2 || isXz || isZstd ? 'compressed' : 'text';
}
