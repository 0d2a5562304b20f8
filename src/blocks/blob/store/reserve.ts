/**
 * Room for the way out of a full disk: what is deleted wants room first, for the log of the database, for its pages, and for the few chunks that
 * gc copies at a time. A file beside the database keeps it.
 *
 *     none yet ──a daemon starts, or the first large body comes──▶ whole ◀──────────there is room again──────┐
 *                                                                    └──what makes room has met a full disk──▶ given back
 *
 * While it is given back, what takes room is refused, by all processes, so that the room is for what makes some. The file's length is the
 * state. A file, and no watch over the free space, since what fills a disk is often another program. A store of small objects that only commands
 * have written to has none.
 */
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '../../../platform/clock.js';
import { codeOf } from '../../../platform/errors.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import { storageErrors } from '../../../platform/store/errors.js';
import type { Store } from '../../../platform/store/store.js';
import { formatSize } from '../../../platform/units.js';

/** Twice what the log can come to where it could not be copied into the database: 4 MB, and the largest transactions of gc. */
const RESERVE_BYTES = 32 * 1024 * 1024;
/** Of small disks it takes no more than this share. */
const LARGEST_SHARE = 1 / 8;
/** Written again and again: random, so that a file system that compresses keeps room for it, too. */
const BLOCK_BYTES = 1024 * 1024;

/** Of a file system, bytes. */
export interface DiskRoom {
  readonly total: number;
  readonly free: number;
}

export interface ReserveOptions {
  readonly random: Random;
  /** Default 32 MiB. Never more than an eighth of the disk. */
  readonly mostBytes?: number | undefined;
  /** Default: what the file system says. */
  readonly disk?: () => DiskRoom;
}

export class Reserve {
  readonly #store: Store;
  readonly #path: string;
  readonly #random: Random;
  readonly #disk: () => DiskRoom;
  readonly #bytes: number;

  constructor(store: Store, { random, mostBytes = RESERVE_BYTES, disk }: ReserveOptions) {
    this.#store = store;
    this.#path = reserveFile(store.path);
    this.#random = random;
    this.#disk = disk ?? (() => roomOf(dirname(store.path)));
    this.#bytes = Math.floor(Math.min(mostBytes, this.#disk().total * LARGEST_SHARE));
  }

  /** There is less room than it has, or it is given back: what garbage takes is wanted, if it is 1 MiB. */
  get isWanted(): boolean {
    const size = sizeOf(this.#path);
    return (size !== undefined && size < this.#bytes) || this.#disk().free < this.#bytes;
  }

  /** Before a step that takes room. Error: `storage.full` while it is given back, and there is no room to make it again. */
  check(): void {
    const size = sizeOf(this.#path);
    if (size !== undefined && size < this.#bytes && !this.#make()) throw this.#full();
  }

  /** As {@link check}, and makes it where there is none yet: before what takes much. */
  require(): void {
    if (!this.restore()) throw this.#full();
  }

  /** Makes it where it is not whole and there is room. Returns whether it is whole. */
  restore(): boolean {
    const size = sizeOf(this.#path);
    return (size !== undefined && size >= this.#bytes) || this.#make();
  }

  /** Runs what makes room, or takes none: where the disk is full, once more with the reserve given back. */
  free<T>(work: () => T): T {
    return withReserve(this.#store.path, work);
  }

  /** As {@link free}. */
  async freeLater<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== 'storage.full' || !giveBack(this.#path)) throw error;
      return work();
    }
  }

  /** In the write lock of the database, so that two processes do not make it at once. */
  #make(): boolean {
    if (this.#disk().free < this.#bytes * 1.25) {
      this.#markAsGivenBack();
      return false;
    }
    if (this.#store.inTransaction) return this.#fill();
    return this.#store.write(() => this.#fill(), { sync: 'normal' });
  }

  /** What is not flushed is made again after a power loss. */
  #fill(): boolean {
    if ((sizeOf(this.#path) ?? 0) >= this.#bytes) return true;
    try {
      const descriptor = openSync(this.#path, 'w', 0o600);
      try {
        const block = this.#random.bytes(Math.min(BLOCK_BYTES, this.#bytes));
        for (let at = 0; at < this.#bytes; )
          at += writeSync(descriptor, block, 0, Math.min(block.length, this.#bytes - at), at);
      } finally {
        closeSync(descriptor);
      }
      return true;
    } catch {
      // Whatever it was, full or forbidden: what takes room is refused until it can be made.
      giveBack(this.#path);
      return false;
    }
  }

  #markAsGivenBack(): void {
    try {
      closeSync(openSync(this.#path, 'a', 0o600));
    } catch {
      // Not even an empty file can be made: there is nothing to be told apart.
    }
  }

  #full() {
    const folder = quoteForShell(dirname(this.#path));
    return storageErrors.error(
      'storage.full',
      `${this.#store.path} takes nothing more: its disk has less than ${formatSize(this.#bytes * 1.25)} left`,
      {
        hint: `delete objects, whose room gc gives back after its grace, or make room, see: df -h ${folder}`,
        details: { path: this.#store.path },
      },
    );
  }
}

/** As {@link Reserve.free}, for what needs no open database. @param path of the database */
export function withReserve<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) !== 'storage.full' || !giveBack(reserveFile(path))) throw error;
    return work();
  }
}

/** Where the reserve of a database is. */
export function reserveFile(databasePath: string): string {
  return `${databasePath}-reserve`;
}

/** False: there was none. One that another has given back counts, since its room may have come too late for the first attempt. */
function giveBack(path: string): boolean {
  try {
    truncateSync(path, 0);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function roomOf(folder: string): DiskRoom {
  const { bsize, blocks, bavail } = statfsSync(folder);
  return { total: bsize * blocks, free: bsize * bavail };
}
