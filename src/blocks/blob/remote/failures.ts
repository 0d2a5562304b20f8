/**
 * What the SDK throws, as errors of this block. S3's own code decides; an answer without a body (to HEAD) has only its status; what has no
 * answer at all was the network's.
 */
import type { ErrorDetail } from '../../../platform/errors.js';
import { DsError, messageOf } from '../../../platform/errors.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import { blobErrors } from '../errors.js';
import { bucketExists, noSuchBucket, noSuchKey } from '../rules/absent.js';
import { ownCodeOf } from '../wire/s3-errors.js';
import { networkFailure } from './network-failures.js';

type Code = keyof typeof blobErrors.definitions;

/** Codes of S3 and its imitators that say something else to a client than the daemon has a word for. */
const CLIENT_CODES: Readonly<Record<string, Code>> = {
  AccessDenied: 'blob.access_denied',
  AllAccessDisabled: 'blob.access_denied',
  BucketAlreadyExists: 'blob.bucket_exists',
  ExpiredToken: 'blob.invalid_token',
  InvalidObjectState: 'blob.refused',
  NotFound: 'blob.no_such_key',
  OperationAborted: 'blob.conflict',
  PreconditionFailed: 'blob.precondition_failed',
  // A 5xx that is not worth trying again.
  XMinioStorageFull: 'blob.refused',
};

const STATUS_CODES: Readonly<Record<number, Code>> = {
  304: 'blob.not_modified',
  403: 'blob.access_denied',
  404: 'blob.no_such_key',
  405: 'blob.delete_marker',
  409: 'blob.conflict',
  412: 'blob.precondition_failed',
  416: 'blob.invalid_range',
};

/** What was asked for. */
interface Asked {
  readonly bucket?: string;
  readonly key?: string;
  /** A copy: the error may be about another bucket and key than these. */
  readonly isCopy: boolean;
}

/** What an operation was about, for messages; and what it would be told by a word of its own. */
export interface FailureContext {
  readonly endpoint: string;
  /** `bucket/key`, as people write it. */
  readonly place: string;
  /** Of the command: what it asked for. */
  readonly input?: object;
  readonly signal?: AbortSignal | undefined;
}

/** As {@link DsError}; one that is one already, such as of a body, is left as it is. */
export function translateFailure(error: unknown, { endpoint, place, input, signal }: FailureContext): unknown {
  if (error instanceof DsError) return error;
  if (signal?.aborted) return signal.reason;
  const status = statusOf(error);
  if (status === undefined) return networkFailure(error, endpoint);
  const s3Code = error instanceof Error ? error.name : '';
  const code = codeFor(error, s3Code, status);
  const asked = askedFor(input);
  const answer = { status, s3_code: s3Code, ...requestIdOf(error) };
  const absent = absentFailure(code, error, asked, answer);
  if (absent !== undefined) return absent;
  const { isCopy, ...about } = asked;
  const details: Record<string, ErrorDetail> = { ...about, ...answer };
  const words = messageOf(error);
  if (status >= 500 && code === undefined) {
    return blobErrors.error('blob.unreachable', `${endpoint} cannot serve now: ${s3Code}, ${words}`, {
      details,
    });
  }
  // The SDK's error is no cause: the whole request hangs on it, with its signature.
  const said = saysMore(words, s3Code) ? words : s3Code;
  const name = about.key ?? about.bucket;
  const isNamed = !isCopy && name !== undefined && said.includes(name);
  return blobErrors.error(code ?? 'blob.refused', isNamed ? said : `${place}: ${said}`, {
    ...hintFor(code, answer),
    details,
  });
}

/** In the words that commands on a file have, whoever the server is. */
function absentFailure(
  code: Code | undefined,
  error: unknown,
  { bucket, key, isCopy }: Asked,
  answer: Readonly<Record<string, ErrorDetail>>,
): DsError | undefined {
  if (bucket === undefined || isCopy) return undefined;
  if (code === 'blob.no_such_bucket') return noSuchBucket(bucket, answer);
  if (answer['s3_code'] === 'BucketAlreadyOwnedByYou') return bucketExists(bucket, answer);
  if (code !== 'blob.no_such_key' || key === undefined) return undefined;
  return noSuchKey(bucket, key, { ...answer, ...(saysDeleted(error) && { delete_marker: true }) });
}

function saysDeleted(error: unknown): boolean {
  return (error as AnsweredError).$response?.headers?.['x-amz-delete-marker'] === 'true';
}

function askedFor(
  input: { readonly Bucket?: unknown; readonly Key?: unknown; readonly CopySource?: unknown } = {},
): Asked {
  const { Bucket: bucket, Key: key, CopySource: source } = input;
  return {
    ...(typeof bucket === 'string' && { bucket }),
    ...(typeof key === 'string' && { key }),
    isCopy: source !== undefined,
  };
}

function codeFor(error: unknown, s3Code: string, status: number): Code | undefined {
  if (status === 405 && saysDeleted(error)) return 'blob.delete_marker';
  return CLIENT_CODES[s3Code] ?? ownCodeOf(s3Code) ?? (isWordless(s3Code) ? STATUS_CODES[status] : undefined);
}

function hintFor(code: Code | undefined, { request_id: id }: { readonly request_id?: string }): { hint?: string } {
  if (code === 'blob.signature_does_not_match') {
    const explain = id === undefined ? '' : `; where the server is ds blob serve: ds blob explain ${quoteForShell(id)}`;
    return { hint: `is it the right secret for this access key?${explain}` };
  }
  if (code === 'blob.access_denied' || code === 'blob.invalid_access_key_id') {
    return { hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, to keys that may' };
  }
  if (code === 'blob.authorization_malformed')
    return { hint: 'is it the right region? AWS_REGION, or ?region= in the URL' };
  return {};
}

function saysMore(words: string, s3Code: string): boolean {
  return words !== '' && words !== 'UnknownError' && words !== s3Code;
}

/** What the SDK calls an error that came without a code. */
function isWordless(s3Code: string): boolean {
  return ['', 'Error', 'Unknown', 'UnknownError', 'NotModified'].includes(s3Code) || /^\d+$/.test(s3Code);
}

interface AnsweredError {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function statusOf(error: unknown): number | undefined {
  return (error as AnsweredError | undefined)?.$metadata?.httpStatusCode;
}

function requestIdOf(error: unknown): { request_id?: string } {
  const id = (error as AnsweredError).$metadata?.requestId;
  return id === undefined ? {} : { request_id: id };
}
