import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Compares in constant time and without telling the length: digests are compared, keyed with a random key so that
 * nobody can prepare prefixes.
 */
export function passwordCheck(password: Buffer | undefined): (candidate: Buffer) => boolean {
  const key = randomBytes(32);
  const digest = (bytes: Buffer) => createHash('sha256').update(key).update(bytes).digest();
  const expected = password === undefined ? undefined : digest(password);
  return (candidate) => expected !== undefined && timingSafeEqual(digest(candidate), expected);
}
