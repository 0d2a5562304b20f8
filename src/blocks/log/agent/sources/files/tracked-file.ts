/**
 * A file as it is followed: what the ledger knows of it (store/agent/file-tables.ts), and where reading is.
 *
 *     0 ────── committed ────── handed out (position) ────── size
 *
 * `position` runs ahead of the ledger by what the pipeline has taken and not committed yet; after a crash the ledger's counts.
 */
import type { FilePlace, FileState, KnownFile } from '../../../store/agent/files.js';
import type { FileStat, OpenFile } from './disk.js';
import { inodeKey } from './disk.js';
import { NO_PROOF, type Position } from './identity.js';
import type { InflatedPieces } from './inflated-pieces.js';

/** What the file looked like when it was last read to its end. */
interface Look {
  readonly size: number;
  readonly modified: bigint;
  /** It looked the same before: no write can have hidden in one tick of the file system's clock. */
  readonly isSettled: boolean;
}

const NEVER: Look = { size: -1, modified: -1n, isSettled: false };

export class TrackedFile implements FilePlace {
  number: number;
  readonly family: string;
  readonly firstPath: string;
  readonly begun: number;
  path: string;
  device: bigint;
  inode: bigint;
  birth: bigint;
  compressed: boolean;
  state: FileState;
  copyOf: number | undefined;
  position: Position;
  lines: number;
  /** Up to where its entries are on disk. */
  committed: number;

  /** As last seen. */
  size = 0;
  modified = -1n;
  look: Look = NEVER;
  descriptor: OpenFile | undefined;
  /** Decompressed bytes as they come, where the file is compressed and is being read. */
  inflating: InflatedPieces | undefined;
  /** Full looks in a row that did not find it. */
  missing = 0;
  /** No name leads to it any more. */
  isDeleted = false;
  /** On the monotonic clock, milliseconds: when it last grew or changed. */
  changedAt: number;
  /** Since when a last line without an end waits; undefined: none does. */
  pendingSince: number | undefined;
  /** Its bytes are not those that were read: to be judged anew. */
  isSuspect = false;
  /** Compressed: it was decompressed to its end, and all of it was handed out. */
  isReadOut = false;
  /** It was proved to be the file of the ledger. */
  isProved = false;

  constructor(file: Omit<KnownFile, 'pipeline' | 'framing'>, now: number) {
    this.number = file.number;
    this.family = file.family;
    this.firstPath = file.firstPath;
    this.begun = file.begun;
    this.path = file.path;
    this.device = file.device;
    this.inode = file.inode;
    this.birth = file.birth;
    this.compressed = file.compressed;
    this.state = file.state;
    this.copyOf = file.copyOf;
    this.position = { offset: file.offset, fingerprint: file.fingerprint, tail: file.tail };
    this.lines = file.lines;
    this.committed = file.offset;
    this.changedAt = now;
  }

  /** A file that begins at its first byte. Its number comes from the ledger. */
  static begin(path: string, family: string, stat: FileStat, compressed: boolean, now: number): TrackedFile {
    const { device, inode, birth } = stat;
    const place = { path, firstPath: path, family, device, inode, birth, compressed, state: 'open' as const };
    const file = new TrackedFile(
      { ...place, number: 0, begun: 0, offset: 0, lines: 0, fingerprint: NO_PROOF, tail: NO_PROOF },
      now,
    );
    file.observe(stat, now);
    file.isProved = true;
    return file;
  }

  get key(): string {
    return inodeKey(this);
  }

  /** Its bytes can be read. */
  get isThere(): boolean {
    return this.state !== 'gone';
  }

  /** Whether something may have come since it was last read to its end. */
  get hasNews(): boolean {
    const { size, modified, isSettled } = this.look;
    return this.state === 'open' && (size !== this.size || modified !== this.modified || !isSettled);
  }

  /** Takes note of what the system says of it now. */
  observe(stat: FileStat, now: number): void {
    if (stat.size !== this.size || stat.modified !== this.modified) {
      this.changedAt = now;
      // The end of the last line may be in what came.
      if (stat.size !== this.size && this.pendingSince !== undefined) this.pendingSince = now;
    }
    this.size = stat.size;
    this.modified = stat.modified;
    this.isDeleted = stat.links === 0;
    if (this.birth === 0n) this.birth = stat.birth;
  }

  /** It was read to the end that it had when it was observed. */
  looked(): void {
    const { size, modified } = this.look;
    this.look = {
      size: this.size,
      modified: this.modified,
      isSettled: size === this.size && modified === this.modified,
    };
  }

  /** The same content is at another place, which is read on. */
  moveTo({ path, device, inode, birth, compressed, state }: FilePlace, stat: FileStat, now: number): void {
    this.close();
    this.path = path;
    this.device = device;
    this.inode = inode;
    this.birth = birth;
    this.compressed = compressed;
    this.state = state;
    this.copyOf = undefined;
    this.look = NEVER;
    this.missing = 0;
    this.isSuspect = false;
    this.isReadOut = false;
    this.isProved = true;
    this.observe(stat, now);
  }

  close(): void {
    this.inflating?.close();
    this.inflating = undefined;
    this.descriptor?.close();
    this.descriptor = undefined;
  }
}
