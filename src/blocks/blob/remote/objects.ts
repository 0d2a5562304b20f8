/** Objects of an S3 server: reading, writing, copying, deleting, tags. */
import { Readable } from 'node:stream';
import { DsError } from '../../../platform/errors.js';
import { present } from '../../../platform/present.js';
import type {
  CopyOptions,
  DeleteResult,
  ObjectRead,
  PutOptions,
  PutResult,
  ReadOptions,
  WriteConditions,
} from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, KeyPlace, ObjectPlace, Tags } from '../object-types.js';
import { sayPlace } from '../typed/place.js';
import { bodyOf } from './body.js';
import type { S3Sender } from './client.js';
import { md5Field, sendContent } from './content.js';
import {
  attributeFields,
  checksumOf,
  contentRange,
  copySource,
  deleteConditionFields,
  encodeMetadata,
  headerFields,
  plainEtag,
  rangeHeader,
  readConditionFields,
  sourceConditionFields,
  statOf,
  tagSet,
  tagsOf,
  writeConditionFields,
} from './values.js';

/** A body whose size is known. The time of change that is told is this machine's: S3 says none. */
export async function putSized(
  sender: S3Sender,
  place: KeyPlace,
  body: Body,
  size: number,
  options: PutOptions = {},
): Promise<PutResult> {
  const fields = {
    Bucket: place.bucket,
    Key: place.key,
    ...attributeFields(options),
    ...writeConditionFields(options.conditions),
    ...md5Field(options.md5),
  };
  const { answer, checksum } = await sendContent(
    sender,
    { body, size, checksum: options.checksum },
    (content, signal) =>
      sender.send(new sender.sdk.PutObjectCommand({ ...fields, ...content }), sayPlace(place), signal),
  );
  return {
    etag: plainEtag(answer.ETag),
    size,
    modifiedAt: sender.clock.now(),
    ...present({ versionId: answer.VersionId, checksum: checksumOf(answer) ?? checksum }),
  };
}

function readFields({ bucket, key, versionId }: ObjectPlace, { range, partNumber, conditions }: ReadOptions) {
  return {
    Bucket: bucket,
    Key: key,
    ChecksumMode: 'ENABLED' as const,
    ...present({ VersionId: versionId, Range: rangeHeader(range), PartNumber: partNumber }),
    ...readConditionFields(conditions),
  };
}

export async function getObject(
  { sdk, send, endpoint, signal }: S3Sender,
  place: ObjectPlace,
  options: ReadOptions = {},
): Promise<ObjectRead> {
  const context = { endpoint, place: sayPlace(place), signal };
  const answer = await send(new sdk.GetObjectCommand(readFields(place, options)), context.place);
  const { stat, range } = statOf(place.key, answer, options.partNumber);
  const stream: unknown = answer.Body;
  const body = bodyOf(stream instanceof Readable ? stream : Readable.from([]), answer.ContentLength, context);
  if (options.range !== undefined && stat.size > 0 && contentRange(answer.ContentRange) === undefined) {
    await body[Symbol.asyncIterator]().return?.();
    throw blobErrors.error(
      'blob.refused',
      `${endpoint} sent the whole of ${context.place} where a range was asked for`,
    );
  }
  return { stat, body, ...(range === undefined ? {} : { range }) };
}

/** HEAD has no body to tell an error in: one is asked for again by GET, which has. */
export async function statObject(
  sender: S3Sender,
  place: ObjectPlace,
  options: ReadOptions = {},
): Promise<Omit<ObjectRead, 'body'>> {
  const { sdk, send } = sender;
  try {
    const answer = await send(new sdk.HeadObjectCommand(readFields(place, options)), sayPlace(place));
    return statOf(place.key, answer, options.partNumber);
  } catch (error) {
    if (!isVague(error)) throw error;
    const { body } = await getObject(sender, place, options);
    await body[Symbol.asyncIterator]().return?.();
    throw error;
  }
}

/** What a status alone cannot say. */
function isVague(error: unknown): boolean {
  const status = error instanceof DsError ? error.details['status'] : undefined;
  return status !== undefined && ![304, 412].includes(Number(status));
}

/** S3 does not tell whether the object was there. */
export async function deleteObject(
  { sdk, send }: S3Sender,
  place: ObjectPlace,
  conditions?: WriteConditions,
): Promise<DeleteResult> {
  const answer = await send(
    new sdk.DeleteObjectCommand({
      Bucket: place.bucket,
      Key: place.key,
      ...present({ VersionId: place.versionId }),
      ...deleteConditionFields(conditions),
    }),
    sayPlace(place),
  );
  return { deleteMarker: answer.DeleteMarker === true, ...present({ versionId: answer.VersionId }) };
}

export async function copyObject(
  sender: S3Sender,
  { source, destination, replace, tags, ...options }: CopyOptions,
): Promise<PutResult & { readonly sourceVersionId?: string }> {
  const { sdk, send, clock } = sender;
  const answer = await send(
    new sdk.CopyObjectCommand({
      Bucket: destination.bucket,
      Key: destination.key,
      CopySource: copySource(source),
      ...sourceConditionFields(options.sourceConditions),
      ...writeConditionFields(options.conditions),
      ...(replace === undefined
        ? {}
        : {
            MetadataDirective: 'REPLACE' as const,
            ...headerFields(replace.headers),
            Metadata: encodeMetadata(replace.metadata),
          }),
      ...(tags === undefined
        ? {}
        : { TaggingDirective: 'REPLACE' as const, Tagging: new URLSearchParams({ ...tags }).toString() }),
    }),
    `${sayPlace(source)} to ${sayPlace(destination)}`,
  );
  const made = answer.CopyObjectResult ?? {};
  const { stat } = await statObject(sender, { ...destination, ...present({ versionId: answer.VersionId }) });
  return {
    etag: plainEtag(made.ETag),
    size: stat.size,
    modifiedAt: made.LastModified?.getTime() ?? clock.now(),
    ...present({
      versionId: answer.VersionId,
      checksum: checksumOf(made),
      sourceVersionId: answer.CopySourceVersionId,
    }),
  };
}

export async function getTags({ sdk, send }: S3Sender, { bucket, key, versionId }: ObjectPlace) {
  const answer = await send(
    new sdk.GetObjectTaggingCommand({ Bucket: bucket, Key: key, ...present({ VersionId: versionId }) }),
    sayPlace({ bucket, key }),
  );
  return { tags: tagsOf(answer.TagSet), ...present({ versionId: answer.VersionId }) };
}

export async function setTags(
  { sdk, send }: S3Sender,
  { bucket, key, versionId }: ObjectPlace,
  tags: Tags | undefined,
): Promise<{ readonly versionId?: string }> {
  const place = { Bucket: bucket, Key: key, ...present({ VersionId: versionId }) };
  const answer =
    tags === undefined
      ? await send(new sdk.DeleteObjectTaggingCommand(place), sayPlace({ bucket, key }))
      : await send(
          new sdk.PutObjectTaggingCommand({ ...place, Tagging: { TagSet: tagSet(tags) } }),
          sayPlace({ bucket, key }),
        );
  return present({ versionId: answer.VersionId });
}
