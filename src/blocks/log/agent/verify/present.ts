/** Where the bytes of files of the ledger are now: by inode, whatever they are called by now, and proved by what they are. */
import { dirname, join } from 'node:path';
import type { KnownFile } from '../../store/agent/files.js';
import { contentOf, surveyCompressed } from '../sources/files/contents.js';
import { type Disk, inodeKey, isSameBirth, type OpenFile } from '../sources/files/disk.js';
import { continues } from '../sources/files/identity.js';
import { possibleOriginals } from '../sources/files/rotated-names.js';

/** A file of the ledger on disk. To be closed. */
export interface Present {
  readonly path: string;
  readonly opened: OpenFile;
  /** It is what was read of it. If not, it was cut, changed or begun anew since, or is damaged. */
  readonly isSame: boolean;
}

/** Paths of a file and of what may be a rotated form of it, by inode. */
export class FamilyOnDisk {
  readonly #disk: Disk;
  readonly #places = new Map<string, { readonly path: string; readonly birth: bigint }>();

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    const folder = dirname(path);
    for (const { name } of disk.list(folder)) {
      const candidate = join(folder, name);
      if (candidate !== path && !possibleOriginals(candidate).includes(path)) continue;
      const stat = disk.stat(candidate);
      if (stat?.kind === 'file') this.#places.set(inodeKey(stat), { path: candidate, birth: stat.birth });
    }
  }

  /** Undefined where it is not there any more. */
  async open(file: KnownFile): Promise<Present | undefined> {
    const place = this.#places.get(inodeKey(file));
    if (place === undefined || file.state === 'gone' || !isSameBirth(place.birth, file.birth)) return undefined;
    const opened = this.#disk.open(place.path);
    if (opened === undefined) return undefined;
    const content = file.compressed ? await surveyCompressed(opened, [file]) : contentOf(opened);
    return { path: place.path, opened, isSame: content !== undefined && continues(content, file) };
  }

  /** Paths of which the ledger knows nothing. */
  unknown(files: readonly KnownFile[]): string[] {
    const known = new Map<string, KnownFile>();
    for (const file of files) if (file.state !== 'gone') known.set(inodeKey(file), file);
    const isKnown = (key: string, birth: bigint) => {
      const file = known.get(key);
      return file !== undefined && isSameBirth(file.birth, birth);
    };
    return [...this.#places].filter(([key, { birth }]) => !isKnown(key, birth)).map(([, { path }]) => path);
  }
}
