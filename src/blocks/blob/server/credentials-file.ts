/** The access keys that the daemon asks for: from a file that is named, or from one that is made at the first start. */
import { existsSync } from 'node:fs';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Random } from '../../../platform/clock.js';
import { codeOf, DsError, whyUnreadable } from '../../../platform/errors.js';
import { makeFolder } from '../../../platform/make-folder.js';
import { type Credential, credentialsPath, formatCredentials, parseCredentials } from '../endpoint/credentials.js';
import { blobErrors } from '../errors.js';

export interface CredentialsOptions {
  readonly home: string;
  readonly random: Random;
  readonly logger: Logger;
  /** Named by the user: it has to be there. */
  readonly file: string | undefined;
}

/** Bytes; ten thousand users have less than 2 MB. */
const LARGEST_FILE = 4 * 1024 * 1024;
const OTHERS_MAY_READ = 0o044;
/** As many as S3's have characters. */
const ACCESS_KEY_CHARACTERS = 20;
const SECRET_BYTES = 30;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Error: `blob.bad_credentials_file`. */
export async function readCredentialsFile(options: CredentialsOptions): Promise<readonly Credential[]> {
  const { home, random, logger, file } = options;
  const path = file ?? credentialsPath(home);
  if (file === undefined) await makeCredentials(path, home, random);
  try {
    const { size, mode } = await stat(path);
    if (size > LARGEST_FILE) throw unreadable(path, `it is longer than ${LARGEST_FILE} bytes`);
    if ((mode & OTHERS_MAY_READ) !== 0)
      logger.warn({ file: path }, 'other users of this machine can read the credentials');
    return parseCredentials(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof DsError) throw error;
    throw unreadable(path, whyUnreadable(error), error);
  }
}

function unreadable(path: string, why: string, cause?: unknown) {
  return blobErrors.error('blob.bad_credentials_file', `${path} cannot be used: ${why}`, { details: { path }, cause });
}

/** Two daemons that start at once agree on one: whoever comes second finds it made, and never half of it. */
async function makeCredentials(path: string, home: string, random: Random): Promise<void> {
  if (existsSync(path)) return;
  makeFolder(home);
  const aside = `${path}.${Buffer.from(random.bytes(4)).toString('hex')}.tmp`;
  try {
    await writeFile(aside, formatCredentials(randomCredential(random)), { flag: 'wx', mode: 0o600 });
    await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function randomCredential(random: Random): Credential {
  const characters = [...random.bytes(ACCESS_KEY_CHARACTERS - 2)].map((byte) => BASE32[byte % BASE32.length]);
  return {
    profile: 'default',
    accessKeyId: `DS${characters.join('')}`,
    secretAccessKey: Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url'),
  };
}
