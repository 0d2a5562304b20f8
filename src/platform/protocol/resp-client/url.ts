/** `redis://` and `rediss://` URLs (the IANA registrations of both schemes: user, password, host, port, database). */
import { peerErrors } from '../errors.js';
import type { Peer } from './peer.js';

export interface RemoteAddress {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Without credentials, for messages. */
  readonly shown: string;
}

const DEFAULT_PORT = 6379;

/** Errors: `peer.bad_url`, which never repeats the URL's credentials. */
export function parseRemoteUrl(text: string, peer: Peer): RemoteAddress {
  if (!URL.canParse(text)) throw badUrl(peer, 'the server URL cannot be read');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw badUrl(peer, `${url.protocol}// is no scheme of ${peer.noun}'s server`);
  }
  if (url.hostname === '') throw badUrl(peer, 'the server URL names no host');
  const path = /^\/?(\d{0,5})$/.exec(url.pathname);
  if (path === null) throw badUrl(peer, `the database ${url.pathname.slice(1)} of the server URL is no number`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    tls: url.protocol === 'rediss:',
    host,
    port,
    username: decoded(url.username, peer),
    password: decoded(url.password, peer),
    database: Number(path[1]),
    shown: `${url.protocol}//${url.hostname}:${port}`,
  };
}

function decoded(part: string, peer: Peer): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw badUrl(peer, 'the credentials of the server URL are not percent-encoded');
  }
}

const badUrl = (peer: Peer, message: string) =>
  peerErrors.error('peer.bad_url', message, { hint: `--url ${peer.usualUrl} (or rediss:// for TLS)` });
