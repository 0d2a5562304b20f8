/**
 * Whose a bucket is and to whom it is open, as JSON in one column; NULL where it is private and the store's owner's:
 *
 *     {"owner":"alice","acl":[["*","READ"],["=","FULL_CONTROL"]],"publicAccessBlock":{…},"objectOwnership":"ObjectWriter"}
 */
import type { BucketGrants } from '../access/bucket-grants.js';

/** Null: it is private, and the store's owner's. */
export function encodeGrants(grants: BucketGrants): string | null {
  const text = JSON.stringify(grants);
  return text === '{}' ? null : text;
}

/** Of what {@link encodeGrants} wrote. */
export function decodeGrants(text: string | null): BucketGrants {
  if (text === null) return {};
  // Written by the function above, and by nobody else.
  const grants: BucketGrants = JSON.parse(text);
  return grants;
}
