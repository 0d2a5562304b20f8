/** A folder in memory for the follower of files. Before each call the world may take a step: `between`. */
import { dirname } from 'node:path';
import type { Disk, FileStat, FolderEntry, OpenFile } from '../../../../../src/blocks/log/agent/sources/files/disk.js';

export interface MemoryInode {
  readonly number: bigint;
  readonly birth: bigint;
  bytes: Buffer;
  modified: bigint;
  links: number;
  opened: number;
  isFreed: boolean;
  /** What it decompresses to, where it is compressed; undefined bytes: it is cut off. */
  inflated?: { bytes: Buffer; isWhole: boolean };
}

const GZIP_HEADER = Buffer.from([0x1f, 0x8b]);

export class MemoryDisk implements Disk {
  readonly names = new Map<string, MemoryInode>();
  readonly #freed: bigint[] = [];
  #nextInode = 1n;
  #ticks = 0n;
  #folderModified = 1n;

  constructor(
    /** File systems that do not say when an inode was made give 0. */
    readonly hasBirths: boolean,
    private readonly between: () => void = () => {},
    private readonly log: (text: string) => void = () => {},
  ) {}

  inode(path: string): MemoryInode | undefined {
    return this.names.get(path);
  }

  create(path: string, bytes: Buffer): MemoryInode {
    this.#ticks++;
    // As ext4 does: the number that was freed last comes first.
    const number = this.#freed.pop() ?? this.#nextInode++;
    const birth = this.hasBirths ? this.#ticks : 0n;
    const inode: MemoryInode = { number, birth, bytes, modified: this.#ticks, links: 1, opened: 0, isFreed: false };
    this.unlink(path);
    this.log(`create ${path} inode ${number}`);
    this.names.set(path, inode);
    this.#folderModified++;
    return inode;
  }

  write(inode: MemoryInode, bytes: Buffer): void {
    this.log(`write inode ${inode.number}: ${inode.bytes.length} -> ${bytes.length}`);
    inode.bytes = bytes;
    inode.modified = ++this.#ticks;
  }

  append(inode: MemoryInode, text: string): void {
    this.write(inode, Buffer.concat([inode.bytes, Buffer.from(text)]));
  }

  gzip(inode: MemoryInode, bytes: Buffer, isWhole: boolean): void {
    inode.inflated = { bytes, isWhole };
    this.write(inode, Buffer.concat([GZIP_HEADER, Buffer.alloc(bytes.length)]));
  }

  rename(from: string, to: string): void {
    const inode = this.names.get(from);
    if (inode === undefined) return;
    this.log(`rename ${from} ${to}`);
    this.unlink(to);
    this.names.delete(from);
    this.names.set(to, inode);
    this.#folderModified++;
  }

  unlink(path: string): void {
    const inode = this.names.get(path);
    if (inode === undefined) return;
    this.log(`unlink ${path}`);
    this.names.delete(path);
    inode.links--;
    this.#folderModified++;
    this.#free(inode);
  }

  stat(path: string): FileStat | undefined {
    this.between();
    if (path === '/l') return { ...statOf(undefined), modified: this.#folderModified, kind: 'folder' };
    const inode = this.names.get(path);
    return inode === undefined ? undefined : statOf(inode);
  }

  list(folder: string): readonly FolderEntry[] {
    this.between();
    return [...this.names.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => ({ name: path.slice(folder.length + 1), kind: 'file' }));
  }

  resolve(path: string): string {
    return path;
  }

  open(path: string): OpenFile | undefined {
    this.between();
    const inode = this.names.get(path);
    if (inode === undefined) return undefined;
    inode.opened++;
    this.log(`  agent opens ${path}`);
    let isOpen = true;
    const { between } = this;
    return {
      stat: () => {
        between();
        return statOf(inode);
      },
      read: (into, length, position) => {
        between();
        return inode.bytes.copy(into, 0, position, Math.min(inode.bytes.length, position + length));
      },
      async *inflate() {
        between();
        const { bytes, isWhole } = inode.inflated ?? { bytes: Buffer.alloc(0), isWhole: false };
        const half = bytes.length >> 1;
        yield bytes.subarray(0, half);
        between();
        if (!isWhole) throw new Error('unexpected end of file');
        yield bytes.subarray(half);
      },
      close: () => {
        if (isOpen) inode.opened--;
        isOpen = false;
        this.#free(inode);
      },
    };
  }

  /** All descriptors are gone: the process died. */
  closeAll(inodes: Iterable<MemoryInode>): void {
    for (const inode of inodes) {
      inode.opened = 0;
      this.#free(inode);
    }
  }

  #free(inode: MemoryInode): void {
    if (inode.links > 0 || inode.opened > 0 || inode.isFreed) return;
    inode.isFreed = true;
    this.#freed.push(inode.number);
  }
}

function statOf(inode: MemoryInode | undefined): FileStat {
  return {
    device: 1n,
    inode: inode?.number ?? 0n,
    birth: inode?.birth ?? 0n,
    size: inode?.bytes.length ?? 0,
    modified: inode?.modified ?? 0n,
    links: inode?.links ?? 1,
    kind: 'file',
  };
}
