/**
 * What buckets have in them, in S3's words (https://docs.aws.amazon.com/AmazonS3/latest/API/): the things that the store's interface
 * (blob-store.ts) takes and gives.
 *
 * Times are milliseconds since the epoch, sizes bytes. Bodies are never held whole in memory.
 */
import type { ContentHeaders } from './rules/content-headers.js';

/**
 * Bytes in pieces, each valid only until the next one is asked for: whoever makes them may use one buffer for all. To stop
 * early, end the iteration. What fails within it fails the operation, and nothing is stored.
 */
export type Body = AsyncIterable<Uint8Array>;

/** `suspended` differs from `off` by the versions that are there already. */
export type Versioning = 'off' | 'enabled' | 'suspended';

export interface BucketInfo {
  readonly name: string;
  readonly createdAt: number;
  readonly versioning: Versioning;
  /** The bucket of which this is a snapshot, which nobody can write to. */
  readonly snapshotOf?: string;
  /** Account that owns it; absent: the store's owner. Servers tell it in lists only, by another name, and not here. */
  readonly owner?: string;
}

/** What a bucket can be told in a document of its own: subresources `lifecycle`, `cors` and `tagging`, as the XML that S3 has, checked. */
export type BucketDocument = 'lifecycle' | 'cors' | 'tagging';

/** User metadata: names without `x-amz-meta-`, in lower case. */
export type Metadata = Readonly<Record<string, string>>;
/** At most ten of an object. */
export type Tags = Readonly<Record<string, string>>;

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** `COMPOSITE`: of the checksums of the parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `-N` after it when it is of N parts. */
  readonly value: string;
  readonly type: ChecksumType;
}

/** One version of an object. */
export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  /** Without the quotes: MD5 in hex, and `-N` after it where it was uploaded in N parts. */
  readonly etag: string;
  readonly modifiedAt: number;
  /** `null` is the version of a bucket that had none; absent: versioning was never on. */
  readonly versionId?: string;
  /** Where a part was asked for, that of the part. */
  readonly checksum?: ObjectChecksum;
  /** Account that owns it; as of a bucket. */
  readonly owner?: string;
}

/** All that is kept of one. */
export interface ObjectStat extends ObjectInfo {
  readonly headers: ContentHeaders;
  readonly metadata: Metadata;
  readonly tagCount: number;
  /** Of an upload in parts: how many; part number GET asks for one. */
  readonly partCount?: number;
  /** Of the part that was asked for, within the object. */
  readonly part?: ByteRange;
  /** Of an object whose ETag is none of its bytes, because the server has encrypted it. */
  readonly etagIsMd5?: false;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** As RFC 9110, section 14.1.2: `bytes=5-9`, `bytes=5-` (no last), `bytes=-5` (suffix). */
export type RangeRequest = { readonly first: number; readonly last?: number } | { readonly suffix: number };

/** Where an object is, or is to be. */
export interface KeyPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Where a version of an object is. Without `versionId` the current one. */
export interface ObjectPlace extends KeyPlace {
  readonly versionId?: string;
}

export interface UploadPlace extends KeyPlace {
  readonly uploadId: string;
}

export interface UploadInfo extends UploadPlace {
  readonly startedAt: number;
  /** Account that the object will be of; as of a bucket. */
  readonly owner?: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };
}

export interface PartInfo {
  readonly partNumber: number;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly checksum?: ObjectChecksum;
}
