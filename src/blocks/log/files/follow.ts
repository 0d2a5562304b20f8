/**
 * What is appended to a file, as `tail -F` has it: the name is followed, so that a file that was rotated away is read to its end, and
 * then the one that has its name now; one that was truncated is read from its beginning.
 *
 *     name ──▶ open file ──at its end──▶ the name leads elsewhere? ──yes──▶ that one, from its beginning
 *                                     └─ it is shorter than what was read? ──▶ from its beginning
 *
 * A named pipe is kept open, for one writer after the other.
 *
 * Only for eyes: what must not lose a line is `ds log ship`.
 */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import type { Clock } from '../../../platform/clock.js';
import { type LogFile, type Piece, piecesOf } from './log-file.js';
import { openWithoutWaiting, pipeChunks } from './pipe-chunks.js';
import { WholeLines } from './whole-lines.js';

/** Between two looks, milliseconds. */
const LOOK_MS = 200;
const READ_SIZE = 256 * 1024;

/** Whole lines as they are written, behind what the file had when it was opened, until the signal. A name that leads nowhere is waited for. */
export async function* followFile(file: LogFile, clock: Clock, signal: AbortSignal): AsyncGenerator<Piece> {
  const path = file.name;
  let from = file.size;
  while (!signal.aborted) {
    const handle = await openWithoutWaiting(path).catch(() => undefined);
    if (handle === undefined) {
      if (!(await pause(clock, signal))) return;
      continue;
    }
    try {
      const isFile = (await handle.stat()).isFile();
      if (isFile) yield* followOpen(handle, file, from, clock, signal);
      else yield* piecesOf(file, pipeChunks(handle, path, { clock, signal, follows: true }));
    } finally {
      await handle.close();
    }
    from = 0;
  }
}

/** Until the name leads to another file, or this one begins anew. */
async function* followOpen(
  handle: FileHandle,
  file: LogFile,
  from: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const lines = new WholeLines();
  let read = from;
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(lines.rest.length + READ_SIZE);
    lines.rest.copy(buffer);
    const { bytesRead } = await handle.read(buffer, lines.rest.length, READ_SIZE, read);
    if (bytesRead > 0) {
      const cutBefore = lines.cut;
      const bytes = lines.take(buffer.subarray(0, lines.rest.length + bytesRead));
      file.cutLines += lines.cut - cutBefore;
      read += bytesRead;
      if (bytes !== undefined) yield { bytes, offset: read - lines.rest.length - bytes.length };
    } else if (await isOver(handle, file.name, read)) {
      const bytes = lines.last();
      if (bytes !== undefined) yield { bytes, offset: read - bytes.length };
      return;
    } else if (!(await pause(clock, signal))) return;
  }
}

/** Read to its end, and the name leads to another file; or shorter than what was read. */
async function isOver(handle: FileHandle, path: string, read: number): Promise<boolean> {
  const named: BigIntStats | undefined = await stat(path, { bigint: true }).catch(() => undefined);
  // After the name: what was written before it moved is in the size.
  const own = await handle.stat({ bigint: true });
  if (own.size < BigInt(read)) return true;
  return named !== undefined && (named.ino !== own.ino || named.dev !== own.dev) && own.size === BigInt(read);
}

/** False at the signal. */
async function pause(clock: Clock, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(LOOK_MS, signal).then(
    () => true,
    () => false,
  );
}
