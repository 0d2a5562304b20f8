/**
 * Requests in one form, so that nobody gets around a limit on `/login` by writing `/%6Cogin`, `//login` or `/a/../login`:
 * servers behind take these for the same. Case matters and an encoded slash stays one: a server behind that thinks
 * otherwise needs a wider pattern, such as a list of spellings.
 */
import type { NormalRequest, PolicyRequest } from './policy.js';

export function normalizeRequest(request: PolicyRequest): NormalRequest {
  return {
    method: request.method.toUpperCase(),
    path: normalPath(request.path),
    host: normalHost(request.host),
    header: (name) => request.header(name),
    client: request.client,
  };
}

/**
 * Without query and fragment; percent-encoded characters that need no encoding decoded, the others in upper case; dot
 * segments removed (RFC 3986, section 6.2.2); empty segments and a trailing slash dropped.
 */
export function normalPath(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  // The usual case has nothing to normalise.
  if (/^(?:\/[\w~-][\w.~-]*)+$/.test(path)) return path;
  const decoded = path.replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : code.toUpperCase();
  });
  const kept: string[] = [];
  for (const segment of decoded.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

/** Lower case, without port and final dot. */
export function normalHost(authority: string): string {
  return authority.trim().toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}
