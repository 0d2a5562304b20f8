/** What goes with a bucket that is deleted. */
import { blobErrors } from '../errors.js';
import type { StoreParts } from './parts.js';
import type { BucketRow } from './rows.js';
import { dropAllObjects } from './snapshots.js';
import { UPLOAD_COLUMNS, type UploadRow } from './upload-rows.js';
import type { Uploads } from './uploads.js';

/**
 * Within a transaction. Uploads under way are aborted, as S3 does; nobody was promised anything of them. A snapshot goes with its objects, since
 * they cannot be deleted one by one. Error: `blob.bucket_not_empty`.
 */
export function removeBucket(parts: StoreParts, uploads: Uploads, bucket: BucketRow): void {
  if (bucket.snapshot_of === null) checkEmpty(parts, bucket);
  else dropAllObjects(parts, bucket);
  const open = parts.file
    .statement<[number], UploadRow>(`SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ?`)
    .all(bucket.id);
  for (const upload of open) uploads.drop(upload);
  parts.buckets.remove(bucket);
}

function checkEmpty({ buckets }: StoreParts, bucket: BucketRow): void {
  const { objects, versions } = buckets.counts(bucket);
  if (objects + versions === 0) return;
  throw blobErrors.error(
    'blob.bucket_not_empty',
    `bucket ${bucket.name} has ${objects} objects, and ${versions} older versions and delete markers`,
    {
      hint: `delete them first: ds blob delete ${bucket.name}/ --recursive${versions > 0 ? ' --all-versions' : ''}`,
      details: { bucket: bucket.name, objects, versions },
    },
  );
}
