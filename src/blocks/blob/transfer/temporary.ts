/** Files that are written under another name first. */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../../../platform/clock.js';
import { unwritable } from './local-file.js';

/** What was broken off is told by its name. */
export function temporaryPath(path: string, random: Random): string {
  return join(dirname(path), `.ds-${Buffer.from(random.bytes(9)).toString('hex')}.ds-part`);
}

export interface FinishOptions {
  /** Milliseconds since the epoch, with a fraction. */
  readonly modifiedAt: number | undefined;
}

/**
 * Writes a file by `write` and puts it where it belongs; nothing is left of one that failed. A file that was there keeps its permissions.
 * Errors: `blob.local_file`, and those of `write`.
 */
export async function writeAside<T>(
  path: string,
  random: Random,
  write: (handle: FileHandle) => Promise<{ readonly result: T } & FinishOptions>,
): Promise<T> {
  const temporary = temporaryPath(path, random);
  const handle = await open(temporary, 'wx+').catch((error) => {
    throw unwritable(path, error);
  });
  try {
    const { result, modifiedAt } = await write(handle).finally(() => handle.close());
    await moveInPlace(temporary, path, modifiedAt);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The last step of a file that was written under another name. Error: `blob.local_file`. */
export async function moveInPlace(temporary: string, path: string, modifiedAt: number | undefined): Promise<void> {
  try {
    const handle = await open(temporary, 'r+');
    try {
      const before = await stat(path).catch(() => undefined);
      if (before?.isFile()) await handle.chmod(before.mode & 0o777);
      if (modifiedAt !== undefined) await handle.utimes(modifiedAt / 1000, modifiedAt / 1000);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** All of it: a write may take less than it was given. */
export async function writeAll(handle: FileHandle, path: string, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Of a file that was begun here, perhaps by another process. */
export function isTemporaryName(name: string): boolean {
  return /^\.ds-[0-9a-f]{18}\.ds-part$/.test(name);
}
