/** Files of this machine as bodies, and what goes wrong with them. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf, whyUnreadable } from '../../../platform/errors.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import { blobErrors } from '../errors.js';

const PIECE_BYTES = 256 * 1024;

/** By what a file is known again: another one of the same name, or one that was written to, has another. */
export interface FileIdentity {
  readonly size: number;
  /** Nanoseconds since the epoch, in decimal. */
  readonly modified: string;
  readonly inode: string;
}

export interface SourceFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Undefined of a pipe or a device: it ends when it ends. */
  readonly identity: FileIdentity | undefined;
}

/** Error: `blob.local_file`. */
export async function openSource(path: string): Promise<SourceFile> {
  const handle = await open(path, 'r').catch((error) => {
    throw unreadable(path, whyUnreadable(error), error);
  });
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw unreadable(path, 'it is a folder', undefined, 'ds blob sync copies folders');
    const identity = stats.isFile() ? await identityOf(handle) : undefined;
    return { path, handle, identity };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function identityOf(handle: FileHandle): Promise<FileIdentity> {
  const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
  return { size: Number(size), modified: String(mtimeNs), inode: String(ino) };
}

/** Whether nobody has replaced it or written to it since: by size, time of change and inode. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.modified === b.modified && a.inode === b.inode;
}

/** The bytes from `first` on, `length` of them. Error, while it is read: `blob.local_file`. */
export async function* readFileRange(
  { handle, path }: SourceFile,
  first: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length));
  for (let done = 0; done < length; ) {
    const wanted = Math.min(buffer.length, length - done);
    const { bytesRead } = await readAt(handle, path, buffer, wanted, first + done);
    if (bytesRead === 0) throw unreadable(path, 'it became shorter while it was read');
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The whole of a file, which fails at its end where the file was written to meanwhile. */
export async function* readSource(source: SourceFile): AsyncGenerator<Uint8Array> {
  const { identity } = source;
  if (identity === undefined) {
    yield* readPipe(source);
    return;
  }
  yield* readFileRange(source, 0, identity.size);
  await checkUnchanged(source);
}

/** Error: `blob.local_file` where it is no longer the file that was opened. */
export async function checkUnchanged({ handle, path, identity }: SourceFile): Promise<void> {
  if (identity !== undefined && !isSameFile(identity, await identityOf(handle))) {
    throw unreadable(path, 'it was changed while it was read; nothing was stored');
  }
}

async function* readPipe({ handle, path }: SourceFile): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await readAt(handle, path, buffer, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readAt(handle: FileHandle, path: string, buffer: Buffer, length: number, position: number | null) {
  return handle.read(buffer, 0, length, position).catch((error) => {
    throw unreadable(path, messageOf(error), error);
  });
}

function unreadable(path: string, why: string, cause?: unknown, hint?: string) {
  return blobErrors.error('blob.local_file', `${path} cannot be read: ${why}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { path },
    cause,
  });
}

/** @param error of the system */
export function unwritable(path: string, error: unknown) {
  const code = codeOf(error);
  const isMissing = code === 'ENOENT';
  const why = isMissing ? 'there is no such folder' : whyUnreadable(error);
  return blobErrors.error('blob.local_file', `${path} cannot be written: ${why}`, {
    ...(isMissing && { hint: `make it: mkdir -p ${quoteForShell(dirname(path))}` }),
    details: { path },
    cause: error,
  });
}
