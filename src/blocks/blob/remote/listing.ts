/**
 * Lists of objects and versions. Keys come percent-encoded (encoding-type=url): XML cannot have all characters that they may. What is listed has to be in
 * order and to go on: a server that begins again would be asked for ever, and what it lists too early or leaves out `sync --delete` would take for gone.
 */
import type * as Sdk from '@aws-sdk/client-s3';
import { present } from '../../../platform/present.js';
import type { ListQuery, ObjectPage, VersionEntry, VersionListQuery, VersionPage } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { ObjectInfo } from '../object-types.js';
import { compareKeys } from '../rules/key-order.js';
import type { S3Sender } from './client.js';
import { sendForXml } from './raw-xml.js';
import { decodeKey, plainEtag } from './values.js';

/** Entries of a page, by S3. */
const MOST_ENTRIES = 1000;
/** No character comes after it. */
const LAST_CHARACTER = '\u{10ffff}';
const LONGEST_KEY_BYTES = 1024;

export async function listObjects(
  { sdk, send }: S3Sender,
  bucket: string,
  { prefix = '', delimiter, after, limit }: ListQuery,
): Promise<ObjectPage> {
  const answer = await send(
    new sdk.ListObjectsV2Command({
      Bucket: bucket,
      EncodingType: 'url',
      MaxKeys: Math.min(limit, MOST_ENTRIES),
      ...present({
        Prefix: prefix || undefined,
        Delimiter: delimiter || undefined,
        StartAfter: after === undefined ? undefined : startAfter(after, prefix, delimiter),
      }),
    }),
    bucket,
  );
  const isNew = (text: string) => after === undefined || compareKeys(text, after) > 0;
  const objects = (answer.Contents ?? []).map(objectInfo);
  checkOrder(bucket, [...(after === undefined ? [] : [after]), ...objects.map(({ key }) => key)]);
  const listed = (answer.CommonPrefixes ?? []).map(({ Prefix }) => decodeKey(Prefix));
  const next = answer.IsTruncated === true ? lastOf([objects.at(-1)?.key, listed.at(-1)]) : undefined;
  if (answer.IsTruncated === true && (next === undefined || !isNew(next))) throw goesNotOn(bucket);
  return { objects, prefixes: listed.filter(isNew), ...(next === undefined ? {} : { next }) };
}

function checkOrder(bucket: string, keys: readonly string[]): void {
  const at = keys.findIndex((key, index) => index > 0 && compareKeys(keys[index - 1] ?? '', key) >= 0);
  if (at < 0) return;
  const [before, key] = [keys[at - 1], keys[at]].map((text) => JSON.stringify(text));
  throw blobErrors.error(
    'blob.refused',
    `the list of ${bucket} is not in the order of S3: ${key} comes after ${before}`,
  );
}

function goesNotOn(bucket: string) {
  return blobErrors.error('blob.refused', `the list of ${bucket} is said to have more, and does not go on`);
}

/** After a common prefix is after all keys that it stands for: S3 would roll the next of them up into it again. */
function startAfter(after: string, prefix: string, delimiter: string | undefined): string {
  const rolledUp = delimiter && after.endsWith(delimiter) && after.length > prefix.length && after.startsWith(prefix);
  const past = after + LAST_CHARACTER;
  return rolledUp && Buffer.byteLength(past) <= LONGEST_KEY_BYTES ? past : after;
}

function objectInfo({ Key, Size, ETag, LastModified }: Sdk._Object): ObjectInfo {
  return { key: decodeKey(Key), size: Size ?? 0, etag: plainEtag(ETag), modifiedAt: LastModified?.getTime() ?? 0 };
}

function lastOf(texts: readonly (string | undefined)[]): string | undefined {
  return texts
    .filter((text) => text !== undefined)
    .sort(compareKeys)
    .at(-1);
}

export async function listVersions(
  sender: S3Sender,
  bucket: string,
  { prefix, delimiter, after, limit }: VersionListQuery,
): Promise<VersionPage> {
  const { answer, xml } = await sendForXml(
    sender,
    new sender.sdk.ListObjectVersionsCommand({
      Bucket: bucket,
      EncodingType: 'url',
      MaxKeys: Math.min(limit, MOST_ENTRIES),
      ...present({
        Prefix: prefix || undefined,
        Delimiter: delimiter || undefined,
        KeyMarker: after?.key,
        VersionIdMarker: after?.versionId,
      }),
    }),
    bucket,
  );
  const { IsTruncated, NextKeyMarker, NextVersionIdMarker, CommonPrefixes } = answer;
  const next = IsTruncated === true && NextKeyMarker !== undefined ? { key: decodeKey(NextKeyMarker) } : undefined;
  if (IsTruncated === true && !isAfter(next?.key, NextVersionIdMarker, after)) throw goesNotOn(bucket);
  return {
    versions: inOrder(answer.Versions ?? [], answer.DeleteMarkers ?? [], xml),
    prefixes: (CommonPrefixes ?? []).map(({ Prefix }) => decodeKey(Prefix)),
    ...(next === undefined ? {} : { next: { ...next, ...present({ versionId: NextVersionIdMarker || undefined }) } }),
  };
}

/** Within one key versions have no order that a client could tell. */
function isAfter(key: string | undefined, versionId: string | undefined, after: VersionListQuery['after']): boolean {
  if (key === undefined || after === undefined) return key !== undefined;
  return compareKeys(key, after.key) > 0 || (key === after.key && (versionId || undefined) !== after.versionId);
}

/** The SDK has versions and delete markers apart. How they follow each other only the document tells: by the names of its elements. */
function inOrder(
  versions: readonly Sdk.ObjectVersion[],
  markers: readonly Sdk.DeleteMarkerEntry[],
  xml: string,
): VersionEntry[] {
  const nextVersion = versions.values();
  const nextMarker = markers.values();
  const entries: VersionEntry[] = [];
  for (const [, name] of xml.matchAll(/<(Version|DeleteMarker)>/g)) {
    const entry = name === 'Version' ? nextVersion.next().value : nextMarker.next().value;
    if (entry !== undefined) entries.push(versionEntry(entry));
  }
  return entries;
}

function versionEntry(entry: Sdk.ObjectVersion | Sdk.DeleteMarkerEntry): VersionEntry {
  return {
    key: decodeKey(entry.Key),
    versionId: entry.VersionId ?? 'null',
    isLatest: entry.IsLatest === true,
    modifiedAt: entry.LastModified?.getTime() ?? 0,
    ...('ETag' in entry ? { object: { size: entry.Size ?? 0, etag: plainEtag(entry.ETag) } } : {}),
  };
}
