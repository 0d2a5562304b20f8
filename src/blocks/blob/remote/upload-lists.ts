/** Uploads under way, and their parts. */
import type * as Sdk from '@aws-sdk/client-s3';
import { present } from '../../../platform/present.js';
import type { BlobStore, PartPage, UploadPage } from '../blob-store.js';
import type { PartInfo, UploadPlace } from '../object-types.js';
import { sayPlace } from '../typed/place.js';
import type { S3Sender } from './client.js';
import { checksumKind, checksumOf, decodeKey, plainEtag } from './values.js';

/** Of a page, by S3. */
const MOST_ENTRIES = 1000;

export async function listParts(
  { sdk, send }: S3Sender,
  place: UploadPlace,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<PartPage> {
  const answer = await send(
    new sdk.ListPartsCommand({
      Bucket: place.bucket,
      Key: place.key,
      UploadId: place.uploadId,
      MaxParts: Math.min(limit, MOST_ENTRIES),
      ...present({ PartNumberMarker: after === undefined ? undefined : String(after) }),
    }),
    sayPlace(place),
  );
  const checksum = checksumKind(answer.ChecksumAlgorithm, answer.ChecksumType);
  const next = answer.IsTruncated === true ? Number(answer.NextPartNumberMarker) : undefined;
  return {
    // S3 does not tell here when it began.
    upload: { ...place, startedAt: 0, ...present({ checksum }) },
    parts: (answer.Parts ?? []).map(partInfo),
    ...present({ next: next === undefined || Number.isNaN(next) ? undefined : next }),
  };
}

function partInfo(part: Sdk.Part): PartInfo {
  return {
    partNumber: part.PartNumber ?? 0,
    size: part.Size ?? 0,
    etag: plainEtag(part.ETag),
    modifiedAt: part.LastModified?.getTime() ?? 0,
    ...present({ checksum: checksumOf(part) }),
  };
}

export async function listUploads(
  { sdk, send }: S3Sender,
  bucket: string,
  { prefix, delimiter, after, limit }: Parameters<BlobStore['listUploads']>[1],
): Promise<UploadPage> {
  const answer = await send(
    new sdk.ListMultipartUploadsCommand({
      Bucket: bucket,
      EncodingType: 'url',
      MaxUploads: Math.min(limit, MOST_ENTRIES),
      ...present({
        Prefix: prefix || undefined,
        Delimiter: delimiter || undefined,
        KeyMarker: after?.key,
        UploadIdMarker: after?.uploadId,
      }),
    }),
    bucket,
  );
  const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
  const next =
    IsTruncated === true && NextKeyMarker !== undefined
      ? { key: decodeKey(NextKeyMarker), ...present({ uploadId: NextUploadIdMarker || undefined }) }
      : undefined;
  return {
    uploads: (answer.Uploads ?? []).map((upload) => ({
      bucket,
      key: decodeKey(upload.Key),
      uploadId: upload.UploadId ?? '',
      startedAt: upload.Initiated?.getTime() ?? 0,
      ...present({ checksum: checksumKind(upload.ChecksumAlgorithm, upload.ChecksumType) }),
    })),
    prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => decodeKey(Prefix)),
    ...present({ next }),
  };
}
