/** Finds out what answers at a URL: the block's own daemon, Valkey or Redis. */
import { codeOf } from '../../errors.js';
import { peerErrors } from '../errors.js';
import { ErrorReply, type RemoteConnection } from './connection.js';
import type { Peer } from './peer.js';
import { Fields, readText } from './values.js';

export interface RemoteServer {
  readonly kind: 'ds' | 'redis' | 'valkey';
  readonly version: string;
}

/** Errors: `peer.protocol` when it is another block's daemon, or nothing that speaks RESP. */
export async function identify(connection: RemoteConnection, peer: Peer): Promise<RemoteServer> {
  const { name, version } = await askHello(connection).catch((failure: unknown) => {
    // HELLO came with Redis 6.
    if (failure instanceof ErrorReply) return askInfo(connection);
    throw failure;
  });
  if (name === peer.serverName) return { kind: 'ds', version };
  if (name === 'valkey') return { kind: 'valkey', version };
  if (!name.startsWith('ds-')) return { kind: 'redis', version };
  throw peerErrors.error('peer.protocol', `${connection.address} is ${name}, not ${peer.noun}`, {
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

/**
 * A setting of a Redis or Valkey; undefined where the server does not let itself be asked, because it is somebody else's
 * to run.
 */
export async function readSetting(connection: RemoteConnection, name: string): Promise<string | undefined> {
  try {
    const reply = await connection.send(['CONFIG', 'GET', name]);
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
  } catch (failure) {
    if (failure instanceof ErrorReply || codeOf(failure) === 'peer.auth_required') return undefined;
    throw failure;
  }
}
