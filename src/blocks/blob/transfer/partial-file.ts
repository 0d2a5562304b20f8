/**
 * What was received of a large object: the file that it is in, and which ranges are on disk. A range is in the record only after the file was
 * flushed, so that after a power loss no hole counts as received.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { ObjectStat } from '../object-types.js';
import { PART_BYTES, type TransferContext } from './context.js';
import { unwritable } from './local-file.js';
import { isObject, type TransferRecord } from './record.js';
import { temporaryPath } from './temporary.js';

/** Milliseconds between two records of what was received. */
const RECORD_MS = 1000;

export interface DownloadState {
  readonly temporary: string;
  readonly etag: string;
  readonly versionId?: string | undefined;
  readonly size: number;
  /** A bit for each range, the lowest first; base64. */
  readonly received: string;
}

export interface PartialFile {
  readonly temporary: string;
  readonly handle: FileHandle;
  readonly received: Uint8Array;
}

/** Takes over what an earlier attempt has left, if the object is still the same; else it begins anew. Error: `blob.local_file`. */
export async function openPartialFile(
  found: DownloadState | undefined,
  { etag, versionId, size }: ObjectStat,
  path: string,
  { random }: TransferContext,
): Promise<PartialFile> {
  const temporary = temporaryPath(path, random);
  if (found !== undefined) {
    const same = found.etag === etag && found.size === size && found.versionId === versionId;
    if (!same) await rm(found.temporary, { force: true });
    else if (await takeOver(found.temporary, temporary)) {
      return { temporary, handle: await open(temporary, 'r+'), received: bitsOf(found) };
    }
  }
  const handle = await open(temporary, 'wx+').catch((error) => {
    throw unwritable(path, error);
  });
  return { temporary, handle, received: new Uint8Array(bitBytes(size)) };
}

async function takeOver(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

export function isReceived(received: Uint8Array, index: number): boolean {
  return ((received[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

/** Which ranges are on disk. */
export class ReceivedBook {
  readonly #file: PartialFile & { readonly stat: ObjectStat };
  readonly #record: TransferRecord<DownloadState> | undefined;
  readonly #clock: TransferContext['clock'];
  readonly #done: Uint8Array;
  #writtenAt: number;
  #writing: Promise<void> = Promise.resolve();

  /** @param record without one nothing is written */
  constructor(
    file: PartialFile & { readonly stat: ObjectStat },
    record: TransferRecord<DownloadState> | undefined,
    { clock }: TransferContext,
  ) {
    this.#file = file;
    this.#record = record;
    this.#clock = clock;
    this.#done = Uint8Array.from(file.received);
    this.#writtenAt = clock.monotonic();
  }

  /** There is nothing to go on from. */
  get isEmpty(): boolean {
    return this.#done.every((bits) => bits === 0);
  }

  async add(index: number): Promise<void> {
    this.#done[index >> 3] = (this.#done[index >> 3] ?? 0) | (1 << (index & 7));
    if (this.#clock.monotonic() - this.#writtenAt < RECORD_MS) return;
    await this.write();
  }

  /** One after the other. */
  write(): Promise<void> {
    this.#writtenAt = this.#clock.monotonic();
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { handle, temporary, stat } = this.#file;
    if (this.#record === undefined) return;
    const received = Uint8Array.from(this.#done);
    await handle.datasync();
    const { etag, versionId, size } = stat;
    await this.#record.save({ temporary, etag, versionId, size, received: Buffer.from(received).toString('base64') });
  }
}

/** Undefined where it is none. */
export function readDownloadState(value: unknown): DownloadState | undefined {
  if (!isObject(value)) return undefined;
  const { temporary, etag, versionId, size, received } = value;
  if (typeof temporary !== 'string' || typeof etag !== 'string' || typeof size !== 'number') return undefined;
  if (typeof received !== 'string' || !(versionId === undefined || typeof versionId === 'string')) return undefined;
  if (!/\/\.ds-[0-9a-f]{18}\.ds-part$/.test(temporary)) return undefined;
  const state = { temporary, etag, versionId, size, received };
  return bitsOf(state).length === bitBytes(size) ? state : undefined;
}

function bitsOf({ received }: DownloadState): Uint8Array {
  return Buffer.from(received, 'base64');
}

function bitBytes(size: number): number {
  return Math.ceil(size / PART_BYTES / 8);
}
