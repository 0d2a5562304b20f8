/**
 * The bytes of what is no regular file: a named pipe, the output of a command as a file (`<(…)`), a terminal. Nothing waits within the system,
 * neither to open it nor to read: a thread that does keeps the process from ending.
 *
 *     no writer yet ──looked for now and then──▶ bytes ──no writer any more──▶ the end; where it is followed: the next writer is waited for
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../../../platform/clock.js';
import { codeOf } from '../../../platform/errors.js';
import type { Chunk } from './chunks.js';

/** What a pipe holds on Linux. */
const READ_SIZE = 64 * 1024;
/** A line that was begun is put in front of what is read next. */
const HEADROOM = 64 * 1024;
/** Between two looks while nothing comes, milliseconds: soon at first, then less often. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 64;

export interface Waiting {
  readonly clock: Clock;
  /** Ends it, as if the writer had gone. */
  readonly signal?: AbortSignal | undefined;
  /** Other writers may follow the first one. Default false. */
  readonly follows?: boolean;
}

export const openWithoutWaiting = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_NONBLOCK);

/** `handle` is of {@link openWithoutWaiting}. */
export async function* pipeChunks(handle: FileHandle, path: string, waiting: Waiting): AsyncGenerator<Chunk> {
  const { clock, signal, follows = false } = waiting;
  // Of a pipe that has no name of its own the writer was there before its reader, and may have gone.
  let hasWriter = /^\/(dev|proc)\//.test(path);
  let wait = FIRST_WAIT_MS;
  while (signal?.aborted !== true) {
    const buffer = Buffer.allocUnsafeSlow(HEADROOM + READ_SIZE);
    const bytes = await readNow(handle, buffer);
    if (bytes === 0 && hasWriter && !follows) return;
    hasWriter ||= bytes !== 0;
    if (bytes === undefined || bytes === 0) {
      // What the signal ends is seen above.
      await clock.sleep(wait, signal).catch(() => undefined);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      continue;
    }
    wait = FIRST_WAIT_MS;
    yield { buffer, from: HEADROOM, to: HEADROOM + bytes };
  }
}

/** 0: there is no writer; undefined: it has written nothing. */
async function readNow(handle: FileHandle, buffer: Buffer): Promise<number | undefined> {
  try {
    return (await handle.read(buffer, HEADROOM, READ_SIZE, null)).bytesRead;
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined;
    throw error;
  }
}
