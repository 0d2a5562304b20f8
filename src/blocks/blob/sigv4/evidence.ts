/**
 * What a request was refused by, kept beside the error for `ds blob explain`. It is data (JSON), and nobody can sign or send again with
 * it: neither the key, nor the signature that would have been right, nor a client's signature that may be right stand in it.
 */
import { canonicalRequest, queryPairs } from './canonical.js';
import type { Claim, SignatureForm } from './claim.js';
import type { RequestHead } from './head.js';
import { EMPTY_SHA256, UNSIGNED_PAYLOAD } from './payload.js';
import { type Scope, stringToSign } from './signature.js';

/** Texts are byte strings, as in {@link RequestHead}. */
export interface SignatureEvidence {
  readonly form: SignatureForm;
  readonly accessKeyId: string;
  readonly dateTime: string;
  readonly scope: Scope;
  readonly method: string;
  readonly path: string;
  /** As on the wire, without X-Amz-Signature. */
  readonly query: string;
  /** Without those that have secrets. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** The client's, where it was found wrong. */
  readonly wrongSignature?: string;
}

const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-amz-security-token']);

const kept = new WeakMap<object, SignatureEvidence>();

/** Of an error that authenticate() threw; undefined where a request could not even be read. */
export function evidenceOf(error: unknown): SignatureEvidence | undefined {
  return typeof error === 'object' && error !== null ? kept.get(error) : undefined;
}

/** For {@link evidenceOf}, as long as the error is there. @param wrongSignature the client's, only where it was found wrong */
export function keepEvidence(error: unknown, head: RequestHead, claim: Claim, wrongSignature?: string): void {
  if (typeof error !== 'object' || error === null) return;
  const payloadHash = payloadHashOf(claim);
  const canonical = canonicalRequest(head, { ...claim, payloadHash });
  kept.set(error, {
    form: claim.form,
    accessKeyId: claim.accessKeyId,
    dateTime: claim.dateTime,
    scope: claim.scope,
    method: head.method,
    path: head.path,
    query: withoutSignature(head.query),
    headers: [...head.headers].filter(([name]) => !SECRET_HEADERS.has(name)),
    signedHeaders: claim.signedHeaders,
    payloadHash,
    canonicalRequest: canonical,
    stringToSign: stringToSign(claim.dateTime, claim.scope, canonical),
    ...(wrongSignature !== undefined && { wrongSignature }),
  });
}

/** The last line of the canonical request. A request without a body that does not tell has the hash of nothing, presigned ones nothing signed. */
export function payloadHashOf(claim: Pick<Claim, 'payload' | 'form'>): string {
  return claim.payload ?? (claim.form === 'query' ? UNSIGNED_PAYLOAD : EMPTY_SHA256);
}

function withoutSignature(query: string): string {
  return query
    .split('&')
    .filter((part) => queryPairs(part)[0]?.[0] !== 'X-Amz-Signature')
    .join('&');
}
