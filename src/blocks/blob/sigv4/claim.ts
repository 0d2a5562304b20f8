/**
 * What a request says of who signed it, and how: in the header Authorization, or in the query of a presigned URL. Only read here;
 * authenticate.ts judges.
 */
import type { DsError } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';
import { type QueryPair, queryPairs } from './canonical.js';
import { dateHeader, parseDate } from './dates.js';
import type { RequestHead } from './head.js';
import { ALGORITHM, type Scope } from './signature.js';

export type SignatureForm = 'header' | 'query';

export interface Claim {
  readonly form: SignatureForm;
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** In lower case, in the order that they are named in. */
  readonly signedHeaders: readonly string[];
  /** In hex. */
  readonly signature: string;
  /** `20130524T000000Z`. */
  readonly dateTime: string;
  /** The same, in milliseconds since the epoch. */
  readonly signedAt: number;
  /** Of a presigned URL. */
  readonly expiresSeconds?: number;
  /** The query, without the signature. */
  readonly pairs: readonly QueryPair[];
  /** What x-amz-content-sha256 says, or X-Amz-Content-Sha256 of a query. */
  readonly payload: string | undefined;
  readonly sessionToken: boolean;
}

/** A week, which is the longest that S3 allows. */
export const LONGEST_EXPIRY_SECONDS = 604_800;

const HEADER_PARTS = new Set(['Credential', 'SignedHeaders', 'Signature']);
const SIGNATURE = /^[0-9a-f]{64}$/;
const HEADER_NAMES = /^[a-z0-9!#$%&'*+\-.^_`|~]+(?:;[a-z0-9!#$%&'*+\-.^_`|~]+)*$/;

/** `blob.invalid_argument` for both forms at once, `blob.invalid_request` for Signature Version 2. */
function formOf(authorization: string | undefined, pairs: readonly QueryPair[]): SignatureForm | 'none' {
  const presigned = pairs.some(
    ([name]) => name === 'X-Amz-Signature' || name === 'X-Amz-Credential' || name === 'X-Amz-Algorithm',
  );
  const old = pairs.some(([name]) => name === 'AWSAccessKeyId');
  if (authorization !== undefined && (presigned || old)) {
    throw blobErrors.error(
      'blob.invalid_argument',
      'credentials stand both in the header Authorization and in the query',
      {
        hint: 'send one of them',
      },
    );
  }
  if (old || authorization?.startsWith('AWS ') === true) {
    throw blobErrors.error('blob.invalid_request', 'signatures of version 2 are not supported', {
      hint: `please use ${ALGORITHM}: in s3cmd signature_v2 = False, in botocore signature_version = s3v4`,
    });
  }
  if (authorization !== undefined) return 'header';
  return presigned ? 'query' : 'none';
}

/** Undefined where the request is not signed. `blob.authorization_malformed`, and as {@link formOf}. */
export function readClaim(head: RequestHead): Claim | undefined {
  const pairs = queryPairs(head.query);
  // An empty one says nothing.
  const authorization = head.headers.get('authorization')?.trim() || undefined;
  const form = formOf(authorization, pairs);
  if (form === 'query') return readQuery(head, pairs);
  return authorization === undefined ? undefined : readHeader(head, authorization, pairs);
}

function readHeader(head: RequestHead, authorization: string, pairs: readonly QueryPair[]): Claim {
  const blank = authorization.indexOf(' ');
  checkAlgorithm('header', blank < 0 ? authorization : authorization.slice(0, blank));
  const parts = new Map<string, string>();
  for (const part of authorization.slice(blank + 1).split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (!HEADER_PARTS.has(name) || parts.has(name)) {
      throw malformed('header', `the header Authorization has ${JSON.stringify(name)} where it should not be`);
    }
    parts.set(name, part.slice(equals + 1).trim());
  }
  const part = (name: string) => parts.get(name) ?? missing('header', `the header Authorization has no ${name}`);
  return {
    form: 'header',
    ...readCredential('header', part('Credential')),
    signedHeaders: readSignedHeaders('header', part('SignedHeaders')),
    signature: readSignature('header', part('Signature')),
    ...readDateOfHeaders(head),
    pairs,
    payload: head.headers.get('x-amz-content-sha256'),
    sessionToken: head.headers.has('x-amz-security-token'),
  };
}

type ClaimDate = Pick<Claim, 'dateTime' | 'signedAt'>;

function readDateOfHeaders({ headers }: RequestHead): ClaimDate {
  const own = headers.get('x-amz-date');
  if (own !== undefined) return readDate('header', own);
  const common = headers.get('date');
  if (common === undefined) {
    throw blobErrors.error('blob.access_denied', 'a signed request needs a date: x-amz-date, or Date');
  }
  return readDate('header', dateHeader(common) ?? common);
}

function readQuery(head: RequestHead, pairs: readonly QueryPair[]): Claim {
  const parts = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!name.startsWith('X-Amz-')) continue;
    if (parts.has(name)) throw malformed('query', `${name} stands twice in the query`);
    parts.set(name, unescapeBytes(value));
  }
  const part = (name: string) => parts.get(name) ?? missing('query', `the query has no ${name}`);
  checkAlgorithm('query', part('X-Amz-Algorithm'));
  return {
    form: 'query',
    ...readCredential('query', part('X-Amz-Credential')),
    signedHeaders: readSignedHeaders('query', part('X-Amz-SignedHeaders')),
    signature: readSignature('query', part('X-Amz-Signature')),
    ...readDate('query', part('X-Amz-Date')),
    expiresSeconds: readExpiry(part('X-Amz-Expires')),
    pairs: pairs.filter(([name]) => name !== 'X-Amz-Signature'),
    payload: head.headers.get('x-amz-content-sha256') ?? parts.get('X-Amz-Content-Sha256'),
    sessionToken: parts.has('X-Amz-Security-Token') || head.headers.has('x-amz-security-token'),
  };
}

