/** Reads the files of secrets that a job names: small, plain files that not everybody may write. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { whyUnreadable } from '../../../platform/errors.js';

/** Bytes. */
const LARGEST = 256 * 1024;

export type ValuesFile =
  | { readonly values: Readonly<Record<string, string>> }
  /** For people, with the path. */
  | { readonly problem: string };

export type ParsedValues =
  | { readonly values: Readonly<Record<string, string>> }
  | { readonly problem: string; readonly line: number };

/** `what` is what it is called: `environment file`. No path is no values. */
export function readValuesFile(
  what: string,
  path: string | undefined,
  parse: (text: string) => ParsedValues,
): ValuesFile {
  if (path === undefined) return { values: {} };
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return { problem: `${what} ${path}: ${whyUnreadable(error)}` };
  }
  const parsed = parse(text);
  return 'problem' in parsed ? { problem: `${what} ${path}, line ${parsed.line}: ${parsed.problem}` } : parsed;
}

function readText(path: string): string {
  // A FIFO would be waited for; a terminal could become ours.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const { mode } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error('it is not a plain file');
    if ((mode & constants.S_IWOTH) !== 0) throw new Error('everybody may write it, see: chmod o-w');
    return readBounded(file).toString('utf8');
  } finally {
    closeSync(file);
  }
}

/** By what there is, not by the size that the file has: of those in /proc it is 0, and one may grow. */
function readBounded(file: number): Buffer {
  const bytes = Buffer.alloc(LARGEST + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length <= LARGEST; length += read) {
    read = readSync(file, bytes, length, bytes.length - length, null);
  }
  if (length > LARGEST) throw new Error('it is larger than 256 KiB');
  return bytes.subarray(0, length);
}
