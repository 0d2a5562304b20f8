/**
 * The store's interface, which the file in this process, the daemon and any S3 server implement. The words are S3's
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/): what it says of an operation holds here, unless told otherwise.
 *
 * Times are milliseconds since the epoch, sizes bytes.
 */
import type {
  Body,
  BucketDocument,
  BucketInfo,
  ByteRange,
  ChecksumAlgorithm,
  ChecksumType,
  KeyPlace,
  Metadata,
  ObjectChecksum,
  ObjectInfo,
  ObjectPlace,
  ObjectStat,
  PartInfo,
  RangeRequest,
  Tags,
  UploadInfo,
  UploadPlace,
  Versioning,
} from './object-types.js';
import type { ContentHeaders } from './rules/content-headers.js';

/** Conditions on the current version, judged and written upon in one transaction. ETags without quotes, `*` for any. */
export interface WriteConditions {
  readonly ifMatch?: readonly string[];
  readonly ifNoneMatch?: readonly string[];
  /** Of a delete (x-amz-if-match-last-modified-time, x-amz-if-match-size). */
  readonly ifModifiedAt?: number;
  readonly ifSize?: number;
}

/** RFC 9110, section 13; S3 judges them in that order. Dates in milliseconds, compared by the second. */
export interface ReadConditions {
  readonly ifMatch?: readonly string[];
  readonly ifNoneMatch?: readonly string[];
  readonly ifModifiedSince?: number;
  readonly ifUnmodifiedSince?: number;
}

export interface PutOptions {
  readonly headers?: ContentHeaders;
  readonly metadata?: Metadata;
  readonly tags?: Tags;
  readonly conditions?: WriteConditions;
  /** Bytes that the body will have, where it is known. Fewer or more: `blob.incomplete_body`. */
  readonly size?: number;
  /** Content-MD5 in hex; another one of the body: `blob.bad_digest`. */
  readonly md5?: string;
  /**
   * Asked for once the body has ended: what is to be stored as the checksum of the body, whose rightness the maker of the body
   * has seen to (a wrong one fails the body).
   */
  readonly checksum?: () => ObjectChecksum | undefined;
}

export interface PutResult {
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: number;
  /** Absent unless versioning is on: while it is suspended, what is written is version `null`, and S3 does not say so. */
  readonly versionId?: string;
  readonly checksum?: ObjectChecksum;
}

export interface ReadOptions {
  readonly range?: RangeRequest;
  /** From 1; not together with `range`. */
  readonly partNumber?: number;
  readonly conditions?: ReadConditions;
}

export interface ObjectRead {
  readonly stat: ObjectStat;
  /** What of it the body is; absent: the whole. */
  readonly range?: ByteRange;
  /** To be consumed or ended (`return()`): until then what it reads is kept. */
  readonly body: Body;
}

export interface DeleteResult {
  /** Of the delete marker that was made, or of the version that was deleted. */
  readonly versionId?: string;
  /** A delete marker was made, or deleted. */
  readonly deleteMarker: boolean;
  /** False where there was nothing to delete, which is no error; absent where a server does not tell. */
  readonly existed?: boolean;
}

export interface CopyOptions {
  readonly source: ObjectPlace;
  readonly destination: KeyPlace;
  /** On the source. */
  readonly sourceConditions?: ReadConditions;
  /** On the destination. */
  readonly conditions?: WriteConditions;
  /** In place of what the source has (x-amz-metadata-directive: REPLACE). Without it, a copy onto itself is `blob.invalid_request`. */
  readonly replace?: { readonly headers: ContentHeaders; readonly metadata: Metadata };
  /** In place of the source's (x-amz-tagging-directive: REPLACE). */
  readonly tags?: Tags;
}

export interface ListQuery {
  readonly prefix?: string;
  /** Keys that have it after the prefix are rolled up into one common prefix. Any length. */
  readonly delimiter?: string;
  /** Keys and common prefixes after this one, in the order of UTF-8 bytes. */
  readonly after?: string;
  /** Entries and prefixes together, 0 to 1,000 by S3; the file takes any. */
  readonly limit: number;
}

export interface ObjectPage {
  readonly objects: readonly ObjectInfo[];
  readonly prefixes: readonly string[];
  /** Give it as `after` for the next page; absent: this is the last one. */
  readonly next?: string;
}

export interface VersionListQuery extends Omit<ListQuery, 'after'> {
  /** After this version of this key; without `versionId`, after all versions of the key. */
  readonly after?: { readonly key: string; readonly versionId?: string };
}

export interface VersionEntry {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly modifiedAt: number;
  /** Absent of a delete marker. */
  readonly object?: Pick<ObjectInfo, 'size' | 'etag' | 'checksum' | 'owner'>;
}

export interface VersionPage {
  /** By key, the newest first. */
  readonly versions: readonly VersionEntry[];
  readonly prefixes: readonly string[];
  readonly next?: { readonly key: string; readonly versionId?: string };
}

