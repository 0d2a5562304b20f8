/** The addresses of a server that is written as a host name, by the system's own resolver. */
import { parseIp } from '../../../platform/ip-address.js';
import { endOfPatience, Ignored, type Patience, unreachable } from './attempt.js';
import type { NameServer } from './server-address.js';

export type Family = 4 | 6;

/** In the system's order of preference; at least one. Errors: `dns.unreachable`, `dns.timeout`. */
export async function addressesOf(server: NameServer, patience: Patience, family?: Family): Promise<readonly string[]> {
  const literal = parseIp(server.host);
  if (literal !== undefined) {
    if (family === undefined || family === (server.host.includes(':') ? 6 : 4)) return [server.host];
    throw unreachable(server, new Error(`it is no IPv${family} address`));
  }
  const { lookup } = await import('node:dns/promises');
  const found = await new Promise<readonly { address: string }[]>((resolve, reject) => {
    const stopWaiting = endOfPatience(patience, (reason) => {
      reject(reason ?? new Ignored().timeout(server, patience.timeoutMs));
    });
    lookup(server.host, { all: true, family: family ?? 0 })
      .then(resolve, (error) => reject(unreachable(server, error)))
      .finally(stopWaiting);
  });
  return found.map(({ address }) => address);
}
