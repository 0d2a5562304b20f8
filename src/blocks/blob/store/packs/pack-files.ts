/**
 * Packs open for reading: one descriptor for all that read the same one, closed when the last has done. Opening takes some 15 µs, so that
 * none is kept in reserve, which would keep a removed pack's space from the disk.
 */
import { closeSync, openSync, read } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../../platform/errors.js';
import { translateStorageError } from '../../../../platform/store/errors.js';
import type { Store } from '../../../../platform/store/store.js';

interface OpenFile {
  readonly descriptor: number;
  users: number;
}

export class PackFiles {
  readonly #store: Store;
  readonly #folder: string;
  readonly #open = new Map<number, OpenFile>();

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /**
   * Fills `into` from `offset` on. Resolves to false where the pack is not there or ends before: it was rewritten by gc, or is damaged. Throws
   * errors of the storage catalogue.
   */
  async read(packId: number, offset: number, into: Uint8Array): Promise<boolean> {
    const file = this.#acquire(packId);
    if (file === undefined) return false;
    try {
      for (let filled = 0; filled < into.length; ) {
        const count = await readSome(file.descriptor, into, filled, offset + filled);
        if (count === 0) return false;
        filled += count;
      }
      return true;
    } catch (error) {
      throw translateStorageError(error, this.#folder);
    } finally {
      this.#release(packId, file);
    }
  }

  #acquire(packId: number): OpenFile | undefined {
    let file = this.#open.get(packId);
    if (file === undefined) {
      const descriptor = this.#openFile(packId);
      if (descriptor === undefined) return undefined;
      file = { descriptor, users: 0 };
      this.#open.set(packId, file);
    }
    file.users++;
    return file;
  }

  #openFile(packId: number): number | undefined {
    const find = this.#store.statement<[number], { name: string }>('SELECT name FROM pack WHERE id = ?');
    const row = this.#store.read(() => find.get(packId));
    if (row === undefined) return undefined;
    const path = join(this.#folder, row.name);
    try {
      return openSync(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw translateStorageError(error, path);
    }
  }

  #release(packId: number, file: OpenFile): void {
    file.users--;
    if (file.users > 0) return;
    this.#open.delete(packId);
    closeSync(file.descriptor);
  }
}

function readSome(descriptor: number, into: Uint8Array, at: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, into, at, into.length - at, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}
