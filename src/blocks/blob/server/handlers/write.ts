/** PutObject, CopyObject, DeleteObject, DeleteObjects. */
import type { Permit } from '../../access/bucket-grants.js';
import type { PutOptions } from '../../blob-store.js';
import { readAlgorithm } from '../../checksum/algorithms.js';
import { blobErrors } from '../../errors.js';
import type { ObjectPlace } from '../../object-types.js';
import { parseCopySource } from '../../wire/copy-source.js';
import { type DeleteEntry, type DeleteOutcome, deleteResultXml, readDeleteXml } from '../../wire/delete-xml.js';
import {
  readContentHeaders,
  readDeleteConditions,
  readMetadata,
  readReadConditions,
  readTagHeader,
  readWriteConditions,
  refuseUnsupported,
} from '../../wire/object-headers.js';
import { notImplemented } from '../../wire/operations.js';
import { wireErrorOf } from '../../wire/s3-errors.js';
import { copyXml } from '../../wire/upload-xml.js';
import { type Call, type Handler, type HandlerContext, type HeaderField, optional, xmlAnswer } from '../call.js';
import { storedFields } from '../object-fields.js';
import { placeOf } from './read.js';

/**
 * Of a large body the store asks who may before it reads it, of a small one when it writes: to receive that is sooner done than to look. Nobody, and a
 * client that waits for 100 Continue, is told at once.
 */
export const putObject: Handler = async (call, { store, expirations }) => {
  const { bucket, key, headers } = call;
  refuseUnsupported(headers);
  const options = describe(call);
  const own = call.rights.own(headers);
  const { body, size, md5, checksum } = call.receive();
  if (call.rights.requester.account === undefined || headers.has('expect')) call.rights.checkBucket('WRITE');
  const result = await store.putObject({ bucket, key }, body, {
    ...options,
    own,
    size,
    ...(md5 !== undefined && { md5 }),
    checksum,
  });
  const { size: stored, modifiedAt } = result;
  const { tags = {} } = options;
  const expiry = await expirations.fieldsOf({ place: { bucket, key }, size: stored, modifiedAt, tags });
  return { status: 200, headers: [...storedFields(result), ...expiry] };
};

/** What is stored with the object, and on which condition. */
function describe({ headers }: Call): Omit<PutOptions, 'size' | 'md5' | 'checksum'> {
  const tags = readTagHeader(headers);
  const conditions = readWriteConditions(headers);
  return {
    headers: readContentHeaders(headers),
    metadata: readMetadata(headers),
    ...(tags !== undefined && { tags }),
    ...(conditions !== undefined && { conditions }),
  };
}

export const copyObject: Handler = async (call, { store, expirations }) => {
  const { bucket, key, headers } = call;
  refuseUnsupported(headers);
  const source = parseCopySource(headers.get('x-amz-copy-source') ?? '');
  const sourceConditions = readReadConditions(headers, 'x-amz-copy-source-');
  const described = describe(call);
  const replaces = readDirective(headers.get('x-amz-metadata-directive'), 'x-amz-metadata-directive');
  const replacesTags = readDirective(headers.get('x-amz-tagging-directive'), 'x-amz-tagging-directive');
  const { conditions } = described;
  const options = {
    source,
    destination: { bucket, key },
    own: call.rights.own(headers),
    ...(sourceConditions !== undefined && { sourceConditions }),
    ...(conditions !== undefined && { conditions }),
    ...(replaces && { replace: { headers: described.headers ?? {}, metadata: described.metadata ?? {} } }),
    ...(replacesTags && { tags: described.tags ?? {} }),
  };
  const result = await call.rights.readingSource(source, async (permit) => {
    await checkCopyChecksum(call, store, source, permit);
    return store.copyObject(options, permit);
  });
  const { size, modifiedAt } = result;
  return xmlAnswer(copyXml('CopyObjectResult', result), [
    ...(await expirations.fieldsOf({ place: { bucket, key }, size, modifiedAt })),
    ...optional('x-amz-version-id', result.versionId),
    ...optional('x-amz-copy-source-version-id', result.sourceVersionId),
  ]);
};

function readDirective(value: string | undefined, name: string): boolean {
  if (value === undefined || value === 'COPY') return false;
  if (value === 'REPLACE') return true;
  throw blobErrors.error(
    'blob.invalid_argument',
    `${name} is ${JSON.stringify(value.slice(0, 50))}, not COPY or REPLACE`,
  );
}

/** A copy shares the bytes, and has the checksum of its source: another one would have to be computed. */
async function checkCopyChecksum(
  { headers }: Call,
  store: HandlerContext['store'],
  source: ObjectPlace,
  permit: Permit,
): Promise<void> {
  const asked = headers.get('x-amz-checksum-algorithm');
  if (asked === undefined) return;
  const { stat } = await store.statObject(source, {}, permit);
  const algorithm = readAlgorithm(asked);
  if (stat.checksum?.algorithm !== algorithm) throw notImplemented(`another checksum for a copy (${algorithm})`);
}

export const deleteObject: Handler = async (call, { store }) => {
  refuseUnsupported(call.headers);
  const place = placeOf(call);
  call.rights.checkVersionDelete(place.versionId);
  const result = await store.deleteObject(place, readDeleteConditions(call.headers));
  const marker: readonly HeaderField[] = result.deleteMarker ? [['x-amz-delete-marker', 'true']] : [];
  return { status: 204, headers: [...marker, ...optional('x-amz-version-id', result.versionId)] };
};

const LARGEST_DELETE = 2 * 1024 * 1024;
/** Deletes that wait for the disk at a time: they share its flushes. */
const DELETES_AT_ONCE = 100;

export const deleteObjects: Handler = async (call, context) => {
  refuseUnsupported(call.headers);
  if (!isChecked(call)) {
    throw blobErrors.error('blob.invalid_request', 'DeleteObjects needs Content-MD5 or an x-amz-checksum- header');
  }
  const { quiet, entries } = readDeleteXml(await call.document(LARGEST_DELETE));
  await context.store.bucket(call.bucket);
  const outcomes: DeleteOutcome[] = [];
  for (let at = 0; at < entries.length; at += DELETES_AT_ONCE) {
    const some = entries.slice(at, at + DELETES_AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((entry) => deleteOne(call, entry, context)))));
  }
  return xmlAnswer(deleteResultXml(outcomes, quiet));
};

function isChecked({ headers }: Call): boolean {
  if (headers.has('content-md5') || headers.has('x-amz-trailer')) return true;
  return [...headers.keys()].some((name) => /^x-amz-checksum-(?:crc|sha)/.test(name));
}

async function deleteOne(
  { bucket, rights }: Call,
  entry: DeleteEntry,
  { store, logger }: HandlerContext,
): Promise<DeleteOutcome> {
  const { key, versionId, conditions } = entry;
  try {
    rights.checkVersionDelete(versionId);
    const place = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return { entry, result: await store.deleteObject(place, conditions) };
  } catch (err) {
    const error = wireErrorOf(err);
    if (error.status >= 500) logger.warn({ err }, 'an object could not be deleted');
    return { entry, error };
  }
}
