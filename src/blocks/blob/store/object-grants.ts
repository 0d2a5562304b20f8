/** Whose an object is, and to whom it is open: told and changed. */
import type { Acl, Grants } from '../access/acl.js';
import type { BucketGrants, Permit } from '../access/bucket-grants.js';
import type { ObjectPlace } from '../object-types.js';
import { checkKey } from '../rules/key.js';
import { decodeAttributes, decodeGrantsOf, encodeAttributes } from './attributes.js';
import { decodeGrants } from './bucket-grants.js';
import type { StoreParts } from './parts.js';
import { toldVersion } from './rows.js';

export async function objectGrants(
  { buckets, file, versions }: StoreParts,
  place: ObjectPlace,
  permit: Permit,
): Promise<{ readonly grants: Grants; readonly versionId?: string }> {
  checkKey(place.key);
  return file.view(() => {
    const bucket = buckets.find(place.bucket);
    const row = versions.findReadable(bucket, place.key, place.versionId);
    const grants = decodeGrantsOf(row.attributes);
    permit(grants, decodeGrants(bucket.grants));
    return { grants, ...toldVersion(bucket, row.version_id) };
  });
}

/** `change` is told what there is; what it throws leaves that. */
export async function changeObjectAcl(
  { buckets, versions, writes }: StoreParts,
  place: ObjectPlace,
  change: (object: Grants, bucket: BucketGrants) => Acl | undefined,
): Promise<{ readonly versionId?: string }> {
  checkKey(place.key);
  return writes.run(() => {
    const bucket = buckets.findWritable(place.bucket);
    const row = versions.findReadable(bucket, place.key, place.versionId);
    const { grants = {}, ...others } = decodeAttributes(row.attributes);
    const changed = { owner: grants.owner, acl: change(grants, decodeGrants(bucket.grants)) };
    versions.setAttributes(bucket, { row, isCurrent: row.isCurrent }, encodeAttributes({ ...others, grants: changed }));
    return toldVersion(bucket, row.version_id);
  });
}
