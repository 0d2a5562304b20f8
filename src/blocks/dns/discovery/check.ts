/**
 * What has to hold for a target to be given out:
 *
 *     tcp:80                  a connection to the target's address, port 80
 *     tcp://10.0.0.9:80       … to another one: a balancer, an agent
 *     http:8080/healthz       2xx or 3xx to a GET; https:8443/ likewise, its certificate checked
 *     https://api.test/up
 *     command:./alive "$DS_ADDRESS"    exit code 0 of a shell command, which the daemon runs as its user
 */
import { dnsErrors } from '../errors.js';

export type Check =
  /** Without a host: the target's own address. Without a port: that of the SRV record. */
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number | undefined }
  | {
      readonly kind: 'http' | 'https';
      readonly host: string | undefined;
      readonly port: number | undefined;
      /** With its query. */
      readonly path: string;
    }
  | { readonly kind: 'command'; readonly command: string };

const LONGEST_CHECK = 1_024;

/** Error: `dns.bad_check`. */
export function parseCheck(text: string): Check {
  if (text.length > LONGEST_CHECK) throw badCheck(text, `it has more than ${LONGEST_CHECK} characters`);
  const command = /^command:\s*(\S.*)$/s.exec(text)?.[1];
  if (command !== undefined) return { kind: 'command', command };
  const match =
    /^(tcp|https?):(?:\/\/(\[[0-9a-fA-F:.]+\]|[^/:?#\s[\]]+))?(?::?(\d{1,5}))?((?:\/|\?)[\x21-\x7e]*)?$/.exec(text);
  if (match === null) throw badCheck(text, 'it is none of the forms');
  const [, kind, bracketed, digits, path] = match;
  const host = bracketed?.replace(/^\[(.*)\]$/, '$1');
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) throw badCheck(text, `${port} is no port`);
  if (kind === 'http' || kind === 'https') return { kind, host, port, path: path?.replace(/^\?/, '/?') ?? '/' };
  if (path !== undefined) throw badCheck(text, 'a TCP check has no path');
  if (host !== undefined && port === undefined) throw badCheck(text, 'a port is missing');
  return { kind: 'tcp', host, port };
}

function badCheck(text: string, why: string) {
  const shown = text.slice(0, 80);
  return dnsErrors.error('dns.bad_check', `"${shown}" is no health check: ${why}`, {
    hint: 'write --check tcp:80, --check http:8080/healthz or --check "command:pg_isready -h $DS_ADDRESS"',
    details: { check: shown },
  });
}
