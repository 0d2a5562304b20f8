/** PutObject, CopyObject, DeleteObject, DeleteObjects. */
import type { PutOptions } from '../../blob-store.js';
import { readAlgorithm } from '../../checksum/algorithms.js';
import { blobErrors } from '../../errors.js';
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

export const putObject: Handler = async (call, { store, expirations }) => {
  const { bucket, key, headers } = call;
  refuseUnsupported(headers);
  const options = describe(call);
  const { body, size, md5, checksum } = call.receive();
  await lookFirst(call, store, size);
  const result = await store.putObject({ bucket, key }, body, {
    ...options,
    size,
    ...(md5 !== undefined && { md5 }),
    checksum,
  });
  const { size: stored, modifiedAt } = result;
  const { tags = {} } = options;
  const expiry = await expirations.fieldsOf({ place: { bucket, key }, size: stored, modifiedAt, tags });
  return { status: 200, headers: [...storedFields(result), ...expiry] };
};

/** Bytes; less is sooner received than looked for. */
const WORTH_A_LOOK = 64 * 1024;

/**
 * Whether the bucket is there, before the body is asked for: a large one, or one of a client that waits for 100 Continue, need not be sent
 * in vain. The store finds out by itself when it writes. Error: `blob.no_such_bucket`.
 */
export async function lookFirst(
  { bucket, headers }: Call,
  store: HandlerContext['store'],
  size: number,
): Promise<void> {
  if (size > WORTH_A_LOOK || headers.has('expect')) await store.bucket(bucket);
}

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
  await checkCopyChecksum(call, store, source);
  const result = await store.copyObject({
    source,
    destination: { bucket, key },
    ...(sourceConditions !== undefined && { sourceConditions }),
    ...(conditions !== undefined && { conditions }),
    ...(replaces && { replace: { headers: described.headers ?? {}, metadata: described.metadata ?? {} } }),
    ...(replacesTags && { tags: described.tags ?? {} }),
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
  source: Parameters<HandlerContext['store']['statObject']>[0],
): Promise<void> {
  const asked = headers.get('x-amz-checksum-algorithm');
  if (asked === undefined) return;
  const { stat } = await store.statObject(source);
  const algorithm = readAlgorithm(asked);
  if (stat.checksum?.algorithm !== algorithm) throw notImplemented(`another checksum for a copy (${algorithm})`);
}

export const deleteObject: Handler = async (call, { store }) => {
  refuseUnsupported(call.headers);
  const result = await store.deleteObject(placeOf(call), readDeleteConditions(call.headers));
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
    outcomes.push(...(await Promise.all(some.map((entry) => deleteOne(call.bucket, entry, context)))));
  }
  return xmlAnswer(deleteResultXml(outcomes, quiet));
};

function isChecked({ headers }: Call): boolean {
  if (headers.has('content-md5') || headers.has('x-amz-trailer')) return true;
  return [...headers.keys()].some((name) => /^x-amz-checksum-(?:crc|sha)/.test(name));
}

async function deleteOne(
  bucket: string,
  entry: DeleteEntry,
  { store, logger }: HandlerContext,
): Promise<DeleteOutcome> {
  const { key, versionId, conditions } = entry;
  try {
    const place = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return { entry, result: await store.deleteObject(place, conditions) };
  } catch (err) {
    const error = wireErrorOf(err);
    if (error.status >= 500) logger.warn({ err }, 'an object could not be deleted');
    return { entry, error };
  }
}
