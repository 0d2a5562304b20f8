/**
 * A forwarder that forwards to itself would ask itself until patience is over, with every question. Where the address says so,
 * it is refused at the start; where a loop goes over other servers, it ends in single flight (flights.ts).
 */
import { networkInterfaces } from 'node:os';
import { formatIp, parseIp } from '../../../../platform/ip-address.js';
import type { NameServer } from '../../client/server-address.js';
import { dnsErrors } from '../../errors.js';

/** Where this daemon listens. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
}

/** Error: `dns.forward_loop`. */
export function refuseOwnAddresses(upstreams: readonly NameServer[], own: readonly OwnAddress[]): void {
  for (const server of upstreams) {
    const loop = own.find((address) => address.port === server.port && reaches(server.host, address.host));
    if (loop === undefined) continue;
    throw dnsErrors.error('dns.forward_loop', `${server.shown} is this server itself: questions would go round`, {
      hint: 'forward to another resolver, or listen elsewhere: --listen 127.0.0.1:1053',
      details: { server: server.shown },
    });
  }
}

/** Whether who connects to `host` comes to a socket that is bound to `bound`. */
function reaches(host: string, bound: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  const targets = name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : [normal(host)];
  return targets.some((target) => {
    if (target === normal(bound) || host === bound) return true;
    // Bound to all addresses: `::` takes IPv4, too.
    if (bound === '::') return isLocal(target);
    return bound === '0.0.0.0' && !target.includes(':') && isLocal(target);
  });
}

/** The one spelling of an address; a name as it is. */
function normal(host: string): string {
  const address = parseIp(host);
  return address === undefined ? host : formatIp(address);
}

function isLocal(address: string): boolean {
  if (address === '0.0.0.0' || address === '::' || address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some((known) => normal(known.address) === address),
  );
}
