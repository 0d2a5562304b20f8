/** What headers of a request say of an object: what is stored with it, on which conditions, and what S3 has and ds blob has not. */
import type { ReadConditions, ReadOptions, WriteConditions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Metadata, Tags } from '../object-types.js';
import { type ContentHeaders, contentHeadersBy } from '../rules/content-headers.js';
import { MOST_PARTS } from '../rules/multipart.js';
import { decodeHeader, type Headers, parseEtags, parseHttpDate, parseRange } from './http-values.js';
import { notImplemented } from './operations.js';
import { decodePercent } from './request-target.js';
import { s3Error } from './s3-errors.js';

const METADATA_PREFIX = 'x-amz-meta-';
const LONGEST_VALUE = 8 * 1024;

/** aws-chunked is how the body came, and not what it is. Error: `blob.metadata_too_large`. */
export function readContentHeaders(headers: Headers): ContentHeaders {
  return contentHeadersBy((header) => {
    const value = headers.get(header);
    if (value === undefined) return undefined;
    const kept = header === 'content-encoding' ? withoutChunking(value) : decodeHeader(value);
    if (kept.length > LONGEST_VALUE) throw blobErrors.error('blob.metadata_too_large', `${header} is too long`);
    return kept || undefined;
  });
}

function withoutChunking(value: string): string {
  const kept = value.split(',').filter((coding) => coding.trim().toLowerCase() !== 'aws-chunked');
  return kept.join(',').trim();
}

/** What is UTF-8 in it is read as such. How much the store says. */
export function readMetadata(headers: Headers): Metadata {
  const found: [string, string][] = [];
  for (const [name, value] of headers) {
    if (name.startsWith(METADATA_PREFIX)) found.push([name.slice(METADATA_PREFIX.length), decodeHeader(value)]);
  }
  return Object.fromEntries(found);
}

/** x-amz-tagging, which is written like a query. Error: `blob.invalid_tag`. */
export function readTagHeader(headers: Headers): Tags | undefined {
  const text = headers.get('x-amz-tagging');
  if (text === undefined) return undefined;
  const tags = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const [name = '', value = ''] = pair.split(/=(.*)/s).map((part) => decodePercent(part.replaceAll('+', '%20')));
    if (tags.has(name)) throw blobErrors.error('blob.invalid_tag', `tag ${JSON.stringify(name)} is given twice`);
    tags.set(name, value);
  }
  return Object.fromEntries(tags);
}

/** Of PutObject, CopyObject and CompleteMultipartUpload. */
export function readWriteConditions(headers: Headers): WriteConditions | undefined {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  return {
    ...(ifMatch !== undefined && { ifMatch: parseEtags(ifMatch) }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch: parseEtags(ifNoneMatch) }),
  };
}

/** Error: `blob.invalid_argument` for a time or a size that is none. */
export function readDeleteConditions(headers: Headers): WriteConditions | undefined {
  const ifMatch = headers.get('if-match');
  const modified = headers.get('x-amz-if-match-last-modified-time');
  const size = headers.get('x-amz-if-match-size');
  if (ifMatch === undefined && modified === undefined && size === undefined) return undefined;
  const ifModifiedAt = modified === undefined ? undefined : parseHttpDate(modified);
  if (modified !== undefined && ifModifiedAt === undefined) {
    throw invalid('x-amz-if-match-last-modified-time', modified, 'is no date');
  }
  return {
    ...(ifMatch !== undefined && { ifMatch: parseEtags(ifMatch) }),
    ...(ifModifiedAt !== undefined && { ifModifiedAt }),
    ...(size !== undefined && { ifSize: readCount('x-amz-if-match-size', size) }),
  };
}

/** `prefix`: `x-amz-copy-source-` for those of a copy's source. */
export function readReadConditions(headers: Headers, prefix = ''): ReadConditions | undefined {
  const ifMatch = headers.get(`${prefix}if-match`);
  const ifNoneMatch = headers.get(`${prefix}if-none-match`);
  const ifModifiedSince = dateOf(headers.get(`${prefix}if-modified-since`));
  const ifUnmodifiedSince = dateOf(headers.get(`${prefix}if-unmodified-since`));
  const conditions: ReadConditions = {
    ...(ifMatch !== undefined && { ifMatch: parseEtags(ifMatch) }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch: parseEtags(ifNoneMatch) }),
    ...(ifModifiedSince !== undefined && { ifModifiedSince }),
    ...(ifUnmodifiedSince !== undefined && { ifUnmodifiedSince }),
  };
  return Object.keys(conditions).length === 0 ? undefined : conditions;
}

/** Errors: `blob.invalid_argument`, `blob.invalid_request`. */
export function readReadOptions(headers: Headers, partNumber: string | undefined): ReadOptions {
  const text = headers.get('range');
  const range = text === undefined ? undefined : parseRange(text);
  const conditions = readReadConditions(headers);
  if (partNumber !== undefined && text !== undefined) {
    throw blobErrors.error('blob.invalid_request', 'partNumber and Range cannot be used together');
  }
  return {
    ...(range !== undefined && { range }),
    ...(partNumber !== undefined && { partNumber: readPartNumber(partNumber) }),
    ...(conditions !== undefined && { conditions }),
  };
}

/** 1 to 10,000. Error: `blob.invalid_argument`. */
export function readPartNumber(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MOST_PARTS) throw invalid('partNumber', text, `is not from 1 to ${MOST_PARTS}`);
  return number;
}

/** A whole number of bytes. */
export function readCount(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(name, text, 'is no whole number');
  return Number(text);
}

function dateOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseHttpDate(text);
}

function invalid(name: string, value: string, why: string) {
  return blobErrors.error('blob.invalid_argument', `${name} ${JSON.stringify(value.slice(0, 100))} ${why}`);
}

/** Headers that ask for what there is not: to take them and do nothing would be a lie. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^x-amz-server-side-encryption/, 'server-side encryption'],
  [/^x-amz-copy-source-server-side-encryption/, 'server-side encryption'],
  [/^x-amz-object-lock-/, 'object lock'],
  [/^x-amz-write-offset-bytes$/, 'appending to objects'],
  [/^x-amz-mfa$/, 'MFA'],
  [/^x-amz-rename-source/, 'renaming'],
];

/** Errors: `blob.not_implemented`, `blob.invalid_argument` (InvalidStorageClass). */
export function refuseUnsupported(headers: Headers): void {
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-')) continue;
    const what = REFUSED.find(([pattern]) => pattern.test(name))?.[1];
    if (what !== undefined) throw notImplemented(`${what} (${name})`);
    if (name === 'x-amz-storage-class' && value !== 'STANDARD') {
      throw s3Error(
        'blob.invalid_argument',
        'InvalidStorageClass',
        `there is no storage class ${JSON.stringify(value.slice(0, 100))}, only STANDARD`,
      );
    }
  }
}
