/** GetObject, HeadObject, GetObjectAttributes. */
import type { ObjectPlace, ObjectRead, ReadOptions } from '../../blob-store.js';
import { blobErrors } from '../../errors.js';
import { attributesXml, type PartEntry, readAttributeNames } from '../../wire/attributes-xml.js';
import { httpDate } from '../../wire/http-values.js';
import { readCount, readPartNumber, readReadOptions } from '../../wire/object-headers.js';
import { type Answer, type Call, type Handler, type HandlerContext, optional, xmlAnswer } from '../call.js';
import { bodyLength, readFields } from '../object-fields.js';

export const getObject: Handler = async (call, { store }) => {
  const { place, options, fieldOptions } = readRequest(call);
  const read = await store.getObject(place, options);
  return { ...answerOf(read, options, fieldOptions), object: { length: bodyLength(read), content: read.body } };
};

export const headObject: Handler = async (call, { store }) => {
  const { place, options, fieldOptions } = readRequest(call);
  const read = await store.statObject(place, options);
  return { ...answerOf(read, options, fieldOptions), object: { length: bodyLength(read) } };
};

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
): Answer {
  const isPartial = read.range !== undefined && (options.range !== undefined || options.partNumber !== undefined);
  return { status: isPartial ? 206 : 200, headers: readFields(read, fieldOptions) };
}

const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/** Only of signed requests, as with S3: else anybody could have a page of their own served from here. */
function readOverrides({ query, signed }: Call): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const header of OVERRIDES) {
    const value = query.get(`response-${header}`);
    if (value !== undefined) found.set(header, value);
  }
  if (found.size > 0 && !signed) {
    throw blobErrors.error('blob.invalid_request', 'response headers cannot be asked for by an unsigned request');
  }
  return found;
}

export const getObjectAttributes: Handler = async (call, { store }) => {
  const { headers } = call;
  const names = readAttributeNames(headers.get('x-amz-object-attributes'));
  const place = placeOf(call);
  const { stat } = await store.statObject(place);
  const parts =
    names.has('ObjectParts') && stat.partCount !== undefined
      ? await listParts(call, store, place, stat.partCount)
      : undefined;
  return xmlAnswer(attributesXml(stat, names, parts), [
    ['last-modified', httpDate(stat.modifiedAt)],
    ...optional('x-amz-version-id', stat.versionId),
  ]);
};

const MOST_PARTS_LISTED = 1_000;

async function listParts(
  { headers }: Call,
  store: HandlerContext['store'],
  place: ObjectPlace,
  total: number,
): Promise<{
  readonly total: number;
  readonly after: number;
  readonly limit: number;
  readonly parts: readonly PartEntry[];
}> {
  const limit = Math.min(
    readCount('x-amz-max-parts', headers.get('x-amz-max-parts') ?? String(MOST_PARTS_LISTED)),
    MOST_PARTS_LISTED,
  );
  const marker = headers.get('x-amz-part-number-marker') ?? '0';
  const after = marker === '0' ? 0 : readPartNumber(marker);
  const parts: PartEntry[] = [];
  for (let partNumber = after + 1; partNumber <= Math.min(after + limit, total); partNumber++) {
    const { stat } = await store.statObject(place, { partNumber });
    parts.push({ partNumber, size: stat.part === undefined ? 0 : stat.part.last - stat.part.first + 1 });
  }
  return { total, after, limit, parts };
}
