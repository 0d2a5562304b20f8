/** The list operations of a bucket. */
import type { ListQuery, ObjectPage } from '../../blob-store.js';
import { blobErrors } from '../../errors.js';
import { listObjectsV2Xml, listObjectsXml, listUploadsXml, listVersionsXml } from '../../wire/listing-xml.js';
import { nonEmpty, type PageQuery, readPageQuery, readToken, writeToken } from '../../wire/page-query.js';
import { type Handler, type HandlerContext, xmlAnswer } from '../call.js';

export const listObjects: Handler = async ({ bucket, query: parameters, rights }, { store }) => {
  const query = readPageQuery(parameters, 'max-keys');
  const marker = nonEmpty(parameters.get('marker'));
  const page = await listPage(store, bucket, query, marker);
  return xmlAnswer(listObjectsXml({ bucket, query, marker, page, ownerOf: rights.ownerOf(rights.bucket) }));
};

export const listObjectsV2: Handler = async ({ bucket, query: parameters, rights }, { store }) => {
  if (parameters.get('list-type') !== '2') throw blobErrors.error('blob.invalid_argument', 'list-type is not 2');
  const query = readPageQuery(parameters, 'max-keys');
  const token = parameters.get('continuation-token');
  const startAfter = parameters.get('start-after');
  const after = token === undefined || token === '' ? nonEmpty(startAfter) : readToken(token);
  const page = await listPage(store, bucket, query, after);
  const nextToken = page.next === undefined ? undefined : writeToken(page.next);
  const ownerOf = parameters.get('fetch-owner') === 'true' ? rights.ownerOf(rights.bucket) : undefined;
  return xmlAnswer(listObjectsV2Xml({ bucket, query, token, startAfter, nextToken, ownerOf, page }));
};

async function listPage(
  store: HandlerContext['store'],
  bucket: string,
  query: PageQuery,
  after: string | undefined,
): Promise<ObjectPage> {
  if (query.limit === 0) {
    await store.bucket(bucket);
    return { objects: [], prefixes: [] };
  }
  return store.listObjects(bucket, { ...rangeOf(query), ...(after !== undefined && { after }) });
}

function rangeOf({ prefix, delimiter, limit }: PageQuery): Omit<ListQuery, 'after'> {
  return { limit, ...(prefix !== undefined && { prefix }), ...(delimiter !== undefined && { delimiter }) };
}

export const listObjectVersions: Handler = async ({ bucket, query: parameters, rights }, { store }) => {
  const query = readPageQuery(parameters, 'max-keys');
  const keyMarker = nonEmpty(parameters.get('key-marker'));
  const versionMarker = nonEmpty(parameters.get('version-id-marker'));
  if (versionMarker !== undefined && keyMarker === undefined) {
    throw blobErrors.error('blob.invalid_argument', 'a version-id marker cannot be specified without a key marker');
  }
  const after =
    keyMarker === undefined
      ? undefined
      : { key: keyMarker, ...(versionMarker !== undefined && { versionId: versionMarker }) };
  await store.bucket(bucket);
  const page =
    query.limit === 0
      ? { versions: [], prefixes: [] }
      : await store.listVersions(bucket, { ...rangeOf(query), ...(after !== undefined && { after }) });
  const ownerOf = rights.ownerOf(rights.bucket);
  const bucketOwner = ownerOf(rights.bucket.owner);
  return xmlAnswer(listVersionsXml({ bucket, query, keyMarker, versionMarker, ownerOf, bucketOwner, page }));
};

export const listMultipartUploads: Handler = async ({ bucket, query: parameters, rights }, { store }) => {
  const query = readPageQuery(parameters, 'max-uploads');
  const keyMarker = nonEmpty(parameters.get('key-marker'));
  // Without a key marker S3 takes no notice of it.
  const uploadMarker = keyMarker === undefined ? undefined : nonEmpty(parameters.get('upload-id-marker'));
  const after =
    keyMarker === undefined
      ? undefined
      : { key: keyMarker, ...(uploadMarker !== undefined && { uploadId: uploadMarker }) };
  await store.bucket(bucket);
  const page =
    query.limit === 0
      ? { uploads: [], prefixes: [] }
      : await store.listUploads(bucket, { ...rangeOf(query), ...(after !== undefined && { after }) });
  const ownerOf = rights.ownerOf(rights.bucket);
  return xmlAnswer(listUploadsXml({ bucket, query, keyMarker, uploadMarker, ownerOf, page }));
};
