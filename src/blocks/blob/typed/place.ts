/**
 * Places as they are typed:
 *
 *     BUCKET   BUCKET/   BUCKET/KEY   s3://BUCKET/KEY
 *
 * A key is all that comes after the first slash, as it stands: it may have slashes at its ends, dots, and any other character.
 */

import { blobErrors } from '../errors.js';
import type { KeyPlace, ObjectPlace } from '../object-types.js';

const SCHEME = 's3://';

interface Halves {
  readonly bucket: string;
  /** Undefined where there is no slash. */
  readonly rest: string | undefined;
}

function split(typed: string): Halves {
  const text = typed.startsWith(SCHEME) ? typed.slice(SCHEME.length) : typed;
  const slash = text.indexOf('/');
  const bucket = slash < 0 ? text : text.slice(0, slash);
  if (bucket === '') {
    throw blobErrors.error('blob.invalid_bucket_name', `${JSON.stringify(typed)} has no bucket`, {
      hint: 'write BUCKET/KEY: photos/2026/cat.jpg',
    });
  }
  return { bucket, rest: slash < 0 ? undefined : text.slice(slash + 1) };
}

/** An object. Errors: `blob.invalid_key` where only a bucket is named, `blob.invalid_bucket_name`. */
export function readPlace(typed: string, versionId?: string): ObjectPlace {
  const { bucket, rest } = split(typed);
  if (!rest) {
    throw blobErrors.error('blob.invalid_key', `${JSON.stringify(typed)} is a bucket, and no object in it`, {
      hint: `write BUCKET/KEY: ${bucket}/KEY`,
    });
  }
  return { bucket, key: rest, ...(versionId === undefined ? {} : { versionId }) };
}

/** A bucket. Errors: `blob.invalid_bucket_name`, also for what names an object. */
export function readBucket(typed: string): string {
  const { bucket, rest } = split(typed);
  if (!rest) return bucket;
  throw blobErrors.error('blob.invalid_bucket_name', `${JSON.stringify(typed)} is an object, and no bucket`, {
    hint: `write only the bucket: ${bucket}`,
  });
}

export interface BucketPrefix {
  readonly bucket: string;
  /** Empty for the whole bucket. */
  readonly prefix: string;
}

/** A bucket, or what begins alike in it. Error: `blob.invalid_bucket_name`. */
export function readBucketPrefix(typed: string): BucketPrefix {
  const { bucket, rest = '' } = split(typed);
  return { bucket, prefix: rest };
}

/**
 * Whether it names a folder of this machine where a bucket could stand, too: one that begins with a dot or a slash, as `.`, `./photos`,
 * `../photos` and `/srv/photos` do. No bucket does.
 */
export function isTypedFolder(typed: string): boolean {
  return /^(?:\.|\/)/.test(typed);
}

/** As messages call it, and as it can be typed again. */
export function sayPlace({ bucket, key }: KeyPlace): string {
  return `${bucket}/${key}`;
}
