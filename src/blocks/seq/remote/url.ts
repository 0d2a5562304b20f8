/** `redis://` and `rediss://` URLs (the IANA registrations of both schemes: user, password, host, port, database). */
import { peerErrors } from '../../../platform/protocol/errors.js';

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
export function parseRemoteUrl(text: string): RemoteAddress {
  if (!URL.canParse(text)) throw badUrl('the server URL cannot be read');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw badUrl(`${url.protocol}// is no scheme of a sequencer's server`);
  }
  if (url.hostname === '') throw badUrl('the server URL names no host');
  const path = /^\/?(\d{0,5})$/.exec(url.pathname);
  if (path === null) throw badUrl(`the database ${url.pathname.slice(1)} of the server URL is no number`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    tls: url.protocol === 'rediss:',
    host,
    port,
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(path[1]),
    shown: `${url.protocol}//${url.hostname}:${port}`,
  };
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw badUrl('the credentials of the server URL are not percent-encoded');
  }
}

const badUrl = (message: string) =>
  peerErrors.error('peer.bad_url', message, { hint: '--url redis://127.0.0.1:6390 (or rediss:// for TLS)' });