export interface UploadOptions {
  readonly headers?: ContentHeaders;
  readonly metadata?: Metadata;
  readonly tags?: Tags;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };
}

export interface PartPage {
  readonly upload: UploadInfo;
  readonly parts: readonly PartInfo[];
  /** Part number to go on after. */
  readonly next?: number;
}

export interface UploadPage {
  readonly uploads: readonly UploadInfo[];
  readonly prefixes: readonly string[];
  readonly next?: { readonly key: string; readonly uploadId?: string };
}

export interface CompletedPart {
  readonly partNumber: number;
  readonly etag: string;
  /** Base64, where the client names it again. */
  readonly checksum?: string;
}

export interface CompleteOptions {
  readonly parts: readonly CompletedPart[];
  readonly conditions?: WriteConditions;
  /** Of the whole object, as the client has it; another one: `blob.bad_digest`. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  /** x-amz-mp-object-size; another one: `blob.invalid_request`. */
  readonly size?: number;
}

/**
 * Errors of all: `blob.no_such_bucket`, `blob.invalid_bucket_name`, `blob.invalid_key`, those of the storage catalogue for a file, and
 * `blob.unreachable`, `blob.access_denied`, `blob.refused` of a server. What an operation can also meet stands beside it.
 */
export interface BlobStore {
  /** `blob.bucket_exists`. */
  createBucket(name: string): Promise<void>;
  /** `blob.bucket_not_empty`. */
  deleteBucket(name: string): Promise<void>;
  /** By name. */
  listBuckets(): Promise<readonly BucketInfo[]>;
  bucket(name: string): Promise<BucketInfo>;
  /** `blob.read_only_bucket`. */
  setVersioning(bucket: string, state: Exclude<Versioning, 'off'>): Promise<void>;
  /** `blob.no_such_configuration`. */
  getDocument(bucket: string, document: BucketDocument): Promise<string>;
  /** Undefined deletes it, which is no error where there is none. */
  setDocument(bucket: string, document: BucketDocument, xml: string | undefined): Promise<void>;

  /** `blob.precondition_failed`, `blob.bad_digest`, `blob.incomplete_body`, `blob.entity_too_large`, `blob.read_only_bucket`. */
  putObject(place: KeyPlace, body: Body, options?: PutOptions): Promise<PutResult>;
  /** `blob.no_such_key`, `blob.no_such_version`, `blob.delete_marker`, `blob.precondition_failed`, `blob.not_modified`, `blob.invalid_range`, `blob.corrupt`. */
  getObject(place: ObjectPlace, options?: ReadOptions): Promise<ObjectRead>;
  /** As {@link getObject}, without a body; a range is checked and told. */
  statObject(place: ObjectPlace, options?: ReadOptions): Promise<Omit<ObjectRead, 'body'>>;
  /** `blob.precondition_failed`, `blob.read_only_bucket`. */
  deleteObject(place: ObjectPlace, conditions?: WriteConditions): Promise<DeleteResult>;
  /** As {@link getObject} of the source and {@link putObject} of the destination. */
  copyObject(options: CopyOptions): Promise<PutResult & { readonly sourceVersionId?: string }>;
  listObjects(bucket: string, query: ListQuery): Promise<ObjectPage>;
  listVersions(bucket: string, query: VersionListQuery): Promise<VersionPage>;

  getTags(place: ObjectPlace): Promise<{ readonly tags: Tags; readonly versionId?: string }>;
  /** Undefined deletes them. */
  setTags(place: ObjectPlace, tags: Tags | undefined): Promise<{ readonly versionId?: string }>;

  createUpload(place: KeyPlace, options?: UploadOptions): Promise<UploadInfo>;
  /** `blob.no_such_upload`, and as {@link putObject}. Part numbers from 1 to 10,000; a part that is there already is replaced. */
  uploadPart(
    place: UploadPlace,
    partNumber: number,
    body: Body,
    options?: Pick<PutOptions, 'size' | 'md5' | 'checksum'>,
  ): Promise<PartInfo>;
  copyPart(
    place: UploadPlace,
    partNumber: number,
    source: { readonly place: ObjectPlace; readonly range?: ByteRange; readonly conditions?: ReadConditions },
  ): Promise<PartInfo & { readonly sourceVersionId?: string }>;
  listParts(place: UploadPlace, query: { readonly after?: number; readonly limit: number }): Promise<PartPage>;
  listUploads(
    bucket: string,
    query: {
      readonly prefix?: string;
      readonly delimiter?: string;
      readonly after?: { readonly key: string; readonly uploadId?: string };
      readonly limit: number;
    },
  ): Promise<UploadPage>;
  /** `blob.no_such_upload`, `blob.invalid_part`, `blob.invalid_part_order`, `blob.entity_too_small`, `blob.precondition_failed`, `blob.bad_digest`. */
  completeUpload(place: UploadPlace, options: CompleteOptions): Promise<PutResult>;
  /** `blob.no_such_upload`. */
  abortUpload(place: UploadPlace): Promise<void>;

  close(): Promise<void>;
}
