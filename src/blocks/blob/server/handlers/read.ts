/** GetObject, HeadObject, GetObjectAttributes. */
import type { ObjectRead, ReadOptions } from '../../blob-store.js';
import { blobErrors } from '../../errors.js';
import type { ObjectPlace } from '../../object-types.js';
import { OVERRIDABLE_HEADERS } from '../../rules/content-headers.js';
import type { PartLayout } from '../../store/contents.js';
import { attributesXml, type PartList, readAttributeNames } from '../../wire/attributes-xml.js';
import { type Headers, httpDate } from '../../wire/http-values.js';
import { readCount, readReadOptions } from '../../wire/object-headers.js';
import { type Answer, type Call, type Handler, type HeaderField, optional, xmlAnswer } from '../call.js';
import type { Expirations } from '../expirations.js';
import { bodyLength, readFields } from '../object-fields.js';

export const getObject: Handler = async (call, { store, expirations }) => {
  const { place, options, fieldOptions } = readRequest(call);
  const read = await call.rights.reading(place, 'READ', (permit) => store.getObject(place, options, permit));
  const object = { length: bodyLength(read), content: read.body };
  return { ...answerOf(read, options, fieldOptions, await expiryOf(place, read, expirations)), object };
};

export const headObject: Handler = async (call, { store, expirations }) => {
  const { place, options, fieldOptions } = readRequest(call);
  const read = await call.rights.reading(place, 'READ', (permit) => store.statObject(place, options, permit));
  const object = { length: bodyLength(read) };
  return { ...answerOf(read, options, fieldOptions, await expiryOf(place, read, expirations)), object };
};

/** Of the newest version: what becomes of another one is not a matter of its own age. */
async function expiryOf(
  place: ObjectPlace,
  { stat }: Pick<ObjectRead, 'stat'>,
  expirations: Expirations,
): Promise<readonly HeaderField[]> {
  if (place.versionId !== undefined) return [];
  const { size, modifiedAt, tagCount } = stat;
  return expirations.fieldsOf({ place, size, modifiedAt, ...(tagCount === 0 && { tags: {} }) });
}

/** The version that a request is about. */
export function placeOf({ bucket, key, query }: Call): ObjectPlace {
  const versionId = query.get('versionId');
  if (versionId === '') throw blobErrors.error('blob.invalid_argument', 'versionId is empty');
  return { bucket, key, ...(versionId !== undefined && { versionId }) };
}

function readRequest(call: Call) {
  const partNumber = call.query.get('partNumber');
  return {
    place: placeOf(call),
    options: readReadOptions(call.headers, partNumber),
    fieldOptions: {
      checksums: call.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED',
      isPart: partNumber !== undefined,
      overrides: readOverrides(call),
    },
  };
}

function answerOf(
  read: Omit<ObjectRead, 'body'>,
  options: ReadOptions,
  fieldOptions: Parameters<typeof readFields>[1],
  expiry: readonly HeaderField[],
): Answer {
  const isPartial = read.range !== undefined && (options.range !== undefined || options.partNumber !== undefined);
  return { status: isPartial ? 206 : 200, headers: [...readFields(read, fieldOptions), ...expiry] };
}

/** Only of signed requests, as with S3: else anybody could have a page of their own served from here. */
function readOverrides({ query, signed }: Call): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const header of OVERRIDABLE_HEADERS) {
    const value = query.get(`response-${header}`);
    if (value !== undefined) found.set(header, value);
  }
  if (found.size > 0 && !signed) {
    throw blobErrors.error('blob.invalid_request', 'response headers cannot be asked for by an unsigned request');
  }
  return found;
}

export const getObjectAttributes: Handler = async (call, { store }) => {
  const names = readAttributeNames(call.headers.get('x-amz-object-attributes'));
  const place = placeOf(call);
  const { stat } = await call.rights.reading(place, 'READ', (permit) => store.statObject(place, {}, permit));
  const { versionId } = stat;
  // Of the very version that the rest is of.
  const parts = names.has('ObjectParts')
    ? await store.partsOf({ ...place, ...(versionId !== undefined && { versionId }) })
    : undefined;
  return xmlAnswer(attributesXml(stat, names, parts && partList(call.headers, parts)), [
    ['last-modified', httpDate(stat.modifiedAt)],
    ...optional('x-amz-version-id', versionId),
  ]);
};

const MOST_PARTS_LISTED = 1_000;

function partList(headers: Headers, parts: readonly PartLayout[]): PartList {
  const most = readCount('x-amz-max-parts', headers.get('x-amz-max-parts') ?? String(MOST_PARTS_LISTED));
  const limit = Math.min(most, MOST_PARTS_LISTED);
  const after = readCount('x-amz-part-number-marker', headers.get('x-amz-part-number-marker') ?? '0');
  const left = parts.filter(({ number }) => number > after);
  return { total: parts.length, after, limit, parts: left.slice(0, limit), isTruncated: left.length > limit };
}
