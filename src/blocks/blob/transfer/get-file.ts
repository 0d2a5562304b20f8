/**
 * An object becomes a local file: it is written beside it under another name, compared with its checksum, and renamed. Until then the
 * file is what it was. Nothing is flushed to disk: after a power loss the file may be empty, as after cp(1).
 */
import { open, realpath, stat as statFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { present } from '../../../platform/present.js';
import type { BlobStore } from '../blob-store.js';
import type { ObjectPlace, ObjectStat } from '../object-types.js';
import { MOST_IN_ONE, ProgressMeter, type TransferContext } from './context.js';
import type { GetFileOptions, GetReport } from './get-options.js';
import { getInRanges } from './get-ranges.js';
import { unwritable } from './local-file.js';
import { mtimeOf } from './mtime.js';
import { readChecked } from './read-checked.js';
import { writeAll, writeAside } from './temporary.js';

/**
 * A link is followed; what is no file (a device, a pipe) is written to as it is. Errors: `blob.local_file`, `blob.bad_digest`, and those of
 * {@link BlobStore.getObject}.
 */
export async function getFile(
  store: BlobStore,
  place: ObjectPlace,
  path: string,
  options: GetFileOptions,
  context: TransferContext,
): Promise<GetReport> {
  const target = await statFile(path).catch(() => undefined);
  if (target?.isDirectory()) throw unwritable(path, new Error('it is a folder'));
  if (target !== undefined && !target.isFile()) return writeInto(store, place, path, options, context);
  return getNewFile(store, place, target === undefined ? path : await realpath(path), options, context);
}

/** As {@link getFile}, to a path that is nothing yet or a file, and is no link. */
export async function getNewFile(
  store: BlobStore,
  place: ObjectPlace,
  path: string,
  options: GetFileOptions,
  context: TransferContext,
): Promise<GetReport> {
  const { server } = context;
  if (server !== undefined && (options.size ?? Number.POSITIVE_INFINITY) > MOST_IN_ONE) {
    const { stat } = await store.statObject(place, present({ conditions: options.conditions }));
    if (stat.size > MOST_IN_ONE) {
      return getInRanges(store, place, stat, resolve(path), timeFor(stat, options), { ...context, server });
    }
  }
  return writeAside(path, context.random, async (handle) => {
    const report = await receive(store, place, options, context, (piece, at) => writeAll(handle, path, piece, at));
    return { result: report, modifiedAt: timeFor(report.stat, options) };
  });
}

async function writeInto(
  store: BlobStore,
  place: ObjectPlace,
  path: string,
  options: GetFileOptions,
  context: TransferContext,
): Promise<GetReport> {
  const handle = await open(path, 'w').catch((error) => {
    throw unwritable(path, error);
  });
  try {
    return await receive(store, place, options, context, async (piece) => {
      await handle.writeFile(piece).catch((error) => {
        throw unwritable(path, error);
      });
    });
  } finally {
    await handle.close();
  }
}

async function receive(
  store: BlobStore,
  place: ObjectPlace,
  { conditions }: GetFileOptions,
  context: TransferContext,
  write: (piece: Uint8Array, at: number) => Promise<void>,
): Promise<GetReport> {
  const { stat, body, checked } = await readChecked(store, place, present({ conditions }));
  const meter = new ProgressMeter(context, stat.size);
  let done = 0;
  for await (const piece of body) {
    context.signal?.throwIfAborted();
    await write(piece, done);
    done += piece.length;
    meter.add(piece.length);
  }
  return { stat, checked, resumedBytes: 0 };
}

/** Milliseconds; undefined: the file's own. */
function timeFor(stat: ObjectStat, { keepTime = false }: GetFileOptions): number | undefined {
  return keepTime ? objectTime(stat) : undefined;
}

/** When what an object holds was changed, as far as anybody knows. */
export function objectTime({ metadata, modifiedAt }: Pick<ObjectStat, 'metadata' | 'modifiedAt'>): number {
  return mtimeOf(metadata) ?? modifiedAt;
}
