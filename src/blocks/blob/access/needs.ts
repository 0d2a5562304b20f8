/**
 * What each operation needs of the caller. Who may nothing of this is refused before the body is asked for.
 *
 *     READ, WRITE, …   that permission on the bucket
 *     owner            to be the bucket's owner: no ACL grants it
 *     account          to be somebody
 *     object           a permission on the object, which is judged where the object is found
 *     new              WRITE, which is judged where the object is written
 */
import type { OperationName } from '../wire/operations.js';
import type { Permission } from './acl.js';

/** What is judged by the bucket alone. */
export type BucketNeed = Exclude<Permission, 'FULL_CONTROL'> | 'owner';
export type Need = BucketNeed | 'account' | 'object' | 'new';

export const NEEDS: Readonly<Record<OperationName, Need>> = {
  ListBuckets: 'account',
  CreateBucket: 'account',

  HeadBucket: 'READ',
  ListObjects: 'READ',
  ListObjectsV2: 'READ',
  ListObjectVersions: 'READ',
  ListMultipartUploads: 'READ',

  PutObject: 'new',
  CopyObject: 'new',
  CreateMultipartUpload: 'new',
  DeleteObject: 'WRITE',
  DeleteObjects: 'WRITE',
  UploadPart: 'WRITE',
  UploadPartCopy: 'WRITE',
  ListParts: 'WRITE',
  CompleteMultipartUpload: 'WRITE',
  AbortMultipartUpload: 'WRITE',

  GetBucketAcl: 'READ_ACP',
  PutBucketAcl: 'WRITE_ACP',

  GetObject: 'object',
  HeadObject: 'object',
  GetObjectAttributes: 'object',
  GetObjectAcl: 'object',
  PutObjectAcl: 'object',

  GetObjectTagging: 'owner',
  PutObjectTagging: 'owner',
  DeleteObjectTagging: 'owner',
  DeleteBucket: 'owner',
  GetBucketLocation: 'owner',
  GetBucketVersioning: 'owner',
  PutBucketVersioning: 'owner',
  GetBucketTagging: 'owner',
  PutBucketTagging: 'owner',
  DeleteBucketTagging: 'owner',
  GetBucketCors: 'owner',
  PutBucketCors: 'owner',
  DeleteBucketCors: 'owner',
  GetBucketLifecycleConfiguration: 'owner',
  PutBucketLifecycleConfiguration: 'owner',
  DeleteBucketLifecycle: 'owner',
  GetBucketPolicy: 'owner',
  DeleteBucketPolicy: 'owner',
  GetBucketPolicyStatus: 'owner',
  GetBucketEncryption: 'owner',
  GetObjectLockConfiguration: 'owner',
  GetBucketRequestPayment: 'owner',
  GetBucketLogging: 'owner',
  GetBucketAccelerateConfiguration: 'owner',
  GetBucketOwnershipControls: 'owner',
  PutBucketOwnershipControls: 'owner',
  DeleteBucketOwnershipControls: 'owner',
  GetPublicAccessBlock: 'owner',
  PutPublicAccessBlock: 'owner',
  DeletePublicAccessBlock: 'owner',
  GetBucketNotificationConfiguration: 'owner',
  GetBucketWebsite: 'owner',
  GetBucketReplication: 'owner',
};
