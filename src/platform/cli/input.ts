/** What `FILE|-` arguments name: a file, or stdin. */
import { createReadStream, fstatSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '../errors.js';
import { cliErrors } from './errors.js';

export interface OpenInput {
  readonly stream: Readable;
  /** Bytes to come; undefined for pipes, where nobody knows. */
  readonly size: number | undefined;
}

/** Bytes read at once. */
const CHUNK = 1 << 20;

/** Error: `usage.unreadable_input` when the file cannot be opened, or is a folder. */
export function openInput(path: string): OpenInput {
  if (path === '-') return { stream: process.stdin, size: undefined };
  try {
    const fd = openSync(path, 'r');
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new Error('it is a folder');
    return {
      stream: createReadStream(path, { fd, highWaterMark: CHUNK }),
      size: stats.isFile() ? stats.size : undefined,
    };
  } catch (error) {
    throw cliErrors.error('usage.unreadable_input', `cannot read ${path}: ${messageOf(error)}`, {
      hint: 'name another file, or - for stdin',
      details: { path },
    });
  }
}

export function inputLines(path: string): AsyncIterable<string> {
  return createInterface({ input: openInput(path).stream, crlfDelay: Number.POSITIVE_INFINITY });
}
