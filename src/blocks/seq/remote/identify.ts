/** Finds out what answers at a URL: `ds seq serve`, Valkey or Redis. */
import { peerErrors } from '../../../platform/protocol/errors.js';
import { Fields, readText } from '../wire/values.js';
import { ErrorReply, type RemoteConnection } from './connection.js';

export interface RemoteServer {
  readonly kind: 'ds' | 'redis' | 'valkey';
  readonly version: string;
}

/** As `ds seq serve` calls itself in HELLO and INFO. */
const SERVER_NAME = 'ds-seq';

/** Errors: `peer.protocol` when it is another block's daemon, or nothing that speaks RESP. */
export async function identify(connection: RemoteConnection): Promise<RemoteServer> {
  const { name, version } = await askHello(connection).catch((failure: unknown) => {
    // HELLO came with Redis 6.
    if (failure instanceof ErrorReply) return askInfo(connection);
    throw failure;
  });
  if (name === SERVER_NAME) return { kind: 'ds', version };
  if (name === 'valkey') return { kind: 'valkey', version };
  if (!name.startsWith('ds-')) return { kind: 'redis', version };
  throw peerErrors.error('peer.protocol', `${connection.address} is ${name}, not a sequencer`, {
    hint: 'ds ps lists the daemons and their URLs',
  });
}

async function askHello(connection: RemoteConnection): Promise<{ name: string; version: string }> {
  const fields = new Fields(await connection.send(['HELLO']), 'hello');
  return { name: fields.text('server'), version: fields.text('version') };
}

async function askInfo(connection: RemoteConnection): Promise<{ name: string; version: string }> {
  const reply = await connection.send(['INFO', 'server']).catch((failure: unknown) => {
    if (!(failure instanceof ErrorReply)) throw failure;
    throw peerErrors.error('peer.protocol', `${connection.address} does not say what it is: ${failure.message}`);
  });
  const info = readText(reply, 'info');
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  return { name: field('server_name') ?? 'redis', version: field('redis_version') ?? '' };
}
