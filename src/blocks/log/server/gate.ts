/**
 * Who may ask:
 *
 *     with a tokens file      a bearer token, or the password of Basic (what Loki's clients can send): tenant and limits are the token's
 *     --tenants header        everybody; X-Scope-OrgID names the tenant, as with a Loki that trusts it
 *     otherwise               everybody; there is one tenant, whatever X-Scope-OrgID says, as with auth_enabled: false
 *
 * Web pages may not: a page could point its own name at 127.0.0.1 (DNS rebinding; its Host header tells), or post lines as plain text to
 * whom it cannot read from (its Origin header tells).
 */
import type { IncomingMessage } from 'node:http';
import { isLoopbackHostHeader } from '../../../platform/daemon/address.js';
import { httpErrors } from '../../../platform/protocol/errors.js';
import { logErrors } from '../errors.js';
import { DEFAULT_TENANT } from '../log-store.js';
import { type Grant, isTenantName } from './tenants.js';
import type { TokensFile } from './tokens-file.js';

export interface GateOptions {
  readonly tokens: TokensFile | undefined;
  /** X-Scope-OrgID decides. */
  readonly byHeader: boolean;
  /** Answers to any Host header: the user opened the port to other machines. */
  readonly open: boolean;
  readonly mostStreams: number;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #everybody: Grant;

  constructor(options: GateOptions) {
    this.#options = options;
    const { mostStreams } = options;
    this.#everybody = { tenant: DEFAULT_TENANT, mayRead: true, mayWrite: true, mostStreams, rate: undefined };
  }

  /** Errors: `http.wrong_host`, `http.unauthorized`, `log.forbidden`. */
  admit(request: IncomingMessage): Grant {
    const { headers } = request;
    refusePages(request);
    const { tokens, byHeader, open } = this.#options;
    const named = headers['x-scope-orgid'];
    if (tokens !== undefined) return byToken(tokens, headers.authorization, named);
    if (!open && !isLoopbackHostHeader(headers.host)) {
      throw httpErrors.error('http.wrong_host', 'this port answers to loopback names only');
    }
    if (!byHeader) return this.#everybody;
    if (typeof named !== 'string' || !isTenantName(named)) {
      const found = named === undefined ? 'there is none' : `it is ${JSON.stringify(named)}`;
      throw httpErrors.error('http.unauthorized', `X-Scope-OrgID has to name a tenant, and ${found}`);
    }
    return { ...this.#everybody, tenant: named };
  }
}

function byToken(tokens: TokensFile, authorization: string | undefined, named: unknown): Grant {
  const token = tokenOf(authorization);
  if (token === undefined) {
    throw httpErrors.error(
      'http.unauthorized',
      'a token is needed: Authorization: Bearer TOKEN, or as the password of Basic',
    );
  }
  const grant = tokens.grantOf(token);
  if (grant === undefined) throw httpErrors.error('http.unauthorized', 'the token is not known');
  if (named !== undefined && named !== grant.tenant) {
    throw logErrors.error(
      'log.forbidden',
      `the token is of tenant ${grant.tenant}, and X-Scope-OrgID names another one`,
    );
  }
  return grant;
}

function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme, value = ''] = /^(Bearer|Basic|ApiKey) (.+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  // Elasticsearch's ApiKey is made as Basic: base64 of id:key.
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : pair.slice(colon + 1);
}

/** What browsers add of themselves, and no page can leave out. */
function refusePages({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  const isForeign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  const site = headers['sec-fetch-site'];
  if (isForeign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    throw logErrors.error('log.forbidden', 'requests of web pages are refused');
  }
}
