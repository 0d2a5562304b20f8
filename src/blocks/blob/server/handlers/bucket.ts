/** Buckets themselves: made, listed, deleted; versioning, tags, CORS rules, lifecycle. */
import type { BucketDocument } from '../../blob-store.js';
import { blobErrors } from '../../errors.js';
import { checkTags, MOST_BUCKET_TAGS } from '../../rules/tags.js';
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
import { EMPTY, type Handler, NO_CONTENT, optional, xmlAnswer } from '../call.js';
import { placeOf } from './read.js';

const LARGEST_DOCUMENT = 1024 * 1024;
/** In a page of the list. */
const MOST_BUCKETS = 10_000;

export const listBuckets: Handler = async ({ query }, { store, region }) => {
  const prefix = nonEmpty(query.get('prefix'));
  const limit = query.has('max-buckets') ? readLimit(query, 'max-buckets', MOST_BUCKETS) : Number.POSITIVE_INFINITY;
  if (limit === 0) throw blobErrors.error('blob.invalid_argument', 'max-buckets is 0, and has to be 1 or more');
  const token = query.get('continuation-token');
  const after = token === undefined ? '' : readToken(token);
  const wanted = nonEmpty(query.get('bucket-region')) ?? region;
  const matching = (await store.listBuckets()).filter(
    ({ name }) => name > after && name.startsWith(prefix ?? '') && wanted === region,
  );
  const page = matching.slice(0, limit);
  const last = page.at(-1);
  const nextToken = last !== undefined && matching.length > page.length ? writeToken(last.name) : undefined;
  return xmlAnswer(listBucketsXml(page, { prefix, nextToken }));
};

export const createBucket: Handler = async (call, { store, region }) => {
  const { bucket, headers } = call;
  refuseUnsupported(headers);
  if (headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') throw notImplemented('object lock');
  const ownership = headers.get('x-amz-object-ownership');
  if (ownership !== undefined && ownership !== 'BucketOwnerEnforced') {
    throw notImplemented(`object ownership ${JSON.stringify(ownership.slice(0, 50))}`);
  }
  checkCreateBucketXml(await call.document(LARGEST_DOCUMENT), region);
  await store.createBucket(bucket);
  return { status: 200, headers: [['location', `/${bucket}`]] };
};

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

export function getDocument(document: BucketDocument): Handler {
  return async ({ bucket }, { store }) => {
    const xml = await store.getDocument(bucket, document);
    return xmlAnswer(document === 'lifecycle' ? withRuleIds(xml) : xml);
  };
}

export function putDocument(document: BucketDocument): Handler {
  return async (call, { store, expirations }) => {
    const bytes = await call.document(LARGEST_DOCUMENT);
    CHECKS[document](bytes);
    await store.setDocument(call.bucket, document, bytes.toString());
    expirations.forget(call.bucket);
    return document === 'tagging' ? NO_CONTENT : EMPTY;
  };
}

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
