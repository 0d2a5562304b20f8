/** The words of the SDK and those of this block, one for the other. */
import type * as Sdk from '@aws-sdk/client-s3';
import { present } from '../../../platform/present.js';
import type { PutOptions, ReadConditions, WriteConditions } from '../blob-store.js';
import { CHECKSUM_ALGORITHMS } from '../checksum/algorithms.js';
import { blobErrors } from '../errors.js';
import type {
  ByteRange,
  ChecksumAlgorithm,
  ChecksumType,
  Metadata,
  ObjectChecksum,
  ObjectStat,
  RangeRequest,
  Tags,
} from '../object-types.js';
import type { ContentHeaders } from '../rules/content-headers.js';

const CHECKSUM_FIELDS = {
  CRC32: 'ChecksumCRC32',
  CRC32C: 'ChecksumCRC32C',
  CRC64NVME: 'ChecksumCRC64NVME',
  SHA1: 'ChecksumSHA1',
  SHA256: 'ChecksumSHA256',
} as const;

export type ChecksumFields = { readonly [Field in (typeof CHECKSUM_FIELDS)[ChecksumAlgorithm]]?: string | undefined };

/** `{ChecksumCRC32: …}` */
export function checksumField({ algorithm, value }: Pick<ObjectChecksum, 'algorithm' | 'value'>): ChecksumFields {
  return { [CHECKSUM_FIELDS[algorithm]]: value };
}

export function checksumOf(
  answer: ChecksumFields & { readonly ChecksumType?: Sdk.ChecksumType | undefined },
): ObjectChecksum | undefined {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = answer[CHECKSUM_FIELDS[algorithm]];
    if (value === undefined) continue;
    const type: ChecksumType = answer.ChecksumType ?? (/-\d+$/.test(value) ? 'COMPOSITE' : 'FULL_OBJECT');
    return { algorithm, value, type };
  }
  return undefined;
}

/** Of an upload, or of an entry of a list. */
export function checksumKind(
  algorithm: string | undefined,
  type: string | undefined,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const known = CHECKSUM_ALGORITHMS.find((name) => name === algorithm);
  if (known === undefined) return undefined;
  return { algorithm: known, type: type === 'FULL_OBJECT' || known === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE' };
}

/** Without the quotes that it is sent in. */
export function plainEtag(etag: string | undefined): string {
  return (etag ?? '').replace(/^(?:W\/)?"(.*)"$/s, '$1');
}

function quotedEtags(etags: readonly string[] | undefined): string | undefined {
  return etags?.map((etag) => (etag === '*' ? etag : `"${etag}"`)).join(', ');
}

/** As GetObject and HeadObject take them. */
export function readConditionFields(conditions: ReadConditions | undefined) {
  return present({
    IfMatch: quotedEtags(conditions?.ifMatch),
    IfNoneMatch: quotedEtags(conditions?.ifNoneMatch),
    IfModifiedSince: dateOf(conditions?.ifModifiedSince),
    IfUnmodifiedSince: dateOf(conditions?.ifUnmodifiedSince),
  });
}

/** As {@link readConditionFields}, of the source of a copy. */
export function sourceConditionFields(conditions: ReadConditions | undefined) {
  return present({
    CopySourceIfMatch: quotedEtags(conditions?.ifMatch),
    CopySourceIfNoneMatch: quotedEtags(conditions?.ifNoneMatch),
    CopySourceIfModifiedSince: dateOf(conditions?.ifModifiedSince),
    CopySourceIfUnmodifiedSince: dateOf(conditions?.ifUnmodifiedSince),
  });
}

/** As PutObject and CompleteMultipartUpload take them. */
export function writeConditionFields(conditions: WriteConditions | undefined) {
  return present({ IfMatch: quotedEtags(conditions?.ifMatch), IfNoneMatch: quotedEtags(conditions?.ifNoneMatch) });
}

/** `*` goes without quotes, and an ETag of a delete has no list. */
export function deleteConditionFields(conditions: WriteConditions | undefined) {
  return present({
    IfMatch: quotedEtags(conditions?.ifMatch),
    IfMatchLastModifiedTime: dateOf(conditions?.ifModifiedAt),
    IfMatchSize: conditions?.ifSize,
  });
}

function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

/** `bytes=0-99`, `bytes=100-`, `bytes=-100`; undefined: the whole. */
export function rangeHeader(range: RangeRequest | undefined): string | undefined {
  if (range === undefined) return undefined;
  return 'suffix' in range ? `bytes=-${range.suffix}` : `bytes=${range.first}-${range.last ?? ''}`;
}

/** `bytes 5-9/100` */
export function contentRange(text: string | undefined): (ByteRange & { readonly size: number }) | undefined {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  return size === undefined ? undefined : { first: Number(first), last: Number(last), size: Number(size) };
}

/** What is stored with an object: headers, metadata, tags. */
export function attributeFields({ headers, metadata, tags }: Pick<PutOptions, 'headers' | 'metadata' | 'tags'>) {
  return present({
    ...(headers === undefined ? {} : headerFields(headers)),
    Metadata: metadata && encodeMetadata(metadata),
    Tagging: tags && new URLSearchParams({ ...tags }).toString(),
  });
}

/** Those of PutObject and CreateMultipartUpload; `Expires` goes out as a date, which the SDK wants. */
export function headerFields(headers: ContentHeaders) {
  return present({
    ContentType: headers.contentType,
    CacheControl: headers.cacheControl,
    ContentDisposition: headers.contentDisposition,
    ContentEncoding: headers.contentEncoding,
    ContentLanguage: headers.contentLanguage,
    Expires: headers.expires === undefined ? undefined : new Date(headers.expires),
    WebsiteRedirectLocation: headers.websiteRedirect,
  });
}

/** Headers are ASCII: other text becomes words of RFC 2047, as S3 has it in its answers. */
export function encodeMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encodeWords(value)]));
}

function encodeWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function decodeWords(text: string): string {
  const words = text.replace(/(\?=)\s+(?==\?)/g, '$1');
  return words.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString() : decodeQuoted(word),
  );
}

function decodeQuoted(word: string): string {
  const bytes = word
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

type StatAnswer = Partial<Sdk.GetObjectCommandOutput> & Partial<Sdk.HeadObjectCommandOutput>;

/** @param partNumber that was asked for */
export function statOf(
  key: string,
  answer: Omit<StatAnswer, 'Body'>,
  partNumber?: number,
): { readonly stat: ObjectStat; readonly range?: ByteRange } {
  const part = contentRange(answer.ContentRange);
  const size = part?.size ?? answer.ContentLength ?? 0;
  const whole = size === 0 ? undefined : { first: 0, last: size - 1 };
  const range = part === undefined ? undefined : { first: part.first, last: part.last };
  const stat = {
    key,
    size,
    etag: plainEtag(answer.ETag),
    modifiedAt: answer.LastModified?.getTime() ?? 0,
    headers: contentHeaders(answer),
    metadata: Object.fromEntries(
      Object.entries(answer.Metadata ?? {}).map(([name, value]) => [name, decodeWords(value)]),
    ),
    tagCount: answer.TagCount ?? 0,
    ...present({
      versionId: answer.VersionId,
      checksum: checksumOf(answer),
      partCount: answer.PartsCount,
      part: partNumber === undefined ? undefined : (range ?? whole),
      etagIsMd5: isEncrypted(answer) ? (false as const) : undefined,
    }),
  };
  return { stat, ...(range === undefined ? {} : { range }) };
}

function contentHeaders(answer: Omit<StatAnswer, 'Body'>): ContentHeaders {
  return present({
    contentType: answer.ContentType,
    cacheControl: answer.CacheControl,
    contentDisposition: answer.ContentDisposition,
    contentEncoding: answer.ContentEncoding,
    contentLanguage: answer.ContentLanguage,
    expires: answer.ExpiresString,
    websiteRedirect: answer.WebsiteRedirectLocation,
  });
}

function isEncrypted({ ServerSideEncryption, SSECustomerAlgorithm }: Omit<StatAnswer, 'Body'>): boolean {
  return SSECustomerAlgorithm !== undefined || ServerSideEncryption?.startsWith('aws:kms') === true;
}

export function tagsOf(set: readonly Sdk.Tag[] | undefined): Tags {
  return Object.fromEntries((set ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export function tagSet(tags: Tags): Sdk.Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** As `encoding-type=url` has keys: characters that XML cannot have would be lost otherwise. Error: `blob.refused`. */
export function decodeKey(encoded: string | undefined): string {
  try {
    return decodeURIComponent((encoded ?? '').replaceAll('+', ' '));
  } catch (cause) {
    const text = JSON.stringify(encoded?.slice(0, 200));
    throw blobErrors.error('blob.refused', `the server lists a key that cannot be decoded: ${text}`, { cause });
  }
}

/** For a header: each part of the key percent-encoded. */
export function copySource({ bucket, key, versionId }: { bucket: string; key: string; versionId?: string }): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return `${bucket}/${path}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`;
}
