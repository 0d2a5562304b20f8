/** Public access block, ownership controls, and whether a bucket is public. */
import { isPublic, isShared } from '../../access/acl.js';
import {
  ownershipControlsXml,
  policyStatusXml,
  publicAccessBlockXml,
  readOwnershipControlsXml,
  readPublicAccessBlockXml,
} from '../../wire/bucket-grants-xml.js';
import { s3Error } from '../../wire/s3-errors.js';
import { EMPTY, type Handler, NO_CONTENT, xmlAnswer } from '../call.js';

const LARGEST_DOCUMENT = 64 * 1024;

export const getPublicAccessBlock: Handler = async ({ bucket, rights }) => {
  const { publicAccessBlock } = rights.bucket;
  if (publicAccessBlock !== undefined) return xmlAnswer(publicAccessBlockXml(publicAccessBlock));
  throw s3Error(
    'blob.no_such_configuration',
    'NoSuchPublicAccessBlockConfiguration',
    `bucket ${bucket} has no public access block`,
  );
};

export const putPublicAccessBlock: Handler = async (call, { store }) => {
  const publicAccessBlock = readPublicAccessBlockXml(await call.document(LARGEST_DOCUMENT));
  await store.changeBucketGrants(call.bucket, (bucket) => ({ ...bucket, publicAccessBlock }));
  return EMPTY;
};

export const deletePublicAccessBlock: Handler = async (call, { store }) => {
  await store.changeBucketGrants(call.bucket, (bucket) => ({ ...bucket, publicAccessBlock: undefined }));
  return NO_CONTENT;
};

export const getOwnershipControls: Handler = async ({ bucket, rights }) => {
  const { objectOwnership } = rights.bucket;
  if (objectOwnership !== undefined) return xmlAnswer(ownershipControlsXml(objectOwnership));
  throw s3Error(
    'blob.no_such_configuration',
    'OwnershipControlsNotFoundError',
    `bucket ${bucket} has no ownership controls`,
  );
};

export const putOwnershipControls: Handler = async (call, { store }) => {
  const objectOwnership = readOwnershipControlsXml(await call.document(LARGEST_DOCUMENT));
  await store.changeBucketGrants(call.bucket, (bucket) => {
    if (objectOwnership === 'BucketOwnerEnforced' && isShared(bucket.acl)) throw listIsInUse();
    return { ...bucket, objectOwnership };
  });
  return EMPTY;
};

/** BucketOwnerEnforced and an ACL that grants to others cannot both be. */
export function listIsInUse() {
  return s3Error(
    'blob.invalid_request',
    'InvalidBucketAclWithObjectOwnership',
    'the ACL of the bucket grants others than its owner, and would not count with BucketOwnerEnforced',
  );
}

export const deleteOwnershipControls: Handler = async (call, { store }) => {
  await store.changeBucketGrants(call.bucket, (bucket) => ({ ...bucket, objectOwnership: undefined }));
  return NO_CONTENT;
};

/** There are no policies; lists alone can make it public. */
export const getBucketPolicyStatus: Handler = async ({ rights }) => {
  const { acl, publicAccessBlock } = rights.bucket;
  return xmlAnswer(policyStatusXml(isPublic(acl) && publicAccessBlock?.ignorePublicAcls !== true));
};
