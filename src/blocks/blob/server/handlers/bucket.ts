/** Buckets themselves: made, listed, deleted; versioning, tags, CORS rules, lifecycle. */
import { DsError } from '../../../../platform/errors.js';
import { isShared, sameAcl } from '../../access/acl.js';
import type { BucketGrants } from '../../access/bucket-grants.js';
import { storedAcl } from '../../access/canned.js';
import { blobErrors } from '../../errors.js';
import type { BucketDocument } from '../../object-types.js';
import { checkTags, MOST_BUCKET_TAGS } from '../../rules/tags.js';
import { readAskedAcl, readOwnershipHeader } from '../../wire/acl-headers.js';
import {
  checkCreateBucketXml,
  listBucketsXml,
  locationXml,
  readTaggingXml,
  readVersioningXml,
  taggingXml,
  versioningXml,
} from '../../wire/bucket-xml.js';
import { readCorsXml } from '../../wire/cors-xml.js';
import { withRuleIds } from '../../wire/lifecycle-ids.js';
import { readLifecycleXml } from '../../wire/lifecycle-xml.js';
import { refuseUnsupported } from '../../wire/object-headers.js';
import { notImplemented } from '../../wire/operations.js';
import { nonEmpty, readLimit, readToken, writeToken } from '../../wire/page-query.js';
import { s3Error } from '../../wire/s3-errors.js';
import { type Call, EMPTY, type Handler, NO_CONTENT, optional, xmlAnswer } from '../call.js';
import { DEFAULT_REGION } from '../options.js';
import type { Rights } from '../rights.js';
import { listIsInUse } from './bucket-grants.js';
import { placeOf } from './read.js';

const LARGEST_DOCUMENT = 1024 * 1024;
/** As S3 has it: of each preflight, which nobody signs, all rules may have to be looked at. */
const LARGEST_CORS = 64 * 1024;
/** In a page of the list. */
const MOST_BUCKETS = 10_000;

export const listBuckets: Handler = async ({ query, rights }, { store, region }) => {
  const prefix = nonEmpty(query.get('prefix'));
  const limit = query.has('max-buckets') ? readLimit(query, 'max-buckets', MOST_BUCKETS) : Number.POSITIVE_INFINITY;
  if (limit === 0) throw blobErrors.error('blob.invalid_argument', 'max-buckets is 0, and has to be 1 or more');
  const token = query.get('continuation-token');
  const after = token === undefined ? '' : readToken(token);
  const wanted = nonEmpty(query.get('bucket-region')) ?? region;
  const { accounts, requester } = rights;
  const matching = (await store.listBuckets()).filter(
    ({ name, owner }) =>
      name > after && name.startsWith(prefix ?? '') && wanted === region && isOwn(rights, accounts.named(owner)),
  );
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  const nextToken = last !== undefined && matching.length > page.length ? writeToken(last.name) : undefined;
  return xmlAnswer(listBucketsXml(accounts.told(accounts.named(requester.account)), page, { prefix, nextToken }));
};

function isOwn({ requester }: Rights, owner: string): boolean {
  return requester.isUnrestricted || requester.account === owner;
}

