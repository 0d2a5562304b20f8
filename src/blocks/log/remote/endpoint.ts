/** Which server a URL names, and as whom it is asked. */
import { logErrors } from '../errors.js';

export interface Endpoint {
  readonly origin: string;
  /** In front of Loki's own paths; '' or `/prefix`. */
  readonly prefix: string;
  /** Headers of every request: who asks. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Identity {
  /** A secret; undefined: none is shown. */
  readonly token?: string | undefined;
  /** `X-Scope-OrgID`; undefined: the server's own. */
  readonly tenant?: string | undefined;
}

const SCHEMES = new Set(['http:', 'https:']);

/**
 * `http://host:3100`, `https://host/prefix`, `loki+http://…`. With a user in it (`https://12345@logs.example.org`) the token is
 * their password (HTTP Basic, as Grafana Cloud wants it), else it is a bearer token. Error: `log.bad_url`.
 */
export function readEndpoint(typed: string, { token, tenant }: Identity): Endpoint {
  const text = typed.replace(/^loki\+(?=https?:)/i, '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !SCHEMES.has(url.protocol)) {
    throw logErrors.error('log.bad_url', `the server is ${JSON.stringify(typed)}, not an HTTP URL`, {
      hint: 'write it as http://127.0.0.1:3100',
    });
  }
  if (url.password !== '') {
    throw logErrors.error('log.bad_url', 'the URL has a password in it, which others on this machine can read', {
      hint: 'leave the user in the URL, and put the password into DS_LOG_TOKEN or a file: --token-file FILE',
    });
  }
  const authorization = token === undefined ? undefined : authorizationOf(decodeURIComponent(url.username), token);
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, '').replace(/\/loki\/api\/v1(?:\/push)?$/, ''),
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(tenant !== undefined && { 'x-scope-orgid': tenant }),
    },
  };
}

function authorizationOf(user: string, token: string): string {
  return user === '' ? `Bearer ${token}` : `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
}
