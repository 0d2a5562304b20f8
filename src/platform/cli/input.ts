/** What `FILE|-` arguments name: a file, or stdin. */
import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { whyUnreadable } from '../errors.js';
import { cliErrors } from './errors.js';

export interface OpenInput {
  readonly stream: Readable;
  /** Bytes to come; undefined for pipes, where nobody knows. */
  readonly size: number | undefined;
}

/** Bytes read at once. */
const CHUNK = 1 << 20;

/** Characters of a line that are kept; nothing that commands read by the line is nearly as long. */
const LONGEST_LINE = 65_536;

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
    throw cliErrors.error('usage.unreadable_input', `cannot read ${path}: ${whyUnreadable(error)}`, {
      hint: 'name another file, or - for stdin',
      details: { path },
    });
  }
}

/** As {@link readInputBytes}, as text, for documents. */
export async function readInput(path: string, most: number): Promise<string> {
  return (await readInputBytes(path, most)).toString('utf8');
}

/**
 * All of it. Of an input longer than `most` bytes only so much is read, and a little more: enough for whoever takes it to refuse it
 * by its length.
 */
async function readInputBytes(path: string, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of openInput(path).stream as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) break;
  }
  return Buffer.concat(chunks);
}

/**
 * A value that is an argument, a file, or stdin (`-`, or neither of them in a pipe). Of what is read at most about `most` bytes, as of
 * {@link readInputBytes}; `usage` is the hint where it is missing. Errors: `usage.conflict`, `usage.missing`.
 */
export async function readTypedOrInput(
  typed: string | undefined,
  file: string | undefined,
  { most, usage }: { readonly most: number; readonly usage: string },
): Promise<Buffer> {
  if (typed !== undefined && file !== undefined) {
    throw cliErrors.error('usage.conflict', 'a value and --file exclude each other');
  }
  if (typed !== undefined && typed !== '-') return Buffer.from(typed);
  if (typed === undefined && file === undefined && process.stdin.isTTY === true) {
    throw cliErrors.error('usage.missing', 'missing value', { hint: usage });
  }
  return readInputBytes(file ?? '-', most);
}

/** What messages call it. */
export function inputName(path: string): string {
  return path === '-' ? 'stdin' : path;
}

export function inputLines(path: string): AsyncIterable<string> {
  return cutLines(openInput(path).stream.setEncoding('utf8'));
}

/**
 * The lines of a text, without `\n` or `\r\n` and without the byte order mark that some editors put first. What a line
 * has beyond LONGEST_LINE is left out, so that input without line ends cannot fill the memory.
 */
export async function* cutLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let atStart = true;
  for await (const chunk of chunks) {
    let from = 0;
    if (atStart && chunk.startsWith('\ufeff')) from = 1;
    atStart = false;
    for (let end = chunk.indexOf('\n', from); end >= 0; end = chunk.indexOf('\n', from)) {
      yield withoutReturn(rest + chunk.slice(from, end));
      rest = '';
      from = end + 1;
    }
    rest += chunk.slice(from, from + LONGEST_LINE - rest.length);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LONGEST_LINE);
}
