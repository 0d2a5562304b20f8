/**
 * The signature of a canonical request. The key of a day, region and service comes from the secret in four steps, and is kept: they are
 * two thirds of the work of a request.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Where a key holds, written `20130524/us-east-1/s3/aws4_request`. */
export interface Scope {
  /** `20130524`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

/** `20130524/us-east-1/s3/aws4_request` */
export function scopeText({ day, region, service }: Scope): string {
  return `${day}/${region}/${service}/aws4_request`;
}

/** Of a byte string, in hex. */
export function sha256Hex(text: string): string {
  return hash('sha256', Buffer.from(text, 'latin1'), 'hex');
}

/** `dateTime` as `20130524T000000Z`. */
export function stringToSign(dateTime: string, scope: Scope, canonicalRequest: string): string {
  return `${ALGORITHM}\n${dateTime}\n${scopeText(scope)}\n${sha256Hex(canonicalRequest)}`;
}

/** In hex. */
export function signText(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text, 'latin1').digest('hex');
}

/** In constant time for signatures of the right length, which is no secret. */
export function sameSignature(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'));
}

/** As many as are signed with within a week of presigned requests by thirty people. */
const KEYS_KEPT = 256;
const keys = new Map<string, Buffer>();

/** Kept only for scopes that were checked before, so that nobody can push out what others use. */
export function signingKey(secret: string, scope: Scope): Buffer {
  const name = `${scopeText(scope)}/${secret}`;
  const kept = keys.get(name);
  if (kept !== undefined) return kept;
  const key = deriveKey(secret, scope);
  const [oldest] = keys.size < KEYS_KEPT ? [] : keys.keys();
  if (oldest !== undefined) keys.delete(oldest);
  keys.set(name, key);
  return key;
}

/** As {@link signingKey}, and not kept: for keys that are only tried. */
export function deriveKey(secret: string, { day, region, service }: Scope): Buffer {
  const step = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  return step(step(step(step(`AWS4${secret}`, day), region), service), 'aws4_request');
}
