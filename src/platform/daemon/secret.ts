/** The one secret of a daemon: read from a file, compared in constant time, never printed. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DsError, whyUnreadable } from '../errors.js';
import { daemonErrors } from './errors.js';

export interface SecretFile {
  readonly secret: string;
  /** Other users of this machine can read the file. */
  readonly exposed: boolean;
}

/** Longest secret accepted, in bytes; a longer file is most likely the wrong file. */
const LONGEST_SECRET = 1024;
const OTHERS_MAY_READ = 0o044;

/** The file's first line is the secret. Error: `secret.unreadable`; `hint`: what to do about it, instead of making a secret. */
export async function readSecretFile(
  path: string,
  hint = `(umask 077; head -c 24 /dev/urandom | base64 > ${path})`,
): Promise<SecretFile> {
  const refuse = (reason: string, cause?: unknown) =>
    daemonErrors.error('secret.unreadable', `the secret in ${path} cannot be used: ${reason}`, {
      hint,
      details: { path },
      cause,
    });
  let text: string;
  let mode: number;
  try {
    const facts = await stat(path);
    if (facts.size > LONGEST_SECRET) throw refuse(`it is longer than ${LONGEST_SECRET} bytes`);
    mode = facts.mode;
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof DsError) throw error;
    throw refuse(whyUnreadable(error), error);
  }
  const secret = text.split(/\r?\n/, 1)[0] ?? '';
  if (secret === '') throw refuse('its first line is empty');
  return { secret, exposed: (mode & OTHERS_MAY_READ) !== 0 };
}

/** Constant time in the content and the length of what was given. */
export function secretMatches(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** For whoever {@link bearerMatches} refuses: what is wrong with the Authorization header, and what is expected. */
export function whyRefused(header: string | undefined): string {
  const expected = 'the header is Authorization: Bearer TOKEN';
  if (header === undefined) return `a bearer token is needed, and none was sent; ${expected}`;
  if (!/^Bearer ./i.test(header))
    return `a bearer token is needed, and Authorization holds something else; ${expected}`;
  return `the bearer token is not the right one; ${expected}`;
}

/** Whether an HTTP Authorization header carries the secret as a bearer token (RFC 6750, section 2.1). */
export function bearerMatches(header: string | undefined, secret: string): boolean {
  const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
  return token !== undefined && secretMatches(token, secret);
}
