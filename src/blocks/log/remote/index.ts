/** Opens the logs of a server. */
import { readSecretFile } from '../../../platform/daemon/secret.js';
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

/** The server has made it. */
const TOKEN_HINT = 'the file has the token that the server knows in its first line: --token-file FILE';

/** Errors: `log.bad_url`, `secret.unreadable`; what is not there is told by the first request. */
export async function openRemoteLogs(target: RemoteTarget, options: RemoteOptions): Promise<LokiStore> {
  const { url, tokenFile, tenant } = target;
  const token = tokenFile === undefined ? target.token : (await readSecretFile(tokenFile, TOKEN_HINT)).secret;
  return new LokiStore(await openLokiClient(readEndpoint(url, { token, tenant })), options);
}
