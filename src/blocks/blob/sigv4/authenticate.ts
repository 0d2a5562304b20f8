/** Whether a request is signed by who it says, before anything else is done with it. */
import { blobErrors } from '../errors.js';
import { canonicalRequest } from './canonical.js';
import { type Claim, malformed, readClaim } from './claim.js';
import { keepEvidence, payloadHashOf } from './evidence.js';
import type { RequestHead } from './head.js';
import { type PayloadMode, readPayloadMode, UNSIGNED_PAYLOAD } from './payload.js';
import { sameSignature, scopeText, signingKey, signText, stringToSign } from './signature.js';

export interface AuthenticationContext {
  /** Undefined where nobody has the access key. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
  readonly region: string;
  readonly nowMs: number;
}

export interface Authenticated {
  readonly accessKeyId: string;
  readonly payload: PayloadMode;
  readonly presigned: boolean;
}

/** How far the clocks of client and server may differ, as S3 has it. */
const LONGEST_SKEW_MS = 15 * 60_000;

/** Signs for access keys that nobody has, so that they take as long. */
const NOBODYS_SECRET = 'no such access key';

/**
 * Who signed, and what is known of the body. Errors have their evidence (`evidenceOf`) where the request could be read:
 * `blob.access_denied` (not signed; headers that are not), `blob.authorization_malformed`, `blob.invalid_argument`,
 * `blob.invalid_request`, `blob.invalid_token`, `blob.request_time_too_skewed`, `blob.expired`, `blob.not_implemented`,
 * `blob.invalid_access_key_id`, `blob.signature_does_not_match`.
 */
export function authenticate(head: RequestHead, context: AuthenticationContext): Authenticated {
  const claim = readClaim(head);
  if (claim === undefined) throw blobErrors.error('blob.access_denied', 'the request is not signed');
  let wrong: string | undefined;
  try {
    checkScope(claim, context.region);
    checkTime(claim, context.nowMs);
    checkSignedHeaders(claim, head);
    if (!isRight(claim, head, context)) {
      wrong = claim.signature;
      throw blobErrors.error(
        'blob.signature_does_not_match',
        'the request signature that was calculated does not match the signature that was provided',
        { hint: 'check the secret access key and the signing method' },
      );
    }
    return { accessKeyId: claim.accessKeyId, payload: payloadOf(claim, context), presigned: claim.form === 'query' };
  } catch (error) {
    keepEvidence(error, head, claim, wrong);
    throw error;
  }
}

function checkScope({ form, scope, dateTime, sessionToken }: Claim, region: string): void {
  if (scope.service !== 's3') {
    throw malformed(form, `the credential is for the service ${JSON.stringify(scope.service)} instead of "s3"`);
  }
  if (scope.region !== region) {
    const message = `the region ${JSON.stringify(scope.region)} is wrong; expecting ${JSON.stringify(region)}`;
    throw malformed(form, message, { region });
  }
  if (scope.day !== dateTime.slice(0, 8)) {
    throw malformed(form, `the credential is for the day ${JSON.stringify(scope.day)}, the request of ${dateTime}`);
  }
  if (sessionToken) throw blobErrors.error('blob.invalid_token', 'there are no session tokens here');
}

function checkTime({ dateTime, signedAt, expiresSeconds }: Claim, nowMs: number): void {
  if (expiresSeconds === undefined) {
    if (Math.abs(nowMs - signedAt) <= LONGEST_SKEW_MS) return;
    const details = { ...timesOf(dateTime, nowMs), max_allowed_skew_ms: LONGEST_SKEW_MS };
    throw blobErrors.error(
      'blob.request_time_too_skewed',
      `the time of the request, ${dateTime}, and that of the server, ${details.server_time}, differ by more than 15 minutes`,
      { hint: 'set the clock of the client', details },
    );
  }
  if (signedAt - nowMs > LONGEST_SKEW_MS) {
    throw blobErrors.error('blob.access_denied', `the presigned URL is not valid before ${dateTime}`, {
      details: timesOf(dateTime, nowMs),
    });
  }
  const expiresAt = signedAt + expiresSeconds * 1000;
  if (nowMs <= expiresAt) return;
  const expires = new Date(expiresAt).toISOString();
  throw blobErrors.error('blob.expired', `the presigned URL has expired at ${expires}`, {
    details: { ...timesOf(dateTime, nowMs), expires, x_amz_expires: expiresSeconds },
  });
}

function timesOf(dateTime: string, nowMs: number) {
  return { request_time: dateTime, server_time: new Date(nowMs).toISOString() };
}

/** What a signature does not cover can be added on the way by anybody, and x-amz-* headers say what is done. */
function checkSignedHeaders({ form, signedHeaders, payload }: Claim, { headers }: RequestHead): void {
  if (!signedHeaders.includes('host')) throw malformed(form, 'the header host is not signed');
  if (form === 'header' && payload === undefined) {
    throw blobErrors.error('blob.invalid_request', 'the header x-amz-content-sha256 is missing', {
      hint: `send the SHA-256 of the body in hex, or ${UNSIGNED_PAYLOAD}`,
    });
  }
  const unsigned: string[] = [];
  const signed = new Set(signedHeaders);
  for (const name of headers.keys()) if (name.startsWith('x-amz-') && !signed.has(name)) unsigned.push(name);
  if (unsigned.length === 0) return;
  throw blobErrors.error(
    'blob.access_denied',
    `there were headers present in the request which were not signed: ${unsigned.join(', ')}`,
    { details: { headers_not_signed: unsigned.join(', ') } },
  );
}

/** Does the same for an access key that nobody has, before it refuses it. */
function isRight(claim: Claim, head: RequestHead, { secretOf }: AuthenticationContext): boolean {
  const secret = secretOf(claim.accessKeyId);
  const canonical = canonicalRequest(head, { ...claim, payloadHash: payloadHashOf(claim) });
  const key = signingKey(secret ?? NOBODYS_SECRET, claim.scope);
  const right = sameSignature(signText(key, stringToSign(claim.dateTime, claim.scope, canonical)), claim.signature);
  if (secret !== undefined) return right;
  throw blobErrors.error('blob.invalid_access_key_id', `there is no access key ${JSON.stringify(claim.accessKeyId)}`);
}

function payloadOf(claim: Claim, { secretOf }: AuthenticationContext): PayloadMode {
  return readPayloadMode(payloadHashOf(claim), () => ({
    key: signingKey(secretOf(claim.accessKeyId) ?? NOBODYS_SECRET, claim.scope),
    dateTime: claim.dateTime,
    scope: scopeText(claim.scope),
    seed: claim.signature,
  }));
}
