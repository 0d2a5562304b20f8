/**
 * The file system as the follower of files needs it; node-disk.ts is the real one, tests have one in memory that changes between any two
 * calls. Calls are synchronous: looking at a local file costs some 5 µs so, and five times that by way of Node's threads, which for 1,000 idle
 * files is the difference between half a percent of a core and several. Only decompression is not: it takes long.
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

export interface OpenFile {
  stat(): FileStat;
  /** Bytes read, fewer than `length` at the end. */
  read(into: Buffer, length: number, position: number): number;
  /** What the file is when it is decompressed (gzip). Throws where it is damaged or cut off. */
  inflate(): AsyncIterable<Buffer>;
  close(): void;
}

export interface Disk {
  /** Symbolic links are followed. Undefined where nothing is. Throws what the system says otherwise. */
  stat(path: string): FileStat | undefined;
  /** Names in a folder, with whether each is a folder itself (links: not); empty where there is no folder. */
  list(folder: string): readonly { readonly name: string; readonly isFolder: boolean }[];
  /** Undefined where nothing is. */
  open(path: string): OpenFile | undefined;
  /** The path without symbolic links; the same where nothing is. */
  resolve(path: string): string;
}
