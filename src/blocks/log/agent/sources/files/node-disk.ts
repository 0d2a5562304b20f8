/** The file system by Node's calls. */
import {
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../../../../../platform/errors.js';
import type { Disk, FileStat, FolderEntry, OpenFile } from './disk.js';

/** Of compressed bytes and of decompressed ones, at a time. */
const INFLATE_PIECE_BYTES = 256 * 1024;

const NOWHERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

export const nodeDisk: Disk = {
  stat: (path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : fileStat(stat);
  },
  list: (folder) => unlessNowhere(() => readdirSync(folder, { withFileTypes: true }).map(folderEntry)) ?? [],
  // O_NONBLOCK: a FIFO that has taken the name of a file would hold up the whole process.
  open: (path) => unlessNowhere(() => new NodeFile(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))),
  resolve: (path) => unlessNowhere(() => realpathSync(path)),
};

class NodeFile implements OpenFile {
  readonly #descriptor: number;
  #closed = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  stat(): FileStat {
    return fileStat(fstatSync(this.#descriptor, { bigint: true }));
  }

  read(into: Buffer, length: number, position: number): number {
    let read = 0;
    while (read < length) {
      const count = readSync(this.#descriptor, into, read, length - read, position + read);
      if (count === 0) break;
      read += count;
    }
    return read;
  }

  async *inflate(): AsyncIterable<Buffer> {
    // Not createReadStream(): it closes the descriptor when it is destroyed, whatever autoClose says, and by then it may be another file's.
    const compressed = Readable.from(this.#pieces());
    const inflated = createGunzip({ chunkSize: INFLATE_PIECE_BYTES });
    compressed.on('error', (error) => inflated.destroy(error));
    compressed.pipe(inflated);
    try {
      for await (const piece of inflated) yield piece;
    } finally {
      compressed.destroy();
      inflated.destroy();
    }
  }

  *#pieces(): Generator<Buffer> {
    for (let position = 0; !this.#closed; ) {
      const bytes = Buffer.allocUnsafe(INFLATE_PIECE_BYTES);
      const read = this.read(bytes, bytes.length, position);
      if (read === 0) return;
      position += read;
      yield bytes.subarray(0, read);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }
}

function fileStat(stat: BigIntStats): FileStat {
  return {
    device: stat.dev,
    inode: stat.ino,
    // Where the kernel does not know it, libuv gives the time of the last change in its place, which would change with every write.
    birth: stat.birthtimeNs < stat.ctimeNs ? stat.birthtimeNs : 0n,
    size: Number(stat.size),
    modified: stat.mtimeNs,
    links: Number(stat.nlink),
    kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other',
  };
}

function folderEntry(entry: Dirent): FolderEntry {
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other';
  return { name: entry.name, kind };
}

function unlessNowhere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (NOWHERE.has(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
