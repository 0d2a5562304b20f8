/** Opens the logs of a server. */
import { readFile } from 'node:fs/promises';
import { whyUnreadable } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import { openLokiClient } from './client.js';
import { readEndpoint } from './endpoint.js';
import { LokiStore, type RemoteOptions } from './store.js';

export interface RemoteTarget {
  readonly url: string;
  /** From the environment. */
  readonly token?: string | undefined;
  /** A file with the token in its first line; it wins. */
  readonly tokenFile?: string | undefined;
  readonly tenant?: string | undefined;
}

/** Errors: `log.bad_url`, `log.bad_token_file`; what is not there is told by the first request. */
export async function openRemoteLogs(target: RemoteTarget, options: RemoteOptions): Promise<LokiStore> {
  const token = target.tokenFile === undefined ? target.token : await tokenIn(target.tokenFile);
  const endpoint = readEndpoint(target.url, { token, tenant: target.tenant });
  return new LokiStore(await openLokiClient(endpoint), options);
}

async function tokenIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw logErrors.error('log.bad_token_file', `cannot read ${path}: ${whyUnreadable(error)}`, { details: { path } });
  });
  const token = text.split('\n', 1)[0]?.trim() ?? '';
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw logErrors.error('log.bad_token_file', `the first line of ${path} is no token`, {
    hint: `write it there: printf '%s\\n' TOKEN > ${path}`,
    details: { path },
  });
}
