/** Conditions on reads and writes: RFC 9110, section 13, with what S3 makes of them. */
import type { ReadConditions, WriteConditions } from '../blob-store.js';
import { blobErrors } from '../errors.js';

/** What is judged of a version. */
export interface Judged {
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/**
 * Of a write of an object. `current` is undefined where there is none, or a delete marker.
 * Errors: `blob.precondition_failed`; `blob.no_such_key` for If-Match where there is nothing.
 */
export function judgeWrite(conditions: WriteConditions | undefined, current: Judged | undefined, key: string): void {
  if (conditions === undefined) return;
  if (conditions.ifMatch !== undefined && current === undefined)
    throw blobErrors.error('blob.no_such_key', `there is no object ${JSON.stringify(key)} to compare with`);
  if (current === undefined) return;
  if (conditions.ifMatch !== undefined && !matches(conditions.ifMatch, current)) throw failed('If-Match', current);
  if (conditions.ifNoneMatch !== undefined && matches(conditions.ifNoneMatch, current))
    throw failed('If-None-Match', current);
}

/** Of a delete. What is not there can be deleted under any condition, as S3 has it. Error: `blob.precondition_failed`. */
export function judgeDelete(conditions: WriteConditions | undefined, judged: Judged | undefined): void {
  if (conditions === undefined || judged === undefined) return;
  const { ifMatch, ifNoneMatch, ifModifiedAt, ifSize } = conditions;
  if (ifMatch !== undefined && !matches(ifMatch, judged)) throw failed('If-Match', judged);
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, judged)) throw failed('If-None-Match', judged);
  if (ifModifiedAt !== undefined && toSecond(ifModifiedAt) !== toSecond(judged.modifiedAt))
    throw failed('x-amz-if-match-last-modified-time', judged);
  if (ifSize !== undefined && ifSize !== judged.size) throw failed('x-amz-if-match-size', judged);
}

/**
 * If-Match counts more than If-Unmodified-Since, If-None-Match more than If-Modified-Since.
 * Errors: `blob.precondition_failed`, `blob.not_modified`.
 */
export function judgeRead(conditions: ReadConditions | undefined, judged: Judged): void {
  if (conditions === undefined) return;
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, judged)) throw failed('If-Match', judged);
  } else if (ifUnmodifiedSince !== undefined && toSecond(judged.modifiedAt) > toSecond(ifUnmodifiedSince)) {
    throw failed('If-Unmodified-Since', judged);
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, judged)) throw notModified(judged);
  } else if (ifModifiedSince !== undefined && toSecond(judged.modifiedAt) <= toSecond(ifModifiedSince)) {
    throw notModified(judged);
  }
}

/** Of the source of a copy, which is never «not modified»: S3 says `blob.precondition_failed` to all. */
export function judgeCopySource(conditions: ReadConditions | undefined, judged: Judged): void {
  if (conditions === undefined) return;
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  judgeRead(
    {
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifUnmodifiedSince === undefined ? {} : { ifUnmodifiedSince }),
    },
    judged,
  );
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, judged)) throw failed('x-amz-copy-source-if-none-match', judged);
  } else if (ifModifiedSince !== undefined && toSecond(judged.modifiedAt) <= toSecond(ifModifiedSince)) {
    throw failed('x-amz-copy-source-if-modified-since', judged);
  }
}

function matches(etags: readonly string[], { etag }: Judged): boolean {
  return etags.some((candidate) => candidate === '*' || candidate === etag);
}

function failed(condition: string, { etag }: Judged) {
  return blobErrors.error('blob.precondition_failed', `the condition ${condition} does not hold`, {
    details: { condition, etag },
  });
}

function notModified({ etag, modifiedAt }: Judged) {
  return blobErrors.error('blob.not_modified', `the object is still the one with ETag ${etag}`, {
    details: { etag, modified_at: modifiedAt },
  });
}

const toSecond = (ms: number) => Math.floor(ms / 1000);