export const createBucket: Handler = async (call, { store, region }) => {
  const { bucket, headers } = call;
  refuseUnsupported(headers);
  if (headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') throw notImplemented('object lock');
  const grants = newBucketGrants(call);
  checkCreateBucketXml(await call.document(LARGEST_DOCUMENT), region);
  try {
    await store.createBucket(bucket, grants);
  } catch (error) {
    checkRepeated(call, grants, region, error);
  }
  return { status: 200, headers: [['location', `/${bucket}`]] };
};

function newBucketGrants({ headers, rights }: Call): BucketGrants {
  const { accounts, requester } = rights;
  const account = accounts.named(requester.account);
  const owner = accounts.stored(account);
  const objectOwnership = readOwnershipHeader(headers);
  const acl = storedAcl(readAskedAcl(headers, accounts), account, account);
  if (objectOwnership === 'BucketOwnerEnforced' && isShared(acl)) throw listIsInUse();
  return {
    ...(owner !== undefined && { owner }),
    ...(acl !== undefined && { acl }),
    ...(objectOwnership !== undefined && { objectOwnership }),
  };
}

/** us-east-1 says yes once more to the owner of a bucket. Not where it asks for other grants, for they would not be given. */
function checkRepeated({ bucket, rights }: Call, grants: BucketGrants, region: string, error: unknown): void {
  if (!(error instanceof DsError) || error.code !== 'blob.bucket_exists') throw error;
  const { owner, acl, objectOwnership } = rights.bucket;
  if (!isOwn(rights, rights.accounts.named(owner))) {
    throw s3Error('blob.bucket_exists', 'BucketAlreadyExists', `bucket ${bucket} is another account's`);
  }
  if (region !== DEFAULT_REGION) throw error;
  if (sameAcl(acl, grants.acl) && objectOwnership === grants.objectOwnership) return;
  throw s3Error('blob.bucket_exists', 'BucketAlreadyExists', `bucket ${bucket} is there already, with another ACL`);
}

export const deleteBucket: Handler = async ({ bucket }, { store, expirations }) => {
  await store.deleteBucket(bucket);
  expirations.forget(bucket);
  return NO_CONTENT;
};

export const headBucket: Handler = async ({ bucket }, { store, region }) => {
  await store.bucket(bucket);
  return { status: 200, headers: optional('x-amz-bucket-region', region) };
};

export const getBucketLocation: Handler = async ({ bucket }, { store, region }) => {
  await store.bucket(bucket);
  return xmlAnswer(locationXml(region));
};

export const getBucketVersioning: Handler = async ({ bucket }, { store }) =>
  xmlAnswer(versioningXml((await store.bucket(bucket)).versioning));

export const putBucketVersioning: Handler = async (call, { store }) => {
  refuseUnsupported(call.headers);
  await store.setVersioning(call.bucket, readVersioningXml(await call.document(LARGEST_DOCUMENT)));
  return EMPTY;
};

/** What is stored is what came, once it is known to say something. */
const CHECKS: Readonly<Record<BucketDocument, (bytes: Uint8Array) => unknown>> = {
  tagging: (bytes) => checkTags(readTaggingXml(bytes), MOST_BUCKET_TAGS),
  cors: readCorsXml,
  lifecycle: readLifecycleXml,
};

/** Tags, CORS rules and lifecycle of a bucket, as they came; rules of a lifecycle without a name get one. */
export function getDocument(document: BucketDocument): Handler {
  return async ({ bucket }, { store }) => {
    const xml = await store.getDocument(bucket, document);
    return xmlAnswer(document === 'lifecycle' ? withRuleIds(xml) : xml);
  };
}

/** Error: as of the reader of the document, `blob.malformed_xml` and its kind; nothing is stored then. */
export function putDocument(document: BucketDocument): Handler {
  return async (call, { store, expirations }) => {
    const bytes = await call.document(document === 'cors' ? LARGEST_CORS : LARGEST_DOCUMENT);
    CHECKS[document](bytes);
    await store.setDocument(call.bucket, document, bytes.toString());
    expirations.forget(call.bucket);
    return document === 'tagging' ? NO_CONTENT : EMPTY;
  };
}

/** Of a bucket that has none it is done, too, as with S3. */
export function deleteDocument(document: BucketDocument): Handler {
  return async ({ bucket }, { store, expirations }) => {
    await store.setDocument(bucket, document, undefined);
    expirations.forget(bucket);
    return NO_CONTENT;
  };
}

export const getObjectTagging: Handler = async (call, { store }) => {
  const { tags, versionId } = await store.getTags(placeOf(call));
  return xmlAnswer(taggingXml(tags), optional('x-amz-version-id', versionId));
};

export const putObjectTagging: Handler = async (call, { store }) => {
  const tags = readTaggingXml(await call.document(LARGEST_DOCUMENT));
  const { versionId } = await store.setTags(placeOf(call), tags);
  return { status: 200, headers: optional('x-amz-version-id', versionId) };
};

export const deleteObjectTagging: Handler = async (call, { store }) => {
  const { versionId } = await store.setTags(placeOf(call), undefined);
  return { status: 204, headers: optional('x-amz-version-id', versionId) };
};
