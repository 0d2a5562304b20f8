/**
 * Keys as paths below a folder. A key may be anything: what would be a path elsewhere, or none, is refused and never bent into shape, since two keys
 * could then be one file.
 */
import { blobErrors } from '../../errors.js';

/** Bytes: NAME_MAX and PATH_MAX of Linux. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 4095;

/** Folders and the name of the file. Error: `blob.unsafe_path`. */
export function pathSegments(key: string): readonly [...string[], string] {
  const segments = key.split('/');
  const problem = segments.map(problemOf).find((found) => found !== undefined);
  if (problem !== undefined) throw unsafePath(key, problem);
  if (Buffer.byteLength(key) > LONGEST_PATH) throw unsafePath(key, 'it is too long');
  const name = segments.pop() ?? '';
  return [...segments, name];
}

function problemOf(segment: string): string | undefined {
  if (segment === '') return 'it begins or ends with a slash, or has two in a row';
  if (segment === '.' || segment === '..') return `it has a ${segment} in it`;
  if (segment.includes('\0')) return 'it has a NUL in it';
  if (Buffer.byteLength(segment) > LONGEST_NAME) return `a name in it has more than ${LONGEST_NAME} bytes`;
  return undefined;
}

/** @param why in lower case, after a colon */
export function unsafePath(key: string, why: string) {
  return blobErrors.error('blob.unsafe_path', `${JSON.stringify(key)} cannot be a file in the folder: ${why}`, {
    hint: 'get it by itself, to a file: ds blob get BUCKET/KEY FILE',
    details: { key },
  });
}

/**
 * Tells of keys that cannot be files beside those before them, in the order of keys: a file of one name cannot be a folder, too, and where
 * the file system takes A for a, both would be one file. The first one wins.
 */
export class PathCollisions {
  readonly #foldsCase: boolean;
  readonly #seen = new Map<string, string>();
  /** Those before that the last one begins with. */
  #begun: string[] = [];

  /** @param foldsCase the file system takes names for one that differ only in case */
  constructor(foldsCase: boolean) {
    this.#foldsCase = foldsCase;
  }

  /** Error: `blob.unsafe_path`. */
  add(path: string): void {
    this.#begun = this.#begun.filter((before) => path.startsWith(before));
    const file = this.#begun.find((before) => path.startsWith(`${before}/`));
    if (file !== undefined) throw unsafePath(path, `${JSON.stringify(file)} is a file`);
    if (this.#foldsCase) this.#addFolded(path);
    this.#begun.push(path);
  }

  #addFolded(path: string): void {
    const folded = path.normalize('NFC').toLowerCase();
    const other = this.#seen.get(folded);
    if (other !== undefined) throw unsafePath(path, `this file system takes it for ${JSON.stringify(other)}`);
    this.#seen.set(folded, path);
  }
}
