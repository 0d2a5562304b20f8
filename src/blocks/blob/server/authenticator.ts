/** Who asks: the account of the key that signed, nobody, or, in an anonymous daemon, the store's owner. */
import type { Clock } from '../../../platform/clock.js';
import { isLoopbackHostHeader } from '../../../platform/daemon/address.js';
import { Accounts, type Requester } from '../access/accounts.js';
import type { Credential } from '../endpoint/credentials.js';
import { blobErrors } from '../errors.js';
import { authenticate } from '../sigv4/authenticate.js';
import { readClaim } from '../sigv4/claim.js';
import type { RequestHead } from '../sigv4/head.js';
import { anonymousPayload, type PayloadMode } from '../sigv4/payload.js';

export interface Caller {
  /** A signature came with the request. */
  readonly signed: boolean;
  readonly presigned: boolean;
  readonly payload: PayloadMode;
  readonly requester: Requester;
}

export interface Authenticator {
  readonly anonymous: boolean;
  readonly accounts: Accounts;
  /** Errors: those of authenticate(). */
  identify(head: RequestHead): Caller;
}

export function signatureAuthenticator(users: readonly Credential[], region: string, clock: Clock): Authenticator {
  const byKey = new Map(users.map((user) => [user.accessKeyId, user]));
  const secretOf = (accessKeyId: string) => byKey.get(accessKeyId)?.secretAccessKey;
  const requesters = new Map(
    users.map((user) => [user.accessKeyId, { account: accountOf(user), isUnrestricted: false }] as const),
  );
  const [first, ...others] = users.map(accountOf);
  return {
    anonymous: false,
    accounts: new Accounts([first ?? OWNER, ...others]),
    identify(head) {
      if (!head.headers.has('authorization') && readClaim(head) === undefined) {
        return { signed: false, presigned: false, payload: anonymousPayload(head), requester: NOBODY };
      }
      const { payload, presigned, accessKeyId } = authenticate(head, { secretOf, region, nowMs: clock.now() });
      return { signed: true, presigned, payload, requester: requesters.get(accessKeyId) ?? NOBODY };
    },
  };
}

/** What the store's owner is called where there are no accounts. */
const OWNER = 'ds';
const NOBODY: Requester = { account: undefined, isUnrestricted: false };
const EVERYBODY: Requester = { account: OWNER, isUnrestricted: true };

function accountOf({ profile, account = profile }: Credential): string {
  return account;
}

export interface AnonymousOptions {
  /** The user opened the port to other machines. */
  readonly open: boolean;
  /** Hosts below them, and they themselves, are this server. */
  readonly domains: readonly string[];
}

/**
 * A web page can point a name of its own at 127.0.0.1 (DNS rebinding), and then talks to this daemon as to its own server: the Host
 * header still has that name.
 */
export function anonymousAuthenticator({ open, domains }: AnonymousOptions): Authenticator {
  return {
    anonymous: true,
    accounts: new Accounts([OWNER]),
    identify(head) {
      const host = head.headers.get('host');
      const name = host?.replace(/:\d*$/, '').toLowerCase() ?? '';
      const isOurs = domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
      if (!open && !isOurs && !isLoopbackHostHeader(host)) {
        throw blobErrors.error(
          'blob.access_denied',
          `the Host header names ${JSON.stringify(name)}, which is not this server`,
        );
      }
      const presigned = /(?:^|&)X-Amz-Signature=/.test(head.query);
      const signed = presigned || head.headers.has('authorization');
      return { signed, presigned, payload: anonymousPayload(head), requester: EVERYBODY };
    },
  };
}
