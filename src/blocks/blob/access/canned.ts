/** Canned ACLs: lists that S3 has a name for (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl). */
import { type Acl, ALL_USERS, AUTHENTICATED_USERS, type Grant, normalAcl, THE_OWNER } from './acl.js';

export const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;
export type CannedAcl = (typeof CANNED_ACLS)[number];

/** What a request asks for: by name, or grant by grant. */
export type AskedAcl = { readonly canned: CannedAcl } | { readonly acl: Acl };

const OWNS: Grant = [THE_OWNER, 'FULL_CONTROL'];

/** What is asked for as it is stored with something of `owner`. The two for the owner of the bucket are private ones of a bucket. */
export function storedAcl(asked: AskedAcl | undefined, owner: string, bucketOwner: string): Acl | undefined {
  if (asked === undefined) return undefined;
  return normalAcl('acl' in asked ? asked.acl : grantsOf(asked.canned, bucketOwner), owner);
}

function grantsOf(canned: CannedAcl, bucketOwner: string): Acl {
  switch (canned) {
    case 'private':
      return [OWNS];
    case 'public-read':
      return [[ALL_USERS, 'READ'], OWNS];
    case 'public-read-write':
      return [[ALL_USERS, 'READ'], [ALL_USERS, 'WRITE'], OWNS];
    case 'authenticated-read':
      return [[AUTHENTICATED_USERS, 'READ'], OWNS];
    case 'bucket-owner-read':
      return [OWNS, [`@${bucketOwner}`, 'READ']];
    case 'bucket-owner-full-control':
      return [OWNS, [`@${bucketOwner}`, 'FULL_CONTROL']];
  }
}
