/** `ds logs`: the last lines of a log across its rotated files, and those that come. */
import { open, readFile, stat } from 'node:fs/promises';
import type { Clock } from '../clock.js';

/** How often a followed log is looked at, milliseconds. */
const POLL_MS = 150;
/** Read at a time. */
const CHUNK_BYTES = 64 * 1024;
/** A line without end is cut into pieces of this length. */
const LONGEST_LINE = 1024 * 1024;

export interface LogTail {
  /** The oldest first. */
  readonly lines: readonly string[];
  /** Where in the current file the tail ended, bytes: {@link followLog} goes on from there. */
  readonly offset: number;
}

/** The last `count` lines, going back into rotated files as far as needed. */
export async function readTail(path: string, count: number): Promise<LogTail> {
  let lines: string[] = [];
  let offset = 0;
  for (let age = 0; age === 0 || lines.length < count; age++) {
    const bytes = await readFile(age === 0 ? path : `${path}.${age}`).catch(() => undefined);
    if (bytes === undefined) break;
    if (age === 0) offset = bytes.lastIndexOf('\n') + 1;
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1).toString();
    const missing = count - lines.length;
    if (missing > 0) lines = [...splitLines(whole).slice(-missing), ...lines];
  }
  return { lines, offset };
}

/**
 * Calls `onLine` for every line from `offset` on, until the signal aborts. A rotation is met by reading the old
 * file to its end first: the descriptor still points there after the rename.
 */
export async function followLog(
  path: string,
  offset: number,
  clock: Clock,
  signal: AbortSignal,
  onLine: (line: string) => Promise<void> | void,
): Promise<void> {
  let file = await open(path, 'r');
  let position = offset;
  let rest = '';
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const drain = async () => {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) await onLine(Buffer.from(line, 'latin1').toString());
      if (rest.length > LONGEST_LINE) {
        await onLine(Buffer.from(rest, 'latin1').toString());
        rest = '';
      }
    }
  };
  try {
    while (!signal.aborted) {
      await drain();
      const inode = (await file.stat()).ino;
      const current = await stat(path).catch(() => undefined);
      if (current !== undefined && current.ino !== inode) {
        await drain();
        await file.close();
        file = await open(path, 'r');
        position = 0;
        rest = '';
      } else {
        if (current !== undefined && current.size < position) position = 0;
        await clock.sleep(POLL_MS, signal).catch(() => {});
      }
    }
  } finally {
    await file.close();
  }
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
