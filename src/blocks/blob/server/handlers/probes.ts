/**
 * What clients ask for before they do anything: policies, encryption, object lock. Nothing has a policy, is encrypted or
 * locked; S3 has an answer for each of these, and it is given because it is true.
 */
import { EMPTY_DOCUMENTS } from '../../wire/bucket-xml.js';
import { type S3Code, s3Error } from '../../wire/s3-errors.js';
import { type Handler, NO_CONTENT, xmlAnswer } from '../call.js';

/** S3's document of a bucket for which nothing was set. Error: `blob.no_such_bucket`. */
export function nothingIs(document: keyof typeof EMPTY_DOCUMENTS): Handler {
  return async ({ bucket }, { store }) => {
    await store.bucket(bucket);
    return xmlAnswer(EMPTY_DOCUMENTS[document]);
  };
}

/** S3's error for a bucket for which nothing was set. Errors: `blob.no_such_configuration`, `blob.no_such_bucket`. */
export function thereIsNo(code: S3Code, what: string): Handler {
  return async ({ bucket }, { store }) => {
    await store.bucket(bucket);
    throw s3Error('blob.no_such_configuration', code, `bucket ${bucket} has no ${what}`);
  };
}

export const deleteBucketPolicy: Handler = async ({ bucket }, { store }) => {
  await store.bucket(bucket);
  return NO_CONTENT;
};
