/** Signatures from the client's side: of a request, and of a URL that others can use without the secret. */
import { blobErrors } from '../errors.js';
import { canonicalQuery, canonicalRequest, queryPairs } from './canonical.js';
import { LONGEST_EXPIRY_SECONDS } from './claim.js';
import { formatDate } from './dates.js';
import type { RequestHead } from './head.js';
import { type ChunkSigning, UNSIGNED_PAYLOAD } from './payload.js';
import { ALGORITHM, type Scope, scopeText, signingKey, signText, stringToSign } from './signature.js';

export interface Signer {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly region: string;
  readonly nowMs: number;
}

export interface SignedRequest {
  /** To send beside those that were signed. */
  readonly headers: Readonly<Record<'x-amz-date' | 'x-amz-content-sha256' | 'authorization', string>>;
  /** What chunks of the body are signed on from. */
  readonly chunks: ChunkSigning;
}

/**
 * Signs all headers that are given, of which `host` must be one. `payload` is the SHA-256 of the body in hex, or one of the words of
 * payload.ts.
 */
export function signRequest(head: RequestHead, payload: string, signer: Signer): SignedRequest {
  const { dateTime, scope } = now(signer);
  const headers = new Map([...head.headers, ['x-amz-date', dateTime], ['x-amz-content-sha256', payload]]);
  const signedHeaders = [...headers.keys()].sort();
  const canonical = canonicalRequest(
    { ...head, headers },
    { pairs: queryPairs(head.query), signedHeaders, payloadHash: payload },
  );
  const key = signingKey(signer.secret, scope);
  const seed = signText(key, stringToSign(dateTime, scope, canonical));
  const credential = `${signer.accessKeyId}/${scopeText(scope)}`;
  return {
    headers: {
      'x-amz-date': dateTime,
      'x-amz-content-sha256': payload,
      authorization: `${ALGORITHM} Credential=${credential},SignedHeaders=${signedHeaders.join(';')},Signature=${seed}`,
    },
    chunks: { key, dateTime, scope: scopeText(scope), seed },
  };
}

/**
 * The query of a URL that does what `head` says for `expiresSeconds`; whoever uses it has to send the headers that are given here, of which
 * `host` must be one. `blob.invalid_argument` for more than a week.
 */
export function presign(head: RequestHead, expiresSeconds: number, signer: Signer): string {
  if (!Number.isInteger(expiresSeconds) || expiresSeconds < 1 || expiresSeconds > LONGEST_EXPIRY_SECONDS) {
    throw blobErrors.error('blob.invalid_argument', `a presigned URL cannot last for ${expiresSeconds} seconds`, {
      hint: `1 to ${LONGEST_EXPIRY_SECONDS} (a week)`,
    });
  }
  const { dateTime, scope } = now(signer);
  const signedHeaders = [...head.headers.keys()].sort();
  const own = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${signer.accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', dateTime],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', signedHeaders.join(';')],
  ] as const;
  const pairs = [...queryPairs(head.query), ...own.map(([name, value]) => [name, escapeText(value)] as const)];
  const canonical = canonicalRequest(head, { pairs, signedHeaders, payloadHash: UNSIGNED_PAYLOAD });
  const signature = signText(signingKey(signer.secret, scope), stringToSign(dateTime, scope, canonical));
  return `${canonicalQuery(pairs)}&X-Amz-Signature=${signature}`;
}

function now({ region, nowMs }: Signer): { readonly dateTime: string; readonly scope: Scope } {
  const dateTime = formatDate(nowMs);
  return { dateTime, scope: { day: dateTime.slice(0, 8), region, service: 's3' } };
}

/** A name or a value of a query, as S3 escapes it: its bytes in UTF-8, all but `A-Z a-z 0-9 - . _ ~`. */
export function escapeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A key as the path of a URL: as {@link escapeText}, and `/` stays. */
export function escapeKey(key: string): string {
  return key.split('/').map(escapeText).join('/');
}
