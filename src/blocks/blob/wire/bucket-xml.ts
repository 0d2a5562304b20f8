/** Small documents of buckets: their list, where they are, versioning, tags, and what is true of all of them. */
import type { Owner } from '../access/accounts.js';
import { blobErrors } from '../errors.js';
import type { BucketInfo, Tags, Versioning } from '../object-types.js';
import { ownerElement } from './common-xml.js';
import { notImplemented } from './operations.js';
import { s3Error } from './s3-errors.js';
import {
  allowOnly,
  childOf,
  childrenOf,
  malformed,
  readXml,
  requiredText,
  textOf,
  type XmlElement,
} from './xml-reader.js';
import { document, element, isoTime, parent } from './xml-writer.js';

/** @param owner the account that asks @param nextToken undefined on the last page */
export function listBucketsXml(
  owner: Owner,
  buckets: readonly BucketInfo[],
  { prefix, nextToken }: { readonly prefix: string | undefined; readonly nextToken: string | undefined },
): string {
  const entries = buckets.map(({ name, createdAt }) =>
    parent('Bucket', element('Name', name), element('CreationDate', isoTime(createdAt))),
  );
  return document(
    'ListAllMyBucketsResult',
    ownerElement(owner),
    parent('Buckets', ...entries),
    element('ContinuationToken', nextToken),
    element('Prefix', prefix),
  );
}

/** What a client says of a new bucket's place is read, and has to be this server's region. Errors: `blob.malformed_xml`, `blob.invalid_argument`. */
export function checkCreateBucketXml(bytes: Uint8Array, region: string): void {
  if (bytes.length === 0) return;
  const root = readXml(bytes, 'CreateBucketConfiguration');
  allowOnly(root, ['LocationConstraint', 'Tags']);
  if (childOf(root, 'Tags') !== undefined) throw notImplemented('tags at the creation of a bucket');
  const place = textOf(root, 'LocationConstraint')?.trim() ?? '';
  if (place === '' || place === region) return;
  throw s3Error(
    'blob.invalid_argument',
    'IllegalLocationConstraintException',
    `the location constraint is ${JSON.stringify(place.slice(0, 100))}, and this server's region ${region}`,
  );
}

/** `us-east-1` is the empty one, as S3 has it. */
export function locationXml(region: string): string {
  return document('LocationConstraint', region === 'us-east-1' ? '' : region);
}

const STATUS: Readonly<Record<Versioning, string | undefined>> = {
  off: undefined,
  enabled: 'Enabled',
  suspended: 'Suspended',
};

/** A bucket whose versioning was never on has no Status. */
export function versioningXml(versioning: Versioning): string {
  return document('VersioningConfiguration', element('Status', STATUS[versioning]));
}

/** Errors: `blob.malformed_xml`, `blob.not_implemented`. */
export function readVersioningXml(bytes: Uint8Array): 'enabled' | 'suspended' {
  const root = readXml(bytes, 'VersioningConfiguration');
  allowOnly(root, ['Status', 'MfaDelete']);
  if (textOf(root, 'MfaDelete')?.trim() === 'Enabled') throw notImplemented('MFA delete');
  const status = requiredText(root, 'Status').trim();
  if (status === 'Enabled') return 'enabled';
  if (status === 'Suspended') return 'suspended';
  throw malformed(`Status is ${JSON.stringify(status.slice(0, 50))}, not Enabled or Suspended`);
}

/** Errors: `blob.malformed_xml`, `blob.invalid_tag`. How many and how long the store says. */
export function readTaggingXml(bytes: Uint8Array): Tags {
  const root = readXml(bytes, 'Tagging');
  allowOnly(root, ['TagSet']);
  const set = childOf(root, 'TagSet');
  if (set === undefined) throw malformed('Tagging has no TagSet');
  allowOnly(set, ['Tag']);
  return readTags(childrenOf(set, 'Tag'));
}

/** Error: `blob.invalid_tag` for a key twice. */
export function readTags(elements: readonly XmlElement[]): Tags {
  const tags = new Map<string, string>();
  for (const tag of elements) {
    allowOnly(tag, ['Key', 'Value']);
    const key = requiredText(tag, 'Key');
    if (tags.has(key)) throw blobErrors.error('blob.invalid_tag', `tag ${JSON.stringify(key)} is given twice`);
    tags.set(key, requiredText(tag, 'Value'));
  }
  return Object.fromEntries(tags);
}

/** Sorted by key, so that it is the same each time. */
export function taggingXml(tags: Tags): string {
  const sorted = Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1));
  const entries = sorted.map(([key, value]) => parent('Tag', element('Key', key), element('Value', value)));
  return document('Tagging', parent('TagSet', ...entries));
}

/** Documents that S3 has of a bucket for which nothing was set. */
export const EMPTY_DOCUMENTS = {
  requestPayment: document('RequestPaymentConfiguration', element('Payer', 'BucketOwner')),
  logging: document('BucketLoggingStatus'),
  accelerate: document('AccelerateConfiguration'),
  notification: document('NotificationConfiguration'),
} as const;
