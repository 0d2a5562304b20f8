/** Copies objects, and moves them: a moved one is deleted where it was once its copy is stored. */
import { present } from '../../../platform/present.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import type { BlobStore, PutResult, WriteConditions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { KeyPlace, ObjectPlace } from '../object-types.js';
import type { TransferContext } from '../transfer/context.js';
import { type CopyEnds, type CopyFileOptions, copyBetween } from '../transfer/copy-object.js';
import { isGlob } from '../transfer/glob.js';
import { type BucketPrefix, sayPlace } from '../typed/place.js';
import { namedObjects } from './named.js';

export interface CopyMany extends Pick<CopyFileOptions, 'replace' | 'tags'> {
  /** Keys may be patterns, unless `literal`. */
  readonly sources: readonly ObjectPlace[];
  readonly literal: boolean;
  /** A prefix that is empty or ends with a slash takes any number, each by its name; else one, which is called so. */
  readonly target: BucketPrefix;
  readonly conditions?: WriteConditions | undefined;
  /** Delete what was copied, where it was. */
  readonly move: boolean;
}

export interface Copied {
  readonly source: ObjectPlace;
  readonly destination: KeyPlace;
  readonly result: PutResult;
}

/**
 * One after the other, each told once it is stored. What was put anew while it was moved stays where it was: `blob.precondition_failed`.
 * Errors: `blob.invalid_argument` for several that would have one name, and those of {@link copyBetween}.
 */
export async function* copyMany(ends: CopyEnds, query: CopyMany, context: TransferContext): AsyncGenerator<Copied> {
  const { sources, literal, target, conditions, replace, tags, move } = query;
  const intoFolder = target.prefix === '' || target.prefix.endsWith('/');
  const isMany = sources.length > 1 || (!literal && sources.some(({ key }) => isGlob(key)));
  if (isMany && !intoFolder) throw oneName(target);
  for (const place of sources) {
    for await (const { place: source, name, size } of namedObjects(ends.from, place, { literal })) {
      context.signal?.throwIfAborted();
      const destination = { bucket: target.bucket, key: intoFolder ? `${target.prefix}${name}` : target.prefix };
      if (ends.same && sayPlace(source) === sayPlace(destination)) checkOntoItself(source, query);
      const before = move ? (await ends.from.statObject(source)).stat : undefined;
      const options = present({ size, conditions, replace, tags });
      const result = await copyBetween(ends, { source, destination }, options, context);
      if (before !== undefined) await remove(ends.from, source, before.etag);
      yield { source, destination, result };
    }
  }
}

/** A version is what it is; a current object may be another one by now. */
async function remove(store: BlobStore, source: ObjectPlace, etag: string): Promise<void> {
  await store.deleteObject(source, source.versionId === undefined ? { ifMatch: [etag] } : undefined);
}

function oneName({ bucket, prefix }: BucketPrefix) {
  return blobErrors.error('blob.invalid_argument', `several objects cannot all be ${JSON.stringify(prefix)}`, {
    hint: `name a prefix with a slash at its end: ${bucket}/${prefix}/; or add --literal for a key that has *, ?, [ or { itself`,
  });
}

/** An old version becomes the current one so; and headers and metadata are replaced in place. */
function checkOntoItself(source: ObjectPlace, { move, replace }: CopyMany): void {
  const place = sayPlace(source);
  if (move) throw blobErrors.error('blob.invalid_request', `${place} would be moved onto itself`);
  if (source.versionId !== undefined || replace !== undefined) return;
  throw blobErrors.error('blob.invalid_request', `a copy of ${place} onto itself changes nothing`, {
    hint: `add --metadata NAME=VALUE, --content-type or another header; tags are set by ds blob tag ${quoteForShell(place)} NAME=VALUE`,
  });
}
