/** Uploads in parts. */

import { algorithmOfHeader, checksumType, readAlgorithm } from '../../checksum/algorithms.js';
import { blobErrors } from '../../errors.js';
import type { UploadPlace } from '../../object-types.js';
import { parseCopyRange, parseCopySource } from '../../wire/copy-source.js';
import type { Headers } from '../../wire/http-values.js';
import { encodeKeyForUrl, listPartsXml } from '../../wire/listing-xml.js';
import {
  readContentHeaders,
  readCount,
  readMetadata,
  readPartNumber,
  readReadConditions,
  readTagHeader,
  readWriteConditions,
  refuseUnsupported,
} from '../../wire/object-headers.js';
import { readEncoding, readLimit } from '../../wire/page-query.js';
import { completeUploadXml, copyXml, createUploadXml, readCompleteXml } from '../../wire/upload-xml.js';
import { type Call, type Handler, NO_CONTENT, optional, xmlAnswer } from '../call.js';
import { storedFields } from '../object-fields.js';

const LARGEST_COMPLETE = 4 * 1024 * 1024;

export const createMultipartUpload: Handler = async (call, { store }) => {
  const { bucket, key, headers } = call;
  refuseUnsupported(headers);
  const tags = readTagHeader(headers);
  const checksum = readUploadChecksum(headers);
  const upload = await store.createUpload(
    { bucket, key },
    {
      own: call.rights.own(headers),
      headers: readContentHeaders(headers),
      metadata: readMetadata(headers),
      ...(tags !== undefined && { tags }),
      ...(checksum !== undefined && { checksum }),
    },
  );
  return xmlAnswer(createUploadXml(upload), [
    ...optional('x-amz-checksum-algorithm', checksum?.algorithm),
    ...optional('x-amz-checksum-type', checksum?.type),
  ]);
};

function readUploadChecksum(headers: Headers) {
  const named = headers.get('x-amz-checksum-algorithm');
  const type = headers.get('x-amz-checksum-type');
  if (named === undefined) {
    if (type === undefined) return undefined;
    throw blobErrors.error('blob.invalid_request', 'x-amz-checksum-type needs x-amz-checksum-algorithm');
  }
  const algorithm = readAlgorithm(named);
  return { algorithm, type: checksumType(algorithm, type) };
}

export const uploadPart: Handler = async (call, { store }) => {
  refuseUnsupported(call.headers);
  const partNumber = partNumberOf(call);
  const { body, size, md5, checksum } = call.receive();
  const part = await store.uploadPart(uploadOf(call), partNumber, body, {
    size,
    ...(md5 !== undefined && { md5 }),
    checksum,
  });
  return { status: 200, headers: storedFields(part) };
};

export const uploadPartCopy: Handler = async (call, { store }) => {
  const { headers } = call;
  refuseUnsupported(headers);
  const place = parseCopySource(headers.get('x-amz-copy-source') ?? '');
  const range = headers.get('x-amz-copy-source-range');
  const conditions = readReadConditions(headers, 'x-amz-copy-source-');
  const part = await call.rights.readingSource(place, (permit) =>
    store.copyPart(uploadOf(call), partNumberOf(call), {
      ...{ place, permit },
      ...(range !== undefined && { range: parseCopyRange(range) }),
      ...(conditions !== undefined && { conditions }),
    }),
  );
  return xmlAnswer(copyXml('CopyPartResult', part), [
    ...optional('x-amz-copy-source-version-id', part.sourceVersionId),
  ]);
};

export const listParts: Handler = async (call, { store }) => {
  const limit = readLimit(call.query, 'max-parts');
  const after = readCount('part-number-marker', call.query.get('part-number-marker') || '0');
  const page = await store.listParts(uploadOf(call), { after, limit });
  return xmlAnswer(listPartsXml({ page, after, limit, urlEncoded: readEncoding(call.query), ownerOf: ownerOf(call) }));
};

export const completeMultipartUpload: Handler = async (call, { store, expirations }) => {
  const { bucket, key, headers } = call;
  const conditions = readWriteConditions(headers);
  const size = headers.get('x-amz-mp-object-size');
  const parts = readCompleteXml(await call.document(LARGEST_COMPLETE));
  const checksum = readWholeChecksum(headers);
  const result = await store.completeUpload(uploadOf(call), {
    parts,
    ...(conditions !== undefined && { conditions }),
    ...(checksum !== undefined && { checksum }),
    ...(size !== undefined && { size: readCount('x-amz-mp-object-size', size) }),
  });
  const location = `${call.base}/${bucket}/${encodeKeyForUrl(key)}`;
  const { size: stored, modifiedAt } = result;
  return xmlAnswer(completeUploadXml({ bucket, key, location }, result), [
    ...(await expirations.fieldsOf({ place: { bucket, key }, size: stored, modifiedAt })),
    ...optional('x-amz-version-id', result.versionId),
  ]);
};

/** Here it is the whole object's, and not the document's. */
function readWholeChecksum(headers: Headers) {
  for (const [name, value] of headers) {
    const algorithm = algorithmOfHeader(name);
    if (algorithm !== undefined) return { algorithm, value };
  }
  return undefined;
}

export const abortMultipartUpload: Handler = async (call, { store }) => {
  await store.abortUpload(uploadOf(call));
  return NO_CONTENT;
};

function ownerOf({ rights }: Call) {
  return rights.ownerOf(rights.bucket);
}

function uploadOf({ bucket, key, query }: Call): UploadPlace {
  return { bucket, key, uploadId: query.get('uploadId') ?? '' };
}

function partNumberOf({ query }: Call): number {
  return readPartNumber(query.get('partNumber') ?? '');
}
