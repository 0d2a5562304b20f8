/**
 * All operations of S3 by method, level and what the query or a header says: those that ds blob has, and those that it
 * refuses by their name. What is in no row is refused, too: nothing is taken for something else.
 *
 *     method   level     marks                    operation
 *     PUT      object    uploadId, copy source    UploadPartCopy
 *     PUT      object    uploadId                 UploadPart
 *     PUT      object    tagging                  PutObjectTagging
 *     PUT      object    copy source              CopyObject
 *     PUT      object                             PutObject
 */
import { blobErrors } from '../errors.js';
import { OVERRIDABLE_HEADERS } from '../rules/content-headers.js';
import type { Query } from './request-target.js';

type Level = 'service' | 'bucket' | 'object';

/** In each row: method, level, what marks it (`''`: nothing), its name in S3's reference. */
const IMPLEMENTED = [
  ['GET', 'service', '', 'ListBuckets'],
  ['PUT', 'bucket', '', 'CreateBucket'],
  ['DELETE', 'bucket', '', 'DeleteBucket'],
  ['HEAD', 'bucket', '', 'HeadBucket'],
  ['GET', 'bucket', '', 'ListObjects'],
  ['GET', 'bucket', 'list-type', 'ListObjectsV2'],
  ['GET', 'bucket', 'versions', 'ListObjectVersions'],
  ['GET', 'bucket', 'uploads', 'ListMultipartUploads'],
  ['POST', 'bucket', 'delete', 'DeleteObjects'],
  ['GET', 'bucket', 'location', 'GetBucketLocation'],
  ['GET', 'bucket', 'versioning', 'GetBucketVersioning'],
  ['PUT', 'bucket', 'versioning', 'PutBucketVersioning'],
  ['GET', 'bucket', 'tagging', 'GetBucketTagging'],
  ['PUT', 'bucket', 'tagging', 'PutBucketTagging'],
  ['DELETE', 'bucket', 'tagging', 'DeleteBucketTagging'],
  ['GET', 'bucket', 'cors', 'GetBucketCors'],
  ['PUT', 'bucket', 'cors', 'PutBucketCors'],
  ['DELETE', 'bucket', 'cors', 'DeleteBucketCors'],
  ['GET', 'bucket', 'lifecycle', 'GetBucketLifecycleConfiguration'],
  ['PUT', 'bucket', 'lifecycle', 'PutBucketLifecycleConfiguration'],
  ['DELETE', 'bucket', 'lifecycle', 'DeleteBucketLifecycle'],
  ['GET', 'bucket', 'acl', 'GetBucketAcl'],
  ['PUT', 'bucket', 'acl', 'PutBucketAcl'],
  ['GET', 'bucket', 'ownershipControls', 'GetBucketOwnershipControls'],
  ['PUT', 'bucket', 'ownershipControls', 'PutBucketOwnershipControls'],
  ['DELETE', 'bucket', 'ownershipControls', 'DeleteBucketOwnershipControls'],
  ['GET', 'bucket', 'publicAccessBlock', 'GetPublicAccessBlock'],
  ['PUT', 'bucket', 'publicAccessBlock', 'PutPublicAccessBlock'],
  ['DELETE', 'bucket', 'publicAccessBlock', 'DeletePublicAccessBlock'],
  ['GET', 'bucket', 'policyStatus', 'GetBucketPolicyStatus'],
  // What is true of every bucket here.
  ['GET', 'bucket', 'policy', 'GetBucketPolicy'],
  ['DELETE', 'bucket', 'policy', 'DeleteBucketPolicy'],
  ['GET', 'bucket', 'encryption', 'GetBucketEncryption'],
  ['GET', 'bucket', 'object-lock', 'GetObjectLockConfiguration'],
  ['GET', 'bucket', 'requestPayment', 'GetBucketRequestPayment'],
  ['GET', 'bucket', 'logging', 'GetBucketLogging'],
  ['GET', 'bucket', 'accelerate', 'GetBucketAccelerateConfiguration'],
  ['GET', 'bucket', 'notification', 'GetBucketNotificationConfiguration'],
  ['GET', 'bucket', 'website', 'GetBucketWebsite'],
  ['GET', 'bucket', 'replication', 'GetBucketReplication'],

  ['PUT', 'object', 'uploadId+copy', 'UploadPartCopy'],
  ['PUT', 'object', 'uploadId', 'UploadPart'],
  ['PUT', 'object', 'copy', 'CopyObject'],
  ['PUT', 'object', '', 'PutObject'],
  ['GET', 'object', 'uploadId', 'ListParts'],
  ['GET', 'object', 'attributes', 'GetObjectAttributes'],
  ['GET', 'object', '', 'GetObject'],
  ['HEAD', 'object', '', 'HeadObject'],
  ['DELETE', 'object', 'uploadId', 'AbortMultipartUpload'],
  ['DELETE', 'object', '', 'DeleteObject'],
  ['POST', 'object', 'uploads', 'CreateMultipartUpload'],
  ['POST', 'object', 'uploadId', 'CompleteMultipartUpload'],
  ['GET', 'object', 'tagging', 'GetObjectTagging'],
  ['PUT', 'object', 'tagging', 'PutObjectTagging'],
  ['DELETE', 'object', 'tagging', 'DeleteObjectTagging'],
  ['GET', 'object', 'acl', 'GetObjectAcl'],
  ['PUT', 'object', 'acl', 'PutObjectAcl'],
] as const;

