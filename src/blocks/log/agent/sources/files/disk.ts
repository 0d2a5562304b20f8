/**
 * The file system as the follower of files needs it; node-disk.ts is the real one, tests have one in memory that changes between any two
 * calls. Calls are synchronous: a look at a local file took 5 to 9 µs of CPU so, by way of Node's threads 16 to 26 µs where 1,000 were asked
 * at once and 40 to 54 µs one after the other. Only decompression is not: it takes long.
 */

export interface FileStat {
  readonly device: bigint;
  readonly inode: bigint;
  /** When the inode was made, nanoseconds; 0 where the file system does not say. */
  readonly birth: bigint;
  readonly size: number;
  /** Nanoseconds. Only compared for change: it is the file system's clock, and anybody may set it. */
  readonly modified: bigint;
  /** Names that lead to it; 0: deleted. */
  readonly links: number;
  readonly kind: 'file' | 'folder' | 'other';
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

export interface OpenFile {
  stat(): FileStat;
  /** Bytes read into the beginning of `into`, fewer than `length` at the end. */
  read(into: Buffer, length: number, position: number): number;
  /** What the file is when it is decompressed (gzip), from its start. Throws where it is damaged or cut off. */
  inflate(): AsyncIterable<Buffer>;
  close(): void;
}

export interface Disk {
  /** Symbolic links are followed. Undefined where nothing is. Throws what the system says otherwise. */
  stat(path: string): FileStat | undefined;
  /** Empty where there is no folder. */
  list(folder: string): readonly FolderEntry[];
  /** Undefined where nothing is. Never waits, as opening a FIFO would. */
  open(path: string): OpenFile | undefined;
  /** The path without symbolic links; undefined where it leads nowhere. */
  resolve(path: string): string | undefined;
}

/** What a file is known by while it is there. */
export function inodeKey({ device, inode }: { readonly device: bigint; readonly inode: bigint }): string {
  return `${device}:${inode}`;
}

/** Two inodes with one number are told apart by when they were made, where both are known. */
export function isSameBirth(one: bigint, other: bigint): boolean {
  return one === other || one === 0n || other === 0n;
}

/** One file, and not another that got the number of the first between two calls. */
export function isSameFile(one: InodeIdentity, other: InodeIdentity): boolean {
  return one.inode === other.inode && one.device === other.device && isSameBirth(one.birth, other.birth);
}

type InodeIdentity = Pick<FileStat, 'device' | 'inode' | 'birth'>;
