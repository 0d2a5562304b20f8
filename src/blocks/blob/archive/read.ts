/** The files of a tar archive as objects: ustar, pax and GNU's form; each is stored as it comes, several small ones at once. */

import type { Readable } from 'node:stream';
import type * as Tar from 'tar-stream';
import { DsError, messageOf } from '../../../platform/errors.js';
import { mapOrdered } from '../../../platform/map-ordered.js';
import { onePiece } from '../../../platform/one-piece.js';
import type { BlobStore, PutOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import { count } from '../report/words.js';
import { contentTypeOf } from '../rules/content-type.js';
import type { BucketPrefix } from '../typed/place.js';
import { feed } from './feed.js';
import { optionsOf } from './records.js';
import type { ArchiveProgress } from './write.js';

const AT_ONCE = 16;
/** Files of up to so many bytes are read ahead, so that several are stored at once. */
const SMALL = 64 * 1024;

export interface ReadArchiveOptions extends BucketPrefix {
  /** Of what is no file: folders, links, devices, sparse files. */
  readonly onSkipped: (name: string, type: string) => void;
  readonly onObject: (progress: ArchiveProgress) => void;
}

/**
 * Each key is `prefix` and the name of the file, exactly. Error: `blob.bad_archive`; what came before it stays stored. Names that occur
 * twice are stored twice, the last one last.
 */
export async function readArchive(
  store: BlobStore,
  input: AsyncIterable<Uint8Array>,
  options: ReadArchiveOptions,
): Promise<ArchiveProgress> {
  const { default: tar } = await import('tar-stream');
  const archive = tar.extract();
  const feeding = feed(archive, input);
  let done: ArchiveProgress = { objects: 0, bytes: 0 };
  /** More than are done, where an earlier one is still under way or failed. */
  let stored = 0;
  const onStored = () => {
    stored += 1;
  };
  try {
    for await (const size of mapOrdered(files(archive, options), AT_ONCE, inTurn(store, options.bucket, onStored))) {
      done = { objects: done.objects + 1, bytes: done.bytes + size };
      options.onObject(done);
    }
    await feeding.ended;
  } catch (error) {
    archive.destroy();
    throw badArchive(feeding.failure() ?? error, stored);
  } finally {
    await feeding.ended.catch(() => undefined);
  }
  return done;
}

/** What the types of the package leave out. */
type HeaderWithRecords = Tar.Headers & { readonly pax?: Readonly<Record<string, string>> | null };

interface ArchiveFile extends Pick<PutOptions, 'headers' | 'metadata' | 'tags'> {
  readonly key: string;
  readonly size: number;
  readonly stream: Readable;
  /** All of a small one. */
  readonly bytes: Uint8Array | undefined;
}

async function* files(archive: Tar.Extract, { prefix, onSkipped }: ReadArchiveOptions): AsyncGenerator<ArchiveFile> {
  for await (const entry of archive) {
    const { name, type, size = 0, pax }: HeaderWithRecords = entry.header;
    const records = pax ?? {};
    const sparse = Object.keys(records).some((record) => record.startsWith('GNU.sparse.'));
    if ((type !== 'file' && type !== 'contiguous-file') || sparse) {
      onSkipped(name, sparse ? 'sparse file' : (type ?? 'unknown type'));
      entry.resume();
      continue;
    }
    const key = `${prefix}${name}`;
    const { headers = guessed(key), ...rest } = optionsOf(key, records);
    const stream = entry as unknown as Readable;
    const bytes = size > SMALL ? undefined : await readSmall(stream);
    yield { key, size, headers, ...rest, stream, bytes };
  }
}

async function readSmall(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function guessed(key: string) {
  const contentType = contentTypeOf(key);
  return contentType === undefined ? {} : { contentType };
}

/** Files of one name one after the other. */
function inTurn(store: BlobStore, bucket: string, onStored: () => void) {
  const turns = new Map<string, Promise<unknown>>();
  return (file: ArchiveFile): Promise<number> => {
    const { key } = file;
    const stored = put(store, bucket, file, turns.get(key) ?? Promise.resolve());
    stored.then(onStored, () => undefined);
    turns.set(key, stored);
    const leave = () => {
      if (turns.get(key) === stored) turns.delete(key);
    };
    stored.then(leave, leave);
    return stored;
  };
}

async function put(store: BlobStore, bucket: string, file: ArchiveFile, before: Promise<unknown>): Promise<number> {
  const { key, size, stream, bytes, ...options } = file;
  try {
    await before;
    await store.putObject({ bucket, key }, bytes === undefined ? stream : onePiece(bytes), { ...options, size });
  } catch (error) {
    // Who waits for the next file would wait for ever: this one is not read to its end.
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  return size;
}

function badArchive(error: unknown, objects: number): unknown {
  const isOurs = error instanceof DsError;
  if (isOurs && error.code !== 'blob.bad_archive') return error;
  const message = isOurs ? error.message : `the archive cannot be read: ${messageOf(error)}`;
  return blobErrors.error('blob.bad_archive', message, {
    hint:
      objects === 0
        ? 'it must be an uncompressed tar; nothing of it is stored'
        : `stored of it: ${count(objects, 'file')}`,
    details: { objects },
    cause: error,
  });
}
