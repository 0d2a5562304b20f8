/**
 * A file: raw lines, appended and flushed before they count as delivered.
 *
 *     open ──▶ half a line at the end, when the first batch comes
 *                ├─ the file ends with the beginning of that batch: it was under way when the process died, and comes again ──▶ cut
 *                └─ else it is somebody else's ──▶ gets a line end
 *     append ──larger than `rotate`──▶ PATH.1 → PATH.2 … , PATH → PATH.1, a new PATH; beyond `keep` they are deleted
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf, whyUnreadable } from '../../../../platform/errors.js';
import { makeFolder } from '../../../../platform/make-folder.js';
import type { EntryBatch } from '../../entry-batch.js';
import type { Delivery, Sink } from '../sink.js';
import { rawLines } from './document.js';
import { badSink, type SinkText } from './sink-text.js';

const DEFAULT_KEEP = 5;
/** Of the end that is looked through for a line end. No line of an entry is longer. */
const LOOK_BACK = 1024 * 1024;
const LINE_FEED = 10;
const LINE_END = Buffer.from([LINE_FEED]);
const NOTHING = Buffer.alloc(0);

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
      await file.prepare(lines);
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
  #size = 0;
  /** A device has neither length nor places, and nothing to be flushed. */
  #isFile = true;
  /** The end of the file, where it ends with half a line, until it is decided whose that is. */
  #end: Buffer = NOTHING;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(path: string, name: string): Promise<AppendedFile> {
    try {
      const missing = missingFolders(dirname(path));
      makeFolder(dirname(path));
      for (const folder of missing) await flushFolder(dirname(folder));
      const file = new AppendedFile(path, await openForLines(path));
      await file.#look();
      return file;
    } catch (error) {
      throw badSink(`${name} cannot be written: ${whyUnreadable(error)}`);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** What has the name now ends with a line end. `lines`: what is to be appended next. */
  async prepare(lines: Buffer): Promise<void> {
    await this.#reopenIfMoved();
    const end = this.#end;
    if (end.length === 0) return;
    const half = end.subarray(end.lastIndexOf(LINE_FEED) + 1);
    if (endsWithBeginning(end, half, lines)) await this.#handle.truncate(this.#size - half.length);
    else await this.#handle.write(LINE_END, 0, 1, this.#size);
    await this.#look();
  }

  /** All of it on disk, or what was written of it taken back. */
  async append(lines: Buffer): Promise<void> {
    try {
      for (let at = 0; at < lines.length; ) {
        const place = this.#isFile ? this.#size + at : null;
        const { bytesWritten } = await this.#handle.write(lines, at, lines.length - at, place);
        at += bytesWritten;
      }
      if (!this.#isFile) return;
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
      await flushFolder(dirname(this.#path));
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
    await this.#look();
  }

  async #look(): Promise<void> {
    const found = await this.#handle.stat();
    this.#isFile = found.isFile();
    this.#size = this.#isFile ? found.size : 0;
    this.#end = NOTHING;
    if (!this.#isFile) return;
    const length = Math.min(found.size, LOOK_BACK);
    const from = found.size - length;
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, from);
    const end = buffer.subarray(0, bytesRead);
    this.#end = end.at(-1) === LINE_FEED ? NOTHING : end;
  }
}

/** Neither truncated nor in append mode, in which Linux ignores where to write. */
async function openForLines(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const handle = await open(path, 'w+', 0o640);
    await flushFolder(dirname(path));
    return handle;
  }
}

/** Makes the names in it survive a power loss. Not every file system lets a folder be flushed: those that do not need it. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}

function missingFolders(path: string): readonly string[] {
  return existsSync(path) || dirname(path) === path ? [] : [...missingFolders(dirname(path)), path];
}

/**
 * Whether `end` ends with the first of `lines` and, behind them, this half of the next one; as far as `end` goes back. Half of the first one
 * cannot be told from what somebody else has written that is the same.
 */
function endsWithBeginning(end: Buffer, half: Buffer, lines: Buffer): boolean {
  const whole = end.length - half.length;
  for (let at = 0; at < lines.length; at = lines.indexOf(LINE_FEED, at) + 1) {
    if (!lines.subarray(at, at + half.length).equals(half)) continue;
    const before = lines.subarray(Math.max(0, at - whole), at);
    const isOwn = end.subarray(whole - before.length, whole).equals(before);
    const behind = whole - before.length - 1;
    if (isOwn && (behind < 0 || end[behind] === LINE_FEED)) return true;
  }
  return false;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
