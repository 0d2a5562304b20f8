/** Parameters that all list operations have in common. */
import { blobErrors } from '../errors.js';
import type { Query } from './request-target.js';

export interface PageQuery {
  /** What the answer calls the bucket. */
  readonly bucketElement: 'Name' | 'Bucket';
  readonly prefix: string | undefined;
  /** Undefined where there is none or an empty one. */
  readonly delimiter: string | undefined;
  readonly limit: number;
  readonly urlEncoded: boolean;
}

const MOST_ENTRIES = 1_000;

/** `limitName`: `max-keys`. Error: `blob.invalid_argument`. */
export function readPageQuery(query: Query, limitName: string): PageQuery {
  return {
    bucketElement: limitName === 'max-uploads' ? 'Bucket' : 'Name',
    prefix: nonEmpty(query.get('prefix')),
    delimiter: nonEmpty(query.get('delimiter')),
    limit: readLimit(query, limitName),
    urlEncoded: readEncoding(query),
  };
}

/** 0 to `most`; larger ones mean `most`, as with S3. */
export function readLimit(query: Query, name: string, most = MOST_ENTRIES): number {
  const text = query.get(name);
  if (text === undefined || text === '') return most;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw blobErrors.error(
      'blob.invalid_argument',
      `${name} ${JSON.stringify(text.slice(0, 100))} is not from 0 to 2147483647`,
    );
  }
  return Math.min(Number(text), most);
}

/** Whether keys are to be escaped. Error: `blob.invalid_argument` for another encoding than `url`. */
export function readEncoding(query: Query): boolean {
  const text = query.get('encoding-type');
  if (text === undefined || text === '') return false;
  if (text.toLowerCase() === 'url') return true;
  throw blobErrors.error('blob.invalid_argument', `encoding-type ${JSON.stringify(text.slice(0, 100))} is not url`);
}

/** S3 takes an empty parameter for none. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Opaque to clients, and good for every key. */
export function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** Error: `blob.invalid_argument` for what {@link writeToken} did not write. */
export function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token !== '' && writeToken(key) === token) return key;
  throw blobErrors.error('blob.invalid_argument', 'the continuation token provided is incorrect');
}
