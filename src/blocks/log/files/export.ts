/** Entries into a file or a pipe, in memory that does not grow with them. */
import { once } from 'node:events';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGzip, type Gzip } from 'node:zlib';
import { plain } from '../../../platform/colors.js';
import { codeOf, whyUnreadable } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import type { Entry } from '../log-store.js';
import { entryTexts } from '../report/entry-text.js';

export interface ExportTarget {
  /** `-`: `stdout`. */
  readonly path: string;
  readonly format: 'raw' | 'ndjson';
  readonly gzip: boolean;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
  readonly stdout: (bytes: Uint8Array) => Promise<void>;
  /** A document is to follow on stdout. */
  readonly json: boolean;
  /** Bytes that were written, compressed, so far. */
  readonly onProgress: (done: number) => void;
}

export interface Exported {
  readonly entries: number;
  /** As they were written. */
  readonly bytes: number;
}

/**
 * A file is written under another name and renamed at the end, so that it is there whole or not at all; where there is no entry, none is
 * made. What is no file, a device or a named pipe, is written to as it is. Errors: `log.bad_export`, `log.export_failed`.
 */
export async function exportEntries(entries: AsyncIterable<Entry>, target: ExportTarget): Promise<Exported> {
  const { path, force, json } = target;
  if (path === '-') {
    if (json) throw bad('--json tells of a file, and there is none', 'entries as JSON: --format ndjson');
    return write(entries, target, target.stdout);
  }
  const place = await realpath(path).catch(() => path);
  const there = await stat(place).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    const handle = await openToWrite(place, 'r+');
    return write(entries, target, (bytes) => append(handle, path, bytes)).finally(() => handle.close());
  }
  if (there !== undefined && !force) throw bad(`${path} is there already`, 'to replace it, add --force');
  return exportAside(entries, target, place);
}

async function exportAside(entries: AsyncIterable<Entry>, target: ExportTarget, place: string): Promise<Exported> {
  const unfinished = `${place}.${process.pid}.unfinished`;
  const handle = await openToWrite(unfinished, 'wx');
  try {
    const done = await write(entries, target, (bytes) => append(handle, target.path, bytes));
    await handle.sync();
    await handle.close();
    if (done.entries > 0) await rename(unfinished, place);
    return done;
  } finally {
    await handle.close().catch(() => undefined);
    await rm(unfinished, { force: true });
  }
}

function openToWrite(path: string, flags: 'r+' | 'wx'): Promise<FileHandle> {
  return open(path, flags).catch((error: unknown) => {
    const why = codeOf(error) === 'ENOENT' ? `there is no folder ${dirname(path)}` : whyUnreadable(error);
    throw bad(`${path} cannot be written: ${why}`, 'name another file: -o FILE', error);
  });
}

async function append(handle: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  await handle.appendFile(bytes).catch((error: unknown) => {
    throw logErrors.error('log.export_failed', `${path} cannot be written: ${whyUnreadable(error)}`, {
      hint: 'make room, see: df -h .',
      cause: error,
    });
  });
}

async function write(
  entries: AsyncIterable<Entry>,
  { format, gzip, onProgress }: ExportTarget,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<Exported> {
  let [count, bytes] = [0, 0];
  const counted = async function* () {
    for await (const entry of entries) {
      count++;
      yield entry;
    }
  };
  const form = format === 'raw' ? 'raw' : 'json';
  const texts = entryTexts(counted(), { form, labels: false, time: false, filename: false, paint: plain });
  for await (const piece of gzip ? compressed(texts) : encoded(texts)) {
    bytes += piece.length;
    await take(piece);
    onProgress(bytes);
  }
  return { entries: count, bytes };
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

async function* compressed(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  const fed = feed(gzip, texts);
  // What went wrong with the entries ends the output with it.
  fed.catch((error: unknown) => gzip.destroy(error instanceof Error ? error : new Error(String(error))));
  yield* gzip as AsyncIterable<Uint8Array>;
  await fed;
}

async function feed(gzip: Gzip, texts: AsyncIterable<string>): Promise<void> {
  for await (const text of texts) if (!gzip.write(text)) await once(gzip, 'drain');
  gzip.end();
}

function bad(message: string, hint: string, cause?: unknown) {
  return logErrors.error('log.bad_export', message, { hint, cause });
}
