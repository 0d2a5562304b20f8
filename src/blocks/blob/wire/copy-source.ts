/** x-amz-copy-source: `/bucket/key` or `bucket/key`, percent-encoded, `?versionId=…` after it. */

import { blobErrors } from '../errors.js';
import type { ByteRange, ObjectPlace } from '../object-types.js';
import { notImplemented } from './operations.js';
import { decodePercent } from './request-target.js';

/** Errors: `blob.invalid_argument`, `blob.invalid_request`, `blob.not_implemented`. */
export function parseCopySource(header: string): ObjectPlace {
  const [path = '', versionId] = header.split(/\?versionId=(.*)/s);
  const decoded = decodePercent(path).replace(/^\//, '');
  if (decoded.startsWith('arn:')) throw notImplemented('copy sources by ARN');
  const slash = decoded.indexOf('/');
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  if (slash < 1 || key === '') {
    throw blobErrors.error(
      'blob.invalid_argument',
      `the copy source is to be BUCKET/KEY, not ${JSON.stringify(header.slice(0, 200))}`,
    );
  }
  if (versionId === '') throw blobErrors.error('blob.invalid_argument', 'the versionId of the copy source is empty');
  return { bucket, key, ...(versionId !== undefined && { versionId: decodePercent(versionId) }) };
}

/** x-amz-copy-source-range: first and last byte, both given. Error: `blob.invalid_argument`. */
export function parseCopyRange(header: string): ByteRange {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    throw blobErrors.error(
      'blob.invalid_argument',
      `the range of a copy source is bytes=FIRST-LAST, not ${JSON.stringify(header.slice(0, 100))}`,
    );
  }
  return { first: Number(first), last: Number(last) };
}
