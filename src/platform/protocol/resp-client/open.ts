/** Opens what a block has behind a URL: connects, and closes again when that is not what it should be. */
import type { Clock } from '../../clock.js';
import { type ConnectionOptions, connect, type RemoteConnection } from './connection.js';
import { parseRemoteUrl } from './url.js';

export interface RemoteOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Instead of one in the URL. */
  readonly password?: string;
  /** For connecting and authenticating together, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** For one command, milliseconds; a server that is silent for longer counts as gone. Default 30,000. */
  readonly commandTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 30_000;

/**
 * Connects to `redis://` or `rediss://` (TLS); `open` finds out what answers, and makes of it what the block needs. Errors:
 * `peer.bad_url`, `peer.unreachable`, `peer.auth_required`, and those of `open`.
 */
export async function openRemote<T>(
  url: string,
  options: RemoteOptions & Pick<ConnectionOptions, 'peer' | 'bulkStrings'>,
  open: (connection: RemoteConnection) => Promise<T>,
): Promise<T> {
  const { password, connectTimeoutMs = CONNECT_TIMEOUT_MS, commandTimeoutMs = COMMAND_TIMEOUT_MS, ...rest } = options;
  const address = parseRemoteUrl(url, rest.peer);
  const connection = await connect(password === undefined ? address : { ...address, password }, {
    ...rest,
    connectTimeoutMs,
    commandTimeoutMs,
  });
  try {
    return await open(connection);
  } catch (failure) {
    await connection.close();
    throw failure;
  }
}