/** To a byte string. */
function unescapeBytes(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function checkAlgorithm(form: SignatureForm, algorithm: string): void {
  if (algorithm === ALGORITHM) return;
  if (/^AWS4-ECDSA/.test(algorithm)) {
    throw blobErrors.error('blob.not_implemented', `signatures by ${algorithm} are not supported`, {
      hint: `please use ${ALGORITHM}`,
    });
  }
  if (form === 'query')
    throw malformed('query', `X-Amz-Algorithm is ${JSON.stringify(algorithm)} instead of ${ALGORITHM}`);
  throw blobErrors.error('blob.invalid_argument', `the header Authorization is not of ${ALGORITHM}`, {
    hint: `please use ${ALGORITHM}`,
  });
}

function readCredential(form: SignatureForm, text: string): Pick<Claim, 'accessKeyId' | 'scope'> {
  const parts = text.split('/');
  const [day = '', region = '', service = '', end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (accessKeyId !== '' && end === 'aws4_request') return { accessKeyId, scope: { day, region, service } };
  throw malformed(
    form,
    `the credential ${JSON.stringify(text)} is not of the form KEY/YYYYMMDD/REGION/SERVICE/aws4_request`,
  );
}

function readSignedHeaders(form: SignatureForm, text: string): readonly string[] {
  if (HEADER_NAMES.test(text)) return text.split(';');
  throw malformed(
    form,
    `the signed headers are not names in lower case with semicolons between: ${JSON.stringify(text)}`,
  );
}

function readSignature(form: SignatureForm, text: string): string {
  if (SIGNATURE.test(text)) return text;
  throw malformed(form, 'the signature is not 64 hexadecimal digits in lower case');
}

function readDate(form: SignatureForm, dateTime: string): ClaimDate {
  const signedAt = parseDate(dateTime);
  if (signedAt !== undefined) return { dateTime, signedAt };
  throw malformed(form, `the date is not of the form YYYYMMDDTHHMMSSZ: ${JSON.stringify(dateTime)}`);
}

function readExpiry(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST_EXPIRY_SECONDS) return seconds;
  throw malformed('query', `X-Amz-Expires is ${JSON.stringify(text)}, not 1 to ${LONGEST_EXPIRY_SECONDS} seconds`);
}

/** `details.form` tells the two codes apart that S3 has for it. */
export function malformed(
  form: SignatureForm,
  message: string,
  details: Readonly<Record<string, string>> = {},
): DsError {
  return blobErrors.error('blob.authorization_malformed', message, { details: { form, ...details } });
}

function missing(form: SignatureForm, message: string): never {
  throw malformed(form, message);
}
