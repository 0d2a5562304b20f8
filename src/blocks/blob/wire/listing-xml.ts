/** The answers of the list operations (ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, ListParts). */
import type { Owner } from '../access/accounts.js';
import type { ObjectPage, PartPage, UploadPage, VersionEntry, VersionPage } from '../blob-store.js';
import type { ObjectInfo } from '../object-types.js';
import { checksumKind, checksumValue, type OwnerOf, ownerElement, quoted } from './common-xml.js';
import type { PageQuery } from './page-query.js';
import { document, element, isoTime, parent } from './xml-writer.js';

/** Writes keys as the client wants them. */
type Encode = (text: string) => string;

/** `?encoding-type=url`: unreserved characters and the slash stay, everything else is escaped byte by byte. */
export function encodeKeyForUrl(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');
}

function encoder({ urlEncoded }: PageQuery): Encode {
  return urlEncoded ? encodeKeyForUrl : (text) => text;
}

function optionalKey(encode: Encode, name: string, key: string | undefined): string {
  return element(name, key === undefined ? undefined : encode(key));
}

/** What every list says of the question. */
function question(bucket: string, query: PageQuery, encode: Encode): string {
  return (
    element(query.bucketElement, bucket) +
    element('Prefix', encode(query.prefix ?? '')) +
    optionalKey(encode, 'Delimiter', query.delimiter) +
    (query.urlEncoded ? element('EncodingType', 'url') : '')
  );
}

function prefixes(page: { readonly prefixes: readonly string[] }, encode: Encode): string {
  return page.prefixes.map((prefix) => parent('CommonPrefixes', element('Prefix', encode(prefix)))).join('');
}

export interface ListV1 {
  readonly bucket: string;
  readonly query: PageQuery;
  readonly marker: string | undefined;
  readonly ownerOf: OwnerOf;
  readonly page: ObjectPage;
}

/** ListObjects, the first version of it: goes on by a key. */
export function listObjectsXml({ bucket, query, marker, ownerOf, page }: ListV1): string {
  const encode = encoder(query);
  return document(
    'ListBucketResult',
    question(bucket, query, encode),
    element('Marker', encode(marker ?? '')),
    // Without a delimiter the last key is where to go on, and S3 does not say it again.
    query.delimiter === undefined ? '' : optionalKey(encode, 'NextMarker', page.next),
    element('MaxKeys', query.limit),
    element('IsTruncated', page.next !== undefined),
    ...page.objects.map((object) => entry(object, encode, ownerOf)),
    prefixes(page, encode),
  );
}

export interface ListV2 {
  readonly bucket: string;
  readonly query: PageQuery;
  readonly token: string | undefined;
  readonly startAfter: string | undefined;
  readonly nextToken: string | undefined;
  /** Absent: owners are not told. */
  readonly ownerOf: OwnerOf | undefined;
  readonly page: ObjectPage;
}

/** ListObjectsV2: goes on by a token. */
export function listObjectsV2Xml(list: ListV2): string {
  const { bucket, query, page } = list;
  const encode = encoder(query);
  return document(
    'ListBucketResult',
    question(bucket, query, encode),
    element('MaxKeys', query.limit),
    element('KeyCount', page.objects.length + page.prefixes.length),
    element('IsTruncated', page.next !== undefined),
    element('ContinuationToken', list.token),
    element('NextContinuationToken', list.nextToken),
    optionalKey(encode, 'StartAfter', list.startAfter),
    ...page.objects.map((object) => entry(object, encode, list.ownerOf)),
    prefixes(page, encode),
  );
}

function entry(object: ObjectInfo, encode: Encode, ownerOf: OwnerOf | undefined): string {
  return parent(
    'Contents',
    element('Key', encode(object.key)),
    element('LastModified', isoTime(object.modifiedAt)),
    element('ETag', quoted(object.etag)),
    checksumKind(object.checksum),
    element('Size', object.size),
    ownerOf === undefined ? '' : ownerElement(ownerOf(object.owner)),
    element('StorageClass', 'STANDARD'),
  );
}

export interface ListVersions {
  readonly bucket: string;
  readonly query: PageQuery;
  readonly keyMarker: string | undefined;
  readonly versionMarker: string | undefined;
  readonly ownerOf: OwnerOf;
  readonly bucketOwner: Owner;
  readonly page: VersionPage;
}

