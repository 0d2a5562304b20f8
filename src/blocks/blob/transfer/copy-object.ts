/**
 * Objects from one place to another: by the server itself within one store, in parts where it is larger than one copy may be; else the bytes go
 * through here.
 */

import { inParallel } from '../../../platform/in-parallel.js';
import { present } from '../../../platform/present.js';
import type { BlobStore, CompletedPart, PutOptions, PutResult, UploadOptions, WriteConditions } from '../blob-store.js';
import { isCrc } from '../checksum/combine.js';
import type { KeyPlace, ObjectPlace, ObjectStat, Tags } from '../object-types.js';
import { LARGEST_BODY } from '../rules/multipart.js';
import { PARTS_AT_ONCE, ProgressMeter, type TransferContext } from './context.js';
import { readChecked } from './read-checked.js';
import { withRetries } from './retry.js';

/** Bytes. */
interface CopyLimits {
  /** Of a copy in one request. */
  readonly largest: number;
  readonly part: number;
}

const S3_LIMITS: CopyLimits = { largest: LARGEST_BODY, part: 512 * 1024 ** 2 };

export interface CopyEnds {
  readonly from: BlobStore;
  readonly to: BlobStore;
  /** They are one store, though perhaps by two objects. */
  readonly same: boolean;
}

export interface CopyPlaces {
  readonly source: ObjectPlace;
  readonly destination: KeyPlace;
}

export interface CopyFileOptions {
  /** On the destination. */
  readonly conditions?: WriteConditions | undefined;
  /** In place of the source's. */
  readonly replace?: Required<Pick<PutOptions, 'headers' | 'metadata'>> | undefined;
  readonly tags?: Tags | undefined;
  /** As a list has it: it spares a question. */
  readonly size?: number | undefined;
}

/** Headers, metadata and tags go along. Errors: as {@link BlobStore.copyObject}; `blob.bad_digest` where bytes that go through here are others. */
export async function copyBetween(
  { from, to, same }: CopyEnds,
  places: CopyPlaces,
  options: CopyFileOptions,
  context: TransferContext,
  limits: CopyLimits = S3_LIMITS,
): Promise<PutResult> {
  if (!same) return copyThrough(from, to, places, options, context);
  const { conditions, replace, tags } = options;
  const small = options.size !== undefined && options.size <= limits.largest;
  const stat = small || context.server === undefined ? undefined : (await from.statObject(places.source)).stat;
  if (stat !== undefined && stat.size > limits.largest)
    return copyInParts(to, stat, places, options, context, limits.part);
  return to.copyObject({ ...places, ...present({ conditions, replace, tags }) });
}

async function copyThrough(
  from: BlobStore,
  to: BlobStore,
  { source, destination }: CopyPlaces,
  { conditions, replace, tags }: CopyFileOptions,
  context: TransferContext,
): Promise<PutResult> {
  const { stat, body } = await readChecked(from, source);
  const meter = new ProgressMeter(context, stat.size);
  let handedOver = false;
  async function* counted() {
    handedOver = true;
    for await (const piece of body) {
      context.signal?.throwIfAborted();
      yield piece;
      meter.add(piece.length);
    }
  }
  try {
    const attributes = await attributesOf(from, source, stat, { replace, tags });
    return await to.putObject(destination, counted(), {
      ...attributes,
      ...(stat.size > LARGEST_BODY ? {} : { size: stat.size }),
      ...present({ conditions }),
    });
  } finally {
    if (!handedOver) await body[Symbol.asyncIterator]().return?.();
  }
}

async function attributesOf(
  from: BlobStore,
  source: ObjectPlace,
  stat: ObjectStat,
  { replace, tags }: Pick<CopyFileOptions, 'replace' | 'tags'>,
): Promise<Pick<PutOptions, 'headers' | 'metadata' | 'tags'>> {
  const exact = { ...source, ...present({ versionId: stat.versionId }) };
  const ownTags = tags ?? (stat.tagCount > 0 ? (await from.getTags(exact)).tags : undefined);
  return { headers: stat.headers, metadata: stat.metadata, ...replace, ...present({ tags: ownTags }) };
}

async function copyInParts(
  store: BlobStore,
  stat: ObjectStat,
  { source, destination }: CopyPlaces,
  { conditions, replace, tags }: CopyFileOptions,
  context: TransferContext,
  partBytes: number,
): Promise<PutResult> {
  const place = { ...source, ...present({ versionId: stat.versionId }) };
  const upload = await store.createUpload(destination, {
    ...(await attributesOf(store, source, stat, { replace, tags })),
    ...wholeChecksumOf(stat),
  });
  const meter = new ProgressMeter(context, stat.size);
  const copied: CompletedPart[] = [];
  try {
    await inParallel(
      partsOf(stat.size, partBytes),
      context.parallel ?? PARTS_AT_ONCE,
      async ({ number, first, last }) => {
        context.signal?.throwIfAborted();
        const { etag, checksum } = await withRetries(context, () =>
          store.copyPart(upload, number, { place, range: { first, last }, conditions: { ifMatch: [stat.etag] } }),
        );
        copied.push({ partNumber: number, etag, ...present({ checksum: checksum?.value }) });
        meter.add(last - first + 1);
      },
    );
    const parts = copied.sort((a, b) => a.partNumber - b.partNumber);
    return await store.completeUpload(upload, { parts, size: stat.size, ...present({ conditions }) });
  } catch (error) {
    await store.abortUpload(upload).catch(() => undefined);
    throw error;
  }
}

/** Of other checksums a copy in other parts has another one. */
function wholeChecksumOf({ checksum }: ObjectStat): Pick<UploadOptions, 'checksum'> {
  if (checksum?.type !== 'FULL_OBJECT' || !isCrc(checksum.algorithm)) return {};
  return { checksum: { algorithm: checksum.algorithm, type: 'FULL_OBJECT' } };
}

function* partsOf(size: number, partBytes: number) {
  for (let first = 0, number = 1; first < size; first += partBytes, number += 1) {
    yield { number, first, last: Math.min(size, first + partBytes) - 1 };
  }
}
