/** Who does what. */
import type { OperationName } from '../../wire/operations.js';
import type { Handler } from '../call.js';
import * as acl from './acl.js';
import * as bucket from './bucket.js';
import * as grants from './bucket-grants.js';
import * as list from './list.js';
import * as probes from './probes.js';
import * as read from './read.js';
import * as upload from './upload.js';
import * as write from './write.js';

export const handlers: Readonly<Record<OperationName, Handler>> = {
  ListBuckets: bucket.listBuckets,
  CreateBucket: bucket.createBucket,
  DeleteBucket: bucket.deleteBucket,
  HeadBucket: bucket.headBucket,
  GetBucketLocation: bucket.getBucketLocation,
  GetBucketVersioning: bucket.getBucketVersioning,
  PutBucketVersioning: bucket.putBucketVersioning,
  GetBucketTagging: bucket.getDocument('tagging'),
  PutBucketTagging: bucket.putDocument('tagging'),
  DeleteBucketTagging: bucket.deleteDocument('tagging'),
  GetBucketCors: bucket.getDocument('cors'),
  PutBucketCors: bucket.putDocument('cors'),
  DeleteBucketCors: bucket.deleteDocument('cors'),
  GetBucketLifecycleConfiguration: bucket.getDocument('lifecycle'),
  PutBucketLifecycleConfiguration: bucket.putDocument('lifecycle'),
  DeleteBucketLifecycle: bucket.deleteDocument('lifecycle'),

  ListObjects: list.listObjects,
  ListObjectsV2: list.listObjectsV2,
  ListObjectVersions: list.listObjectVersions,
  ListMultipartUploads: list.listMultipartUploads,

  GetObject: read.getObject,
  HeadObject: read.headObject,
  GetObjectAttributes: read.getObjectAttributes,
  PutObject: write.putObject,
  CopyObject: write.copyObject,
  DeleteObject: write.deleteObject,
  DeleteObjects: write.deleteObjects,
  GetObjectTagging: bucket.getObjectTagging,
  PutObjectTagging: bucket.putObjectTagging,
  DeleteObjectTagging: bucket.deleteObjectTagging,

  CreateMultipartUpload: upload.createMultipartUpload,
  UploadPart: upload.uploadPart,
  UploadPartCopy: upload.uploadPartCopy,
  ListParts: upload.listParts,
  CompleteMultipartUpload: upload.completeMultipartUpload,
  AbortMultipartUpload: upload.abortMultipartUpload,

  GetBucketAcl: acl.getBucketAcl,
  PutBucketAcl: acl.putBucketAcl,
  GetObjectAcl: acl.getObjectAcl,
  PutObjectAcl: acl.putObjectAcl,
  GetPublicAccessBlock: grants.getPublicAccessBlock,
  PutPublicAccessBlock: grants.putPublicAccessBlock,
  DeletePublicAccessBlock: grants.deletePublicAccessBlock,
  GetBucketOwnershipControls: grants.getOwnershipControls,
  PutBucketOwnershipControls: grants.putOwnershipControls,
  DeleteBucketOwnershipControls: grants.deleteOwnershipControls,
  GetBucketPolicyStatus: grants.getBucketPolicyStatus,

  GetBucketPolicy: probes.thereIsNo('NoSuchBucketPolicy', 'policy'),
  DeleteBucketPolicy: probes.deleteBucketPolicy,
  GetBucketEncryption: probes.thereIsNo('ServerSideEncryptionConfigurationNotFoundError', 'encryption'),
  GetObjectLockConfiguration: probes.thereIsNo('ObjectLockConfigurationNotFoundError', 'object lock'),
  GetBucketRequestPayment: probes.nothingIs('requestPayment'),
  GetBucketLogging: probes.nothingIs('logging'),
  GetBucketAccelerateConfiguration: probes.nothingIs('accelerate'),
  GetBucketNotificationConfiguration: probes.nothingIs('notification'),
  GetBucketWebsite: probes.thereIsNo('NoSuchWebsiteConfiguration', 'website'),
  GetBucketReplication: probes.thereIsNo('ReplicationConfigurationNotFoundError', 'replication'),
};
