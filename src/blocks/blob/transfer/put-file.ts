/** A local file becomes an object: whole, or in parts where it is large and goes to a server. */
import { present } from '../../../platform/present.js';
import type { BlobStore, PutResult } from '../blob-store.js';
import { createChecksum } from '../checksum/checksum.js';
import type { Body, KeyPlace, ObjectChecksum } from '../object-types.js';
import { MOST_IN_ONE, ProgressMeter, type TransferContext } from './context.js';
import { openSource, readSource, type SourceFile } from './local-file.js';
import { MTIME, mtimeText } from './mtime.js';
import type { PutFileOptions, PutReport } from './put-options.js';
import { putFileInParts } from './put-parts.js';

/** Errors: `blob.local_file`, and those of {@link BlobStore.putObject}. What was sent of a large file stays on the server, for the next attempt. */
export async function putFile(
  store: BlobStore,
  path: string,
  place: KeyPlace,
  options: PutFileOptions,
  context: TransferContext,
): Promise<PutReport> {
  const source = await openSource(path);
  try {
    const full = options.keepTime === true ? withTime(options, source) : options;
    const size = source.identity?.size;
    if (context.server !== undefined && size !== undefined && size > MOST_IN_ONE) {
      return await putFileInParts(store, source, size, place, full, { ...context, server: context.server });
    }
    const put = await putStream(store, readSource(source), place, { ...full, ...present({ size }) }, context);
    return { ...put, resumedBytes: 0 };
  } finally {
    await source.handle.close();
  }
}

function withTime(options: PutFileOptions, { identity }: SourceFile): PutFileOptions {
  if (identity === undefined) return options;
  return { ...options, metadata: { ...options.metadata, [MTIME]: mtimeText(BigInt(identity.modified)) } };
}

/** A body becomes an object, such as stdin. */
export async function putStream(
  store: BlobStore,
  body: Body,
  place: KeyPlace,
  { checksum: algorithm, keepTime: _, ...options }: PutFileOptions & { readonly size?: number },
  context: TransferContext,
): Promise<PutResult> {
  const meter = new ProgressMeter(context, options.size);
  const checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  async function* counted() {
    for await (const piece of body) {
      context.signal?.throwIfAborted();
      checksum?.update(piece);
      yield piece;
      meter.add(piece.length);
    }
  }
  const stored = (): ObjectChecksum | undefined =>
    algorithm && checksum && { algorithm, value: checksum.digest().toString('base64'), type: 'FULL_OBJECT' };
  return store.putObject(place, counted(), present({ ...options, checksum: algorithm && once(stored) }));
}

/** A digest can be asked for once. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
