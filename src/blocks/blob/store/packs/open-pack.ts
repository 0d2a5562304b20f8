/**
 * A pack that this process appends to. What bodies have left that were given up is cut off from its end:
 *
 *     │ kept │ a │ b │ a │ b │        a is given up: b is after it
 *     │ kept │ a │ b │ a │            b, too: now all of it goes
 *     │ kept │
 */
import { closeSync, fstatSync, ftruncateSync } from 'node:fs';
import { translateStorageError } from '../../../../platform/store/errors.js';
import { PackFlush } from './pack-flush.js';
import { isStillAt, writeAll } from './pack-io.js';

export interface PackPlace {
  readonly packId: number;
  readonly offset: number;
}

/** Of a chunk that was appended. */
export interface PackExtent extends PackPlace {
  readonly storedLength: number;
}

export class OpenPack {
  readonly id: number;
  readonly path: string;
  readonly flush: PackFlush;
  /** Bodies whose chunks are in it and in no row yet. */
  users = 0;
  readonly #descriptor: number;
  #end: number;
  /** What was given up: where each chunk ends, and where it begins. */
  readonly #abandoned = new Map<number, number>();

  /** @param end of the file; what is behind it is written over */
  constructor(id: number, path: string, descriptor: number, end: number) {
    this.id = id;
    this.path = path;
    this.#descriptor = descriptor;
    this.#end = end;
    this.flush = new PackFlush(descriptor);
  }

  /** Bytes. */
  get size(): number {
    return this.#end;
  }

  /** Returns where it begins. Errors: those of the storage catalogue; nothing was appended then. */
  append(pieces: readonly Uint8Array[], length: number): number {
    const offset = this.#end;
    try {
      writeAll(this.#descriptor, pieces, length, offset);
    } catch (error) {
      this.#cutFile();
      throw translateStorageError(error, this.path);
    }
    this.#end += length;
    this.flush.appended(length);
    return offset;
  }

  /** Of a body that was given up. */
  abandon({ offset, storedLength }: PackExtent): void {
    this.#abandoned.set(offset + storedLength, offset);
  }

  /** @param kept where the last chunk ends that has a row: where a commit's flush failed, a body was given up whose rows are there */
  cut(kept: number): void {
    for (;;) {
      const from = this.#abandoned.get(this.#end);
      if (from === undefined || from < kept) break;
      this.#abandoned.delete(this.#end);
      this.#end = from;
    }
    this.#cutFile();
  }

  get isInPlace(): boolean {
    return isStillAt(this.path, this.#descriptor);
  }

  /** Resolves when no flush is under way and the file is closed. */
  async close(): Promise<void> {
    await this.flush.settled();
    closeSync(this.#descriptor);
  }

  #cutFile(): void {
    try {
      if (fstatSync(this.#descriptor).size > this.#end) ftruncateSync(this.#descriptor, this.#end);
    } catch {
      // It is written over.
    }
  }
}
