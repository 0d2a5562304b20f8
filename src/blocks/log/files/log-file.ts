/** One file of logs, as queries read it: pieces of whole lines, from its beginning to where it ended when it was opened. */

import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Clock } from '../../../platform/clock.js';
import { codeOf, DsError, whyUnreadable } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import { NANOS_PER_MS } from '../nanos.js';
import { type Chunk, decompressed, fileChunks, streamChunks } from './chunks.js';
import { openWithoutWaiting, pipeChunks, type Waiting } from './pipe-chunks.js';
import { untilAborted } from './until-aborted.js';
import { WholeLines } from './whole-lines.js';

/** Whole lines; the last one of a file may have no line end. */
export interface Piece {
  readonly bytes: Buffer;
  /** Bytes of the file, decompressed, before them. */
  readonly offset: number;
}

export interface LogFile {
  /** As it was named; the label `filename` of its entries. */
  readonly name: string;
  /** When it was written last, nanoseconds since the Unix epoch: the time of lines that say none. */
  readonly writtenAt: bigint;
  /** Bytes, when it was opened; 0 where nobody knows. */
  readonly size: number;
  /** Whether it can be read more than once. */
  readonly rereadable: boolean;
  /** Lines of which the rest was left out because they are longer than is read, as far as it was read. */
  cutLines: number;
  /** Why the rest of it could not be read, once that has turned out. */
  damage: DsError | undefined;
  /** As far as it can be read. @param signal ends it: what waits for a writer would wait for ever */
  pieces(signal?: AbortSignal): AsyncGenerator<Piece>;
}

/** A file by its path; what is no regular file (a pipe) is read once. Error: `log.unreadable_file`. */
export async function findLogFile(path: string, clock: Clock): Promise<LogFile> {
  const stats = await statOf(path);
  if (stats.isDirectory()) throw unreadable(path, 'it is a folder', `name the files in it: ${path}/*`);
  const isFile = stats.isFile();
  const file: LogFile = {
    name: path,
    writtenAt: stats.mtimeNs,
    size: isFile ? Number(stats.size) : 0,
    rereadable: isFile,
    cutLines: 0,
    damage: undefined,
    // What is written while it is read is left to whoever follows it: a query has an end.
    pieces: (signal) => asFarAsCan(file, isFile ? piecesOfFile(file) : piecesOfPipe(file, { clock, signal })),
  };
  return file;
}

/** What comes from a stream, once. @param now milliseconds since the Unix epoch */
export function streamFile(name: string, stream: AsyncIterable<Uint8Array>, now: number): LogFile {
  const file: LogFile = {
    name,
    writtenAt: BigInt(now) * NANOS_PER_MS,
    size: 0,
    rereadable: false,
    cutLines: 0,
    damage: undefined,
    pieces: (signal) => asFarAsCan(file, piecesOfEither(file, streamChunks(untilAborted(stream, signal)))),
  };
  return file;
}

/** One file that is damaged does not keep others from being read: that it is stands in the file, to be told at the end. */
async function* asFarAsCan(file: LogFile, pieces: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  try {
    yield* pieces;
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    file.damage ??= error;
  }
}

async function* piecesOfFile(file: LogFile): AsyncGenerator<Piece> {
  const handle = await attempt(file.name, () => open(file.name, 'r'));
  try {
    yield* piecesOfEither(file, fileChunks(handle, file.size));
  } finally {
    await handle.close();
  }
}

async function* piecesOfPipe(file: LogFile, waiting: Waiting): AsyncGenerator<Piece> {
  const handle = await attempt(file.name, () => openWithoutWaiting(file.name));
  try {
    yield* piecesOfEither(file, pipeChunks(handle, file.name, waiting));
  } finally {
    await handle.close();
  }
}

/** Compressed or not. */
function piecesOfEither(file: LogFile, chunks: AsyncGenerator<Chunk>): AsyncGenerator<Piece> {
  return piecesOf(
    file,
    decompressed(chunks, (program) => compressed(file.name, program)),
  );
}

export async function* piecesOf(file: LogFile, chunks: AsyncGenerator<Chunk>): AsyncGenerator<Piece> {
  const lines = new WholeLines();
  let offset = 0;
  try {
    for await (const chunk of chunks) {
      const bytes = lines.take(behindRest(lines.rest, chunk));
      if (bytes === undefined) continue;
      yield { bytes, offset };
      offset += bytes.length;
    }
  } catch (error) {
    throw error instanceof DsError ? error : damaged(file.name, error);
  } finally {
    // It may be read twice.
    file.cutLines = Math.max(file.cutLines, lines.cut);
  }
  const bytes = lines.last();
  if (bytes !== undefined) yield { bytes, offset };
}

/** What was read, with the beginning of its first line in front of it. */
function behindRest(rest: Buffer, { buffer, from, to }: Chunk): Buffer {
  if (rest.length > from) return Buffer.concat([rest, buffer.subarray(from, to)]);
  rest.copy(buffer, from - rest.length);
  return buffer.subarray(from - rest.length, to);
}

const statOf = (path: string): Promise<BigIntStats> => attempt(path, () => stat(path, { bigint: true }));

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(path, whyUnreadable(error), 'name another file, or - for stdin', error);
  }
}

function unreadable(path: string, why: string, hint: string, cause?: unknown): DsError {
  return logErrors.error('log.unreadable_file', `cannot read ${path}: ${why}`, { hint, details: { path }, cause });
}

function compressed(path: string, program: string): DsError {
  return unreadable(path, `it is compressed by ${program}`, `${program} -dc ${path} | ds log query QUERY -`);
}

/** What was read before it has been handed out. */
function damaged(path: string, error: unknown): DsError {
  const isZlib = codeOf(error)?.startsWith('Z_') === true;
  const why = isZlib ? `it is no whole gzip file: ${whyUnreadable(error)}` : whyUnreadable(error);
  return logErrors.error('log.damaged_file', `cannot read all of ${path}: ${why}`, {
    hint: isZlib ? `what is wrong with it: gzip -t ${path}` : 'look at the disk, or read a copy',
    details: { path },
    cause: error,
  });
}