const NOT_IMPLEMENTED: readonly (readonly [string, Level, string, string])[] = [
  ['POST', 'service', '', 'the service has no POST'],
  ['POST', 'bucket', '', 'PostObject'],
  ['PUT', 'bucket', 'policy', 'PutBucketPolicy'],
  ['PUT', 'bucket', 'encryption', 'PutBucketEncryption'],
  ['DELETE', 'bucket', 'encryption', 'DeleteBucketEncryption'],
  ['PUT', 'bucket', 'object-lock', 'PutObjectLockConfiguration'],
  ['PUT', 'bucket', 'requestPayment', 'PutBucketRequestPayment'],
  ['PUT', 'bucket', 'logging', 'PutBucketLogging'],
  ['PUT', 'bucket', 'accelerate', 'PutBucketAccelerateConfiguration'],
  ['PUT', 'bucket', 'notification', 'PutBucketNotificationConfiguration'],
  ['PUT', 'bucket', 'website', 'PutBucketWebsite'],
  ['DELETE', 'bucket', 'website', 'DeleteBucketWebsite'],
  ['PUT', 'bucket', 'replication', 'PutBucketReplication'],
  ['DELETE', 'bucket', 'replication', 'DeleteBucketReplication'],
  ['GET', 'bucket', 'abac', 'GetBucketAbac'],
  ['GET', 'bucket', 'analytics', 'GetBucketAnalyticsConfiguration'],
  ['GET', 'bucket', 'intelligent-tiering', 'GetBucketIntelligentTieringConfiguration'],
  ['GET', 'bucket', 'inventory', 'GetBucketInventoryConfiguration'],
  ['GET', 'bucket', 'metadataConfiguration', 'GetBucketMetadataConfiguration'],
  ['GET', 'bucket', 'metadataTable', 'GetBucketMetadataTableConfiguration'],
  ['GET', 'bucket', 'metrics', 'GetBucketMetricsConfiguration'],
  ['GET', 'bucket', 'session', 'CreateSession'],
  ['GET', 'object', 'legal-hold', 'GetObjectLegalHold'],
  ['PUT', 'object', 'legal-hold', 'PutObjectLegalHold'],
  ['GET', 'object', 'retention', 'GetObjectRetention'],
  ['PUT', 'object', 'retention', 'PutObjectRetention'],
  ['GET', 'object', 'torrent', 'GetObjectTorrent'],
  ['POST', 'object', 'restore', 'RestoreObject'],
  ['POST', 'object', 'select', 'SelectObjectContent'],
  ['PUT', 'object', 'renameObject', 'RenameObject'],
  ['PUT', 'object', 'encryption', 'UpdateObjectEncryption'],
];

export type OperationName = (typeof IMPLEMENTED)[number][3];

/** Parameters that say how, and not what. A parameter that is neither here nor a mark is refused where it has no value. */
const PARAMETERS = new Set([
  ...['prefix', 'delimiter', 'marker', 'max-keys', 'encoding-type', 'continuation-token', 'start-after', 'fetch-owner'],
  ...['key-marker', 'version-id-marker', 'upload-id-marker', 'max-uploads', 'part-number-marker', 'max-parts'],
  ...['max-buckets', 'bucket-region', 'partNumber', 'versionId', 'x-id', 'allow-unordered', 'select-type'],
  ...OVERRIDABLE_HEADERS.map((header) => `response-${header}`),
  ...['AWSAccessKeyId', 'Signature', 'Expires'],
]);

const OPERATIONS: ReadonlyMap<string, OperationName> = new Map(
  IMPLEMENTED.map(([method, level, mark, name]) => [rowKey(method, level, mark), name]),
);
const REFUSED: ReadonlyMap<string, string> = new Map(
  NOT_IMPLEMENTED.map(([method, level, mark, name]) => [rowKey(method, level, mark), name]),
);
/** Every mark in the query, in the order in which rows name them: the more telling ones first. */
const MARKS: readonly string[] = [
  ...new Set(['uploadId', ...IMPLEMENTED.map((row) => row[2]), ...NOT_IMPLEMENTED.map((row) => row[2])]),
].filter((mark) => mark !== '' && !mark.includes('copy'));

export interface OperationRequest {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: Query;
  /** There is a header x-amz-copy-source. */
  readonly hasCopySource: boolean;
}

/** Errors: `blob.not_implemented` (with the operation's name), `blob.method_not_allowed`. */
export function operationOf(request: OperationRequest): OperationName {
  const { method, bucket, key, query } = request;
  const level: Level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  const mark = markOf(query);
  const copies = method === 'PUT' && level === 'object' && request.hasCopySource;
  const found = OPERATIONS.get(rowKey(method, level, copies ? copyMark(mark) : mark));
  if (found !== undefined) return found;
  const refused = REFUSED.get(rowKey(method, level, mark));
  if (refused !== undefined) throw notImplemented(refused);
  if (mark !== '') throw notImplemented(`${method} ?${mark} of ${level === 'service' ? 'the service' : `a ${level}`}`);
  throw blobErrors.error(
    'blob.method_not_allowed',
    `there is no ${method} of ${level === 'object' ? 'an object' : `a ${level}`}`,
  );
}

/** @param what after «ds blob has no» */
export function notImplemented(what: string) {
  return blobErrors.error('blob.not_implemented', `ds blob has no ${what}`);
}

function markOf(query: Query): string {
  if (query.size === 0) return '';
  for (const mark of MARKS) if (query.has(mark)) return mark;
  for (const [name, value] of query) {
    if (value === '' && !PARAMETERS.has(name) && !/^x-amz-/i.test(name)) {
      throw notImplemented(`subresource ${JSON.stringify(name.slice(0, 100))}`);
    }
  }
  return '';
}

function copyMark(mark: string): string {
  return mark === '' ? 'copy' : `${mark}+copy`;
}

function rowKey(method: string, level: string, mark: string): string {
  return `${method} ${level} ${mark}`;
}
