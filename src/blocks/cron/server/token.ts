/** The token that the API asks for: from a file that is named, or from one that is made at the first start. */
import { existsSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Random } from '../../../platform/clock.js';
import { readSecretFile } from '../../../platform/daemon/secret.js';
import { codeOf } from '../../../platform/errors.js';
import { tokenPath } from '../token.js';

const TOKEN_BYTES = 32;

export interface TokenOptions {
  readonly home: string;
  readonly random: Random;
  readonly logger: Logger;
  /** Named by the user: it has to be there. */
  readonly file: string | undefined;
}

/** Errors: `secret.unreadable`. */
export async function readToken({ home, random, logger, file }: TokenOptions): Promise<string> {
  const path = file ?? tokenPath(home);
  if (file === undefined) await makeToken(home, random);
  const { secret, exposed } = await readSecretFile(path);
  if (exposed) logger.warn({ file: path }, 'other users of this machine can read the token, and run commands by it');
  return secret;
}

/** Two daemons that start at once agree on one: whoever comes second finds it made, and never half of it. */
async function makeToken(home: string, random: Random): Promise<void> {
  const path = tokenPath(home);
  if (existsSync(path)) return;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
  const aside = `${path}.${Buffer.from(random.bytes(4)).toString('hex')}.tmp`;
  try {
    await writeFile(aside, `${token}\n`, { flag: 'wx', mode: 0o600 });
    await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
