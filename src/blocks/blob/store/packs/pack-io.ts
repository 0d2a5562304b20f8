/** What appending needs of the operating system. */
import { closeSync, fstatSync, fsyncSync, openSync, statSync, writevSync } from 'node:fs';
import { codeOf } from '../../../../platform/errors.js';

/** For reading and writing; undefined where there is no file. To be closed by the caller. */
export function openUnlessMissing(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the name still leads to the open file: bytes without a name are gone with the last descriptor. */
export function isStillAt(path: string, descriptor: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(descriptor);
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}

/** Makes the names in a folder durable. Not every file system lets a folder be flushed: those that do not need it. */
export function flushFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** At an offset of its own, so that what a failed write has left is written over. */
export function writeAll(descriptor: number, pieces: readonly Uint8Array[], length: number, offset: number): void {
  let written = writevSync(descriptor, pieces, offset);
  while (written < length) {
    const count = writevSync(descriptor, withoutFirst(pieces, written), offset + written);
    if (count === 0) throw new Error('the operating system wrote nothing');
    written += count;
  }
}

function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = bytes;
  for (const piece of pieces) {
    if (skip < piece.length) left.push(piece.subarray(skip));
    skip = Math.max(0, skip - piece.length);
  }
  return left;
}
