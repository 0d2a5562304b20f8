/** Addresses to listen on: `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (loopback) and `PORT` (loopback). */
import { BlockList, isIP } from 'node:net';
import type { DsError } from '../errors.js';
import { daemonErrors } from './errors.js';

export interface ListenAddress {
  /** Without brackets: `127.0.0.1`, `::1`, `localhost`. */
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
}

const HIGHEST_PORT = 65_535;
const LOOPBACK_HOST = '127.0.0.1';

/** Error: `listen.bad_address`. */
export function parseAddress(text: string): ListenAddress {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]\s/@]*)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const bracketed = match?.[1];
  if (match === null || port > HIGHEST_PORT || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    throw daemonErrors.error('listen.bad_address', `"${text}" is not an address to listen on`, {
      hint: 'give HOST:PORT, such as 127.0.0.1:6390 or [::1]:6390; port 0 takes any free one',
      details: { address: text },
    });
  }
  return { host: bracketed ?? (match[2] || LOOPBACK_HOST), port };
}

export function formatAddress({ host, port }: ListenAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

const loopbackNetworks = new BlockList();
loopbackNetworks.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackNetworks.addAddress('::1', 'ipv6');

/** Whether only this machine can reach the host. A name other than `localhost` could resolve to anything. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return /^localhost\.?$/i.test(host) || /\.localhost\.?$/i.test(host);
  return loopbackNetworks.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Whether an HTTP Host header names this machine's loopback. A web page can point its own name at 127.0.0.1 (DNS
 * rebinding) and have the browser talk to a local daemon; the Host header then still carries that name.
 */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header ?? '');
  return match !== null && isLoopback(match[1] ?? match[2] ?? '');
}

/** What decides who may connect to a daemon; options that all daemons share (shared-options.ts). */
export interface Access {
  /** File with the password that clients must give. */
  readonly requirepassFile: string | undefined;
  /** The user accepts that other machines connect without a password. */
  readonly insecure: boolean;
}

/**
 * The address that a flag gave, of a port that asks for the password where there is one. An address that would open it to
 * other machines without is refused. Errors: `listen.bad_address`, `listen.not_loopback`.
 */
export function readAddress(text: string, flag: string, { requirepassFile, insecure }: Access): ListenAddress {
  const address = parseAddress(text);
  if (requirepassFile !== undefined || insecure || isLoopback(address.host)) return address;
  throw notLoopback(
    address,
    `${flag} ${formatAddress(address)} would open the daemon to other machines without authentication`,
    'add --requirepass-file FILE to ask for a password, or --insecure to accept the risk',
  );
}

/** A port whose protocol has no place for a password: DNS, whatever a reverse proxy hands on. */
export interface UnguardedPort {
  /** What other machines would reach: `the name server`. */
  readonly opens: string;
  /** What the daemon's password protects all the same: `the admin endpoint`. Absent: there is no password. */
  readonly passwordProtects?: string;
  /** What else lets others in, and asks them who they are: `--tokens-file`. */
  readonly instead?: string;
}

/**
 * The same, of a port that cannot ask for a password: to have one does not make it safe to open, so that only the user's
 * word does. Errors: `listen.bad_address`, `listen.not_loopback`.
 */
export function readUnguardedAddress(
  text: string,
  flag: string,
  { insecure }: Pick<Access, 'insecure'>,
  { opens, passwordProtects, instead }: UnguardedPort,
): ListenAddress {
  const address = parseAddress(text);
  if (insecure || isLoopback(address.host)) return address;
  throw notLoopback(
    address,
    `${flag} ${formatAddress(address)} would open ${opens} to other machines, none of which is asked for a password`,
    [
      `add ${instead === undefined ? '' : `${instead}, or `}--insecure to accept that`,
      ...(passwordProtects === undefined ? [] : [`--requirepass-file protects ${passwordProtects} only`]),
    ].join('; '),
  );
}

function notLoopback(address: ListenAddress, message: string, hint: string): DsError {
  return daemonErrors.error('listen.not_loopback', message, { hint, details: { address: formatAddress(address) } });
}