/** ListObjectVersions. Delete markers have the owner of the bucket. */
export function listVersionsXml(list: ListVersions): string {
  const { bucket, query, keyMarker, versionMarker, page } = list;
  const encode = encoder(query);
  return document(
    'ListVersionsResult',
    question(bucket, query, encode),
    element('KeyMarker', encode(keyMarker ?? '')),
    element('VersionIdMarker', versionMarker ?? ''),
    optionalKey(encode, 'NextKeyMarker', page.next?.key),
    element('NextVersionIdMarker', page.next?.versionId),
    element('MaxKeys', query.limit),
    element('IsTruncated', page.next !== undefined),
    ...page.versions.map((version) => versionEntry(version, encode, list)),
    prefixes(page, encode),
  );
}

function versionEntry(version: VersionEntry, encode: Encode, { ownerOf, bucketOwner }: ListVersions): string {
  const { object } = version;
  const common =
    element('Key', encode(version.key)) +
    element('VersionId', version.versionId) +
    element('IsLatest', version.isLatest) +
    element('LastModified', isoTime(version.modifiedAt));
  if (object === undefined) return parent('DeleteMarker', common, ownerElement(bucketOwner));
  return parent(
    'Version',
    common,
    element('ETag', quoted(object.etag)),
    checksumKind(object.checksum),
    element('Size', object.size),
    element('StorageClass', 'STANDARD'),
    ownerElement(ownerOf(object.owner)),
  );
}

export interface ListUploads {
  readonly bucket: string;
  readonly query: PageQuery;
  readonly keyMarker: string | undefined;
  readonly uploadMarker: string | undefined;
  readonly ownerOf: OwnerOf;
  readonly page: UploadPage;
}

/** ListMultipartUploads. */
export function listUploadsXml({ bucket, query, keyMarker, uploadMarker, ownerOf, page }: ListUploads): string {
  const encode = encoder(query);
  return document(
    'ListMultipartUploadsResult',
    question(bucket, query, encode),
    element('KeyMarker', encode(keyMarker ?? '')),
    element('UploadIdMarker', uploadMarker ?? ''),
    optionalKey(encode, 'NextKeyMarker', page.next?.key),
    element('NextUploadIdMarker', page.next?.uploadId),
    element('MaxUploads', query.limit),
    element('IsTruncated', page.next !== undefined),
    ...page.uploads.map((upload) =>
      parent(
        'Upload',
        element('Key', encode(upload.key)),
        element('UploadId', upload.uploadId),
        ownerElement(ownerOf(upload.owner), 'Initiator'),
        ownerElement(ownerOf(upload.owner)),
        element('StorageClass', 'STANDARD'),
        element('Initiated', isoTime(upload.startedAt)),
        checksumKind(upload.checksum),
      ),
    ),
    prefixes(page, encode),
  );
}

export interface ListParts {
  readonly page: PartPage;
  readonly after: number;
  readonly limit: number;
  readonly urlEncoded: boolean;
  readonly ownerOf: OwnerOf;
}

/** ListParts. `NextPartNumberMarker` is there on the last page, too, as with S3. */
export function listPartsXml({ page, after, limit, urlEncoded, ownerOf }: ListParts): string {
  const { upload } = page;
  const owner = ownerOf(upload.owner);
  return document(
    'ListPartsResult',
    element('Bucket', upload.bucket),
    element('Key', urlEncoded ? encodeKeyForUrl(upload.key) : upload.key),
    element('UploadId', upload.uploadId),
    element('PartNumberMarker', after),
    element('NextPartNumberMarker', page.next ?? page.parts.at(-1)?.partNumber ?? 0),
    element('MaxParts', limit),
    element('IsTruncated', page.next !== undefined),
    ...page.parts.map((part) =>
      parent(
        'Part',
        element('PartNumber', part.partNumber),
        element('LastModified', isoTime(part.modifiedAt)),
        element('ETag', quoted(part.etag)),
        element('Size', part.size),
        checksumValue(part.checksum),
      ),
    ),
    ownerElement(owner, 'Initiator'),
    ownerElement(owner),
    element('StorageClass', 'STANDARD'),
    checksumKind(upload.checksum),
  );
}
