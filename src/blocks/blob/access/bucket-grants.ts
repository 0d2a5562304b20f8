/** What a bucket says of who may, beyond its list: which public grants count, and whose its objects are. */
import type { Grants } from './acl.js';

/** S3's public access block. Two of the four are about policies, of which there are none yet: they are kept, and have no effect. */
export interface PublicAccessBlock {
  /** Public grants are refused from now on. */
  readonly blockPublicAcls: boolean;
  /** Public grants that there are do not count. */
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export const OBJECT_OWNERSHIPS = ['ObjectWriter', 'BucketOwnerPreferred', 'BucketOwnerEnforced'] as const;

/**
 * Whose an object is that another account writes into the bucket:
 *
 *     ObjectWriter           the account's; so it is where nothing is said
 *     BucketOwnerPreferred   the bucket's owner's, where the writer grants it full control
 *     BucketOwnerEnforced    the bucket's owner's, as all others in it; lists do not count
 */
export type ObjectOwnership = (typeof OBJECT_OWNERSHIPS)[number];

export interface BucketGrants extends Grants {
  readonly publicAccessBlock?: PublicAccessBlock | undefined;
  readonly objectOwnership?: ObjectOwnership | undefined;
}

/** Judges the very version of an object that is about to be read, before anything else is said of it: throws where it may not be. */
export type Permit = (object: Grants, bucket: BucketGrants) => void;

/** Judges a write into a bucket, in the transaction that writes, and says whose the new object is, and to whom it is open. */
export type Own = (bucket: BucketGrants) => Grants;
