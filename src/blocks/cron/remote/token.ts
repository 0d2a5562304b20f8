/** The token of a daemon of the same user on this machine: it made it in the same home. */
import { readFile } from 'node:fs/promises';
import { tokenPath } from '../token.js';

export async function findToken(home: string): Promise<string | undefined> {
  try {
    const token = (await readFile(tokenPath(home), 'utf8')).split(/\r?\n/, 1)[0];
    return token === '' ? undefined : token;
  } catch {
    // None was made here: the daemon, if it wants one, will say so.
    return undefined;
  }
}
