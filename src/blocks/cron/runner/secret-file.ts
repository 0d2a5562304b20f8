/** Reads the files of secrets that a job names: small, plain files that not everybody may write. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { whyUnreadable } from '../../../platform/errors.js';

/** Bytes. */
const LARGEST = 256 * 1024;

export type SecretFile =
  | { readonly values: Readonly<Record<string, string>> }
  /** For people, with the path. */
  | { readonly problem: string };

type Parsed =
  | { readonly values: Readonly<Record<string, string>> }
  | { readonly problem: string; readonly line: number };

/** `what` is what it is called: `environment file`. No path is no values. */
export function readSecretFile(what: string, path: string | undefined, parse: (text: string) => Parsed): SecretFile {
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
  // A FIFO would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error('it is not a plain file');
    if ((mode & constants.S_IWOTH) !== 0) throw new Error('everybody may write it, see: chmod o-w');
    if (size > LARGEST) throw new Error('it is larger than 256 KiB');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
