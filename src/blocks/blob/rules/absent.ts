/** What is told of buckets and objects that are not there, or are there already: in the same words by file and by URL, each with what to do. */
import type { DsError, ErrorDetail } from '../../../platform/errors.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import { blobErrors } from '../errors.js';
import { bucketNameProblem } from './bucket-name.js';

type Details = Readonly<Record<string, ErrorDetail>>;

export function noSuchBucket(name: string, details: Details = {}): DsError {
  const make = bucketNameProblem(name) === undefined ? `, or make it: ds blob bucket create ${name}` : '';
  return blobErrors.error('blob.no_such_bucket', `there is no bucket ${JSON.stringify(name)}`, {
    hint: `see those that there are: ds blob list${make}`,
    details: { bucket: name, ...details },
  });
}

export function bucketExists(name: string, details: Details = {}): DsError {
  return blobErrors.error('blob.bucket_exists', `there is a bucket ${name} already`, {
    hint: `see what is in it: ds blob list ${name}; ds blob bucket create has --if-missing`,
    details: { bucket: name, ...details },
  });
}

/** @param details with `delete_marker: true` where the newest version is one */
export function noSuchKey(bucket: string, key: string, details: Details = {}): DsError {
  const place = quoteForShell(`${bucket}/${key}`);
  const hint = details['delete_marker'] === true && `it was deleted; what there was before: ds blob versions ${place}`;
  return blobErrors.error('blob.no_such_key', `there is no object ${JSON.stringify(key)} in bucket ${bucket}`, {
    ...(hint !== false && { hint }),
    details: { bucket, key, ...details },
  });
}
