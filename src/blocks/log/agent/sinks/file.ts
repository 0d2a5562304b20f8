/**
 * A file: raw lines, appended and flushed before they count as delivered.
 *
 *     open ──cut after the last line end (a batch that was under way when the process died comes again)──▶ append …
 *     append ──larger than `rotate`──▶ PATH.1 → PATH.2 … , PATH → PATH.1, a new PATH; beyond `keep` they are deleted
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf, whyUnreadable } from '../../../../platform/errors.js';
import { makeFolder } from '../../../../platform/make-folder.js';
import type { EntryBatch } from '../../entry-batch.js';
import type { Delivery, Sink } from '../sink.js';
import { rawLines } from './document.js';
import { badSink, type SinkText } from './sink-text.js';

const DEFAULT_KEEP = 5;
/** Of the end that is looked through for a line end at once. */
const LOOK_BACK = 64 * 1024;
const LINE_FEED = 10;

/** Error: `log.bad_sink` where the file cannot be opened. */
export async function fileSink({ name, place, settings }: SinkText): Promise<Sink> {
  const path = resolve(place);
  const rotateBytes = settings.size('rotate');
  const keep = settings.count('keep');
  if (keep !== undefined && rotateBytes === undefined)
    throw badSink(`${name} has keep, and no rotate`, `${name}#rotate=100MB&keep=5`);
  const file = await AppendedFile.open(path, name);
  return {
    name,
    async deliver(batch: EntryBatch): Promise<Delivery> {
      const lines = rawLines(batch);
      if (rotateBytes !== undefined && file.size > 0 && file.size + lines.length > rotateBytes) {
        await file.rotate(keep ?? DEFAULT_KEEP);
      }
      await file.append(lines);
      return { outcome: 'delivered' };
    },
    close: () => file.close(),
  };
}

class AppendedFile {
  readonly #path: string;
  #handle: FileHandle;
  #size: number;

  private constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  static async open(path: string, name: string): Promise<AppendedFile> {
    try {
      makeFolder(dirname(path));
      const handle = await openForLines(path);
      return new AppendedFile(path, handle, await cutHalfLine(handle));
    } catch (error) {
      throw badSink(`${name} cannot be written: ${whyUnreadable(error)}`);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** All of it on disk, or what was written of it taken back. */
  async append(lines: Buffer): Promise<void> {
    await this.#reopenIfMoved();
    try {
      for (let at = 0; at < lines.length; ) {
        const { bytesWritten } = await this.#handle.write(lines, at, lines.length - at, this.#size + at);
        at += bytesWritten;
      }
      await this.#handle.datasync();
      this.#size += lines.length;
    } catch (error) {
      await this.#handle.truncate(this.#size).catch(() => {});
      throw error;
    }
  }

  async rotate(keep: number): Promise<void> {
    await this.#handle.close();
    try {
      await rm(`${this.#path}.${keep}`, { force: true });
      for (let number = keep - 1; number >= 1; number--)
        await renameIfThere(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
      if (keep > 0) await renameIfThere(this.#path, `${this.#path}.1`);
      else await rm(this.#path, { force: true });
    } finally {
      await this.#reopen();
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Somebody else rotates it: what has its name now is written to. */
  async #reopenIfMoved(): Promise<void> {
    const [own, named] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => undefined)]);
    if (named?.ino === own.ino && named.dev === own.dev && own.size === this.#size) return;
    await this.#handle.close();
    await this.#reopen();
  }

  async #reopen(): Promise<void> {
    this.#handle = await openForLines(this.#path);
    this.#size = await cutHalfLine(this.#handle);
  }
}

/** Neither truncated nor in append mode, in which Linux ignores where to write. */
async function openForLines(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return open(path, 'w+', 0o640);
  }
}

/** Returns how long the file is then. What is no file of lines (a device) has no length. */
async function cutHalfLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const piece = Buffer.allocUnsafe(LOOK_BACK);
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - LOOK_BACK);
    const { bytesRead } = await handle.read(piece, 0, end - from, from);
    const at = piece.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (at !== -1) {
      const whole = from + at + 1;
      if (whole < size) await handle.truncate(whole);
      return whole;
    }
    end = from;
  }
  if (size > 0) await handle.truncate(0);
  return 0;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
