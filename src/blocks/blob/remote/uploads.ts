/**
 * Uploads in parts on an S3 server.
 *
 * A server that keeps checksums of parts may want all of them named again when the upload is completed. Those of parts that this process has
 * sent are remembered for that; of others the caller names them, from the list of parts.
 */
import { onePiece } from '../../../platform/one-piece.js';
import { present } from '../../../platform/present.js';
import type { BlobStore, CompleteOptions, PutOptions, PutResult, UploadOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type {
  Body,
  ChecksumAlgorithm,
  KeyPlace,
  ObjectChecksum,
  PartInfo,
  UploadInfo,
  UploadPlace,
} from '../object-types.js';
import { lengthOfRange } from '../rules/range.js';
import { sayPlace } from '../typed/place.js';
import { bodyReader, MOST_BUFFERED } from './body.js';
import type { S3Sender } from './client.js';
import { md5Field, sendContent } from './content.js';
import { statObject } from './objects.js';
import { listParts } from './upload-lists.js';
import {
  attributeFields,
  checksumField,
  checksumKind,
  checksumOf,
  copySource,
  plainEtag,
  sourceConditionFields,
  writeConditionFields,
} from './values.js';

/** Milliseconds until an upload that is to be aborted is left to itself. */
const CLEANUP_MS = 10_000;

/** Of uploads that this process has begun or sent parts to: checksums by part number. */
export type SentParts = Map<string, Map<number, ObjectChecksum>>;

/** When it is broken off, its answer is waited for: only who knows the identifier can abort what the server has begun. */
export async function createUpload(
  sender: S3Sender,
  place: KeyPlace,
  options: UploadOptions = {},
): Promise<UploadInfo> {
  const { sdk, send, clock } = sender;
  const command = new sdk.CreateMultipartUploadCommand({
    Bucket: place.bucket,
    Key: place.key,
    ...attributeFields(options),
    ...present({ ChecksumAlgorithm: options.checksum?.algorithm, ChecksumType: options.checksum?.type }),
  });
  const answer = await withGrace(sender, (signal) => send(command, sayPlace(place), signal));
  const { UploadId: uploadId, ChecksumAlgorithm, ChecksumType } = answer;
  if (uploadId === undefined) {
    throw blobErrors.error('blob.refused', `${sayPlace(place)}: the server began an upload and named none`);
  }
  return {
    bucket: place.bucket,
    key: place.key,
    uploadId,
    startedAt: clock.now(),
    ...present({ checksum: checksumKind(ChecksumAlgorithm, ChecksumType) }),
  };
}

/** Does `work` with a signal that comes {@link CLEANUP_MS} after that of all requests. */
async function withGrace<T>({ clock, signal }: S3Sender, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const done = new AbortController();
  const late = new AbortController();
  const wait = () => {
    clock.sleep(CLEANUP_MS, done.signal).then(
      () => late.abort(signal?.reason),
      () => undefined,
    );
  };
  signal?.addEventListener('abort', wait, { once: true });
  try {
    return await work(late.signal);
  } finally {
    signal?.removeEventListener('abort', wait);
    done.abort();
  }
}

export async function uploadPart(
  sender: S3Sender,
  sent: SentParts,
  place: UploadPlace,
  partNumber: number,
  body: Body,
  options: Pick<PutOptions, 'size' | 'md5' | 'checksum'> = {},
): Promise<PartInfo> {
  const { body: content, size } = options.size === undefined ? await collected(body) : { body, size: options.size };
  const fields = {
    Bucket: place.bucket,
    Key: place.key,
    UploadId: place.uploadId,
    PartNumber: partNumber,
    ...md5Field(options.md5),
    ...present({ ChecksumAlgorithm: size > MOST_BUFFERED ? await uploadAlgorithm(sender, sent, place) : undefined }),
  };
  const part = { body: content, size, checksum: options.checksum };
  const { answer, checksum } = await sendContent(sender, part, (contentFields, signal) =>
    sender.send(new sender.sdk.UploadPartCommand({ ...fields, ...contentFields }), sayPlace(place), signal),
  );
  const stored = checksumOf(answer) ?? checksum;
  const parts = sent.get(place.uploadId) ?? new Map<number, ObjectChecksum>();
  sent.set(place.uploadId, parts);
  if (stored === undefined) parts.delete(partNumber);
  else parts.set(partNumber, stored);
  return {
    partNumber,
    size,
    etag: plainEtag(answer.ETag),
    modifiedAt: sender.clock.now(),
    ...present({ checksum: stored }),
  };
}

async function collected(body: Body): Promise<{ readonly body: Body; readonly size: number }> {
  const reader = bodyReader(body);
  try {
    const content = await reader.take(MOST_BUFFERED);
    if (!reader.ended) {
      throw blobErrors.error('blob.missing_length', 'a part of more than 8 MiB needs a size that is known before it');
    }
    return { body: onePiece(content), size: content.length };
  } finally {
    await reader.close();
  }
}

/** The one that the checksum behind a stream has to be of; undefined: whichever the SDK takes. */
async function uploadAlgorithm(
  sender: S3Sender,
  sent: SentParts,
  place: UploadPlace,
): Promise<ChecksumAlgorithm | undefined> {
  const known = sent.get(place.uploadId)?.values().next().value;
  return known?.algorithm ?? (await listParts(sender, place, { limit: 1 })).upload.checksum?.algorithm;
}

export async function copyPart(
  sender: S3Sender,
  place: UploadPlace,
  partNumber: number,
  { place: source, range, conditions }: Parameters<BlobStore['copyPart']>[2],
): Promise<PartInfo & { readonly sourceVersionId?: string }> {
  const { sdk, send, clock } = sender;
  const answer = await send(
    new sdk.UploadPartCopyCommand({
      Bucket: place.bucket,
      Key: place.key,
      UploadId: place.uploadId,
      PartNumber: partNumber,
      CopySource: copySource(source),
      ...present({ CopySourceRange: range && `bytes=${range.first}-${range.last}` }),
      ...sourceConditionFields(conditions),
    }),
    `${sayPlace(source)} to ${sayPlace(place)}`,
  );
  const made = answer.CopyPartResult ?? {};
  const size = range === undefined ? (await statObject(sender, source)).stat.size : lengthOfRange(range);
  return {
    partNumber,
    size,
    etag: plainEtag(made.ETag),
    modifiedAt: made.LastModified?.getTime() ?? clock.now(),
    ...present({ checksum: checksumOf(made), sourceVersionId: answer.CopySourceVersionId }),
  };
}

export async function completeUpload(
  sender: S3Sender,
  sent: SentParts,
  place: UploadPlace,
  { parts, conditions, checksum, size }: CompleteOptions,
): Promise<PutResult> {
  const { sdk, send, clock } = sender;
  const remembered = sent.get(place.uploadId);
  const algorithm = checksum?.algorithm ?? remembered?.values().next().value?.algorithm;
  const answer = await send(
    new sdk.CompleteMultipartUploadCommand({
      Bucket: place.bucket,
      Key: place.key,
      UploadId: place.uploadId,
      MultipartUpload: {
        Parts: parts.map((part) => {
          const value = part.checksum ?? remembered?.get(part.partNumber)?.value;
          return {
            PartNumber: part.partNumber,
            ETag: `"${part.etag}"`,
            ...(value === undefined || algorithm === undefined ? {} : checksumField({ algorithm, value })),
          };
        }),
      },
      ...present({ MpuObjectSize: size }),
      ...(checksum === undefined ? {} : { ...checksumField(checksum), ChecksumType: 'FULL_OBJECT' as const }),
      ...writeConditionFields(conditions),
    }),
    sayPlace(place),
  );
  sent.delete(place.uploadId);
  const written = { bucket: place.bucket, key: place.key, ...present({ versionId: answer.VersionId }) };
  return {
    etag: plainEtag(answer.ETag),
    size: size ?? (await statObject(sender, written)).stat.size,
    modifiedAt: clock.now(),
    ...present({ versionId: answer.VersionId, checksum: checksumOf(answer) }),
  };
}

/** Even where all else was broken off, so that no parts are left behind; then it may not take long. */
export async function abortUpload({ sdk, send }: S3Sender, sent: SentParts, place: UploadPlace): Promise<void> {
  sent.delete(place.uploadId);
  await send(
    new sdk.AbortMultipartUploadCommand({ Bucket: place.bucket, Key: place.key, UploadId: place.uploadId }),
    sayPlace(place),
    AbortSignal.timeout(CLEANUP_MS),
  );
}
