/**
 * What a version or an upload has beyond its size and its ETag, as JSON in one column, so that an object that has nothing unusual has none:
 *
 *     {"type":"text/plain","headers":{"cacheControl":"no-cache"},"meta":{"origin":"x"},"tags":{"a":"b"},
 *      "sum":["CRC32","NSRBwg==","FULL_OBJECT"],"parts":3,"upload":"0000…","own":"alice","acl":[["*","READ"]]}
 */
import type { Acl, Grants } from '../access/acl.js';
import type { ChecksumAlgorithm, ChecksumType, Metadata, ObjectChecksum, Tags } from '../object-types.js';
import type { ContentHeaders } from '../rules/content-headers.js';

/** What S3 says of an object that was stored without a type. */
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

export interface Attributes {
  readonly headers?: ContentHeaders | undefined;
  readonly metadata?: Metadata | undefined;
  readonly tags?: Tags | undefined;
  readonly checksum?: ObjectChecksum | undefined;
  /** Of an upload: what its parts and the whole are to have. */
  readonly asked?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined;
  readonly partCount?: number | undefined;
  /** The upload that the object was made of, by which a repeated Complete is known. */
  readonly uploadId?: string | undefined;
  /** Whose it is, and to whom it is open. */
  readonly grants?: Grants | undefined;
}

interface Stored {
  type?: string;
  headers?: Omit<ContentHeaders, 'contentType'>;
  meta?: Metadata;
  tags?: Tags;
  sum?: [ChecksumAlgorithm, string, ChecksumType];
  asked?: [ChecksumAlgorithm, ChecksumType];
  parts?: number;
  upload?: string;
  own?: string;
  acl?: Acl;
}

/** Null where there is nothing to be kept. */
export function encodeAttributes(attributes: Attributes): string | null {
  const { contentType = DEFAULT_CONTENT_TYPE, ...headers } = attributes.headers ?? {};
  const { metadata, tags, checksum, asked, partCount, uploadId, grants } = attributes;
  const stored: Stored = {
    ...(contentType === DEFAULT_CONTENT_TYPE ? {} : { type: contentType }),
    ...(hasAny(headers) ? { headers } : {}),
    ...(metadata !== undefined && hasAny(metadata) ? { meta: metadata } : {}),
    ...(tags !== undefined && hasAny(tags) ? { tags } : {}),
    ...(checksum === undefined ? {} : { sum: [checksum.algorithm, checksum.value, checksum.type] }),
    ...(asked === undefined ? {} : { asked: [asked.algorithm, asked.type] }),
    ...(partCount === undefined ? {} : { parts: partCount }),
    ...(uploadId === undefined ? {} : { upload: uploadId }),
    ...(grants?.owner === undefined ? {} : { own: grants.owner }),
    ...(grants?.acl === undefined ? {} : { acl: grants.acl }),
  };
  return hasAny(stored) ? JSON.stringify(stored) : null;
}

/** Of what {@link encodeAttributes} wrote; an object always has a content type. */
export function decodeAttributes(text: string | null): Attributes & { readonly headers: ContentHeaders } {
  if (text === null) return { headers: { contentType: DEFAULT_CONTENT_TYPE } };
  const stored = parse(text);
  return {
    headers: { contentType: stored.type ?? DEFAULT_CONTENT_TYPE, ...stored.headers },
    metadata: stored.meta,
    tags: stored.tags,
    checksum: checksumOf(stored),
    asked: stored.asked && { algorithm: stored.asked[0], type: stored.asked[1] },
    partCount: stored.parts,
    uploadId: stored.upload,
    grants: { owner: stored.own, acl: stored.acl },
  };
}

/** Written by {@link encodeAttributes}, and by nobody else. */
function parse(text: string): Stored {
  return JSON.parse(text);
}

/** The checksum alone, for lists. */
export function decodeChecksum(text: string | null): ObjectChecksum | undefined {
  return text?.includes('"sum":') ? checksumOf(parse(text)) : undefined;
}

/** Whose it is and to whom it is open alone, for every read. */
export function decodeGrantsOf(text: string | null): Grants {
  if (!text?.includes('"own":') && !text?.includes('"acl":')) return {};
  return decodeAttributes(text).grants ?? {};
}

/** Who owns it alone, for lists. */
export function decodeOwner(text: string | null): string | undefined {
  return text?.includes('"own":') ? parse(text).own : undefined;
}

function checksumOf({ sum }: Stored): ObjectChecksum | undefined {
  return sum && { algorithm: sum[0], value: sum[1], type: sum[2] };
}

const hasAny = (record: object) => Object.values(record).some((value) => value !== undefined);
