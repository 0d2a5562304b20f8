/** Where the bytes of files of the ledger are now: by inode, whatever they are called by now, and proved by what they are. */
import { dirname, join } from 'node:path';
import type { KnownFile } from '../../store/agent/files.js';
import { contentOf, surveyCompressed } from '../sources/files/contents.js';
import { type Disk, inodeKey, isSameBirth, type OpenFile } from '../sources/files/disk.js';
import { continues } from '../sources/files/identity.js';
import { possibleOriginals } from '../sources/files/rotated-names.js';

/** Paths of a file and of what may be a rotated form of it, by inode. */
export class FamilyOnDisk {
  readonly #disk: Disk;
  readonly #paths = new Map<string, string>();
  readonly #births = new Map<string, bigint>();

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    const folder = dirname(path);
    for (const { name } of disk.list(folder)) {
      const candidate = join(folder, name);
      if (candidate !== path && !possibleOriginals(candidate).includes(path)) continue;
      const stat = disk.stat(candidate);
      if (stat?.kind !== 'file') continue;
      this.#paths.set(inodeKey(stat), candidate);
      this.#births.set(inodeKey(stat), stat.birth);
    }
  }

  /** The file, opened, where its bytes up to its position are still there. To be closed. */
  async open(file: KnownFile): Promise<{ readonly path: string; readonly opened: OpenFile } | undefined> {
    const key = inodeKey(file);
    const path = this.#paths.get(key);
    if (path === undefined || file.state === 'gone' || !isSameBirth(this.#births.get(key) ?? 0n, file.birth))
      return undefined;
    const opened = this.#disk.open(path);
    if (opened === undefined) return undefined;
    const content = file.compressed ? await surveyCompressed(opened, [file]) : contentOf(opened);
    if (content !== undefined && continues(content, file)) return { path, opened };
    opened.close();
    return undefined;
  }

  /** Paths of which the ledger knows nothing. */
  unknown(files: readonly KnownFile[]): string[] {
    const known = new Set(files.filter(({ state }) => state !== 'gone').map((file) => inodeKey(file)));
    return [...this.#paths].filter(([key]) => !known.has(key)).map(([, path]) => path);
  }
}
