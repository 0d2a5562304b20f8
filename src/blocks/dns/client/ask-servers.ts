/** One question to several name servers, the next when one does not answer: as dig and the stub resolver do. */
import { DsError } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { type Message, Rcode } from '../wire.js';
import { type Exchange, type ExchangeOptions, exchange } from './exchange.js';
import { addressesOf } from './resolve.js';
import type { NameServer } from './server-address.js';

export interface AskOptions extends ExchangeOptions {
  /** Asks the next server after SERVFAIL, too. */
  readonly nextOnServfail?: boolean;
  /** Told of a server that did not answer, before the next one is asked. */
  readonly onFailure?: (error: DsError) => void;
}

/** Addresses of one host that are tried. */
const MOST_ADDRESSES = 8;

/**
 * Asks one after another, each once, and all over again `retries` times. A server that cannot be reached at all is not asked
 * again. Errors: those of exchange(), of the only server; `dns.no_server` when there were several.
 */
export async function askServers(
  servers: readonly NameServer[],
  query: Message,
  options: AskOptions,
): Promise<Exchange> {
  const { retries, onFailure } = options;
  const failures: DsError[] = [];
  let places = await placesOf(servers, options, failures);
  let servfail: Exchange | undefined;
  for (let round = 0; round <= retries && places.length > 0; round++) {
    const silent: Place[] = [];
    for (const place of places) {
      try {
        const found = await exchange(place.server, query, { ...options, address: place.address, retries: 0 });
        if (found.response.rcode !== Rcode.SERVFAIL || options.nextOnServfail !== true) return found;
        servfail ??= found;
      } catch (error) {
        if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
        failures.push(error);
        onFailure?.(error);
        if (error.code === 'dns.timeout') silent.push(place);
      }
    }
    places = silent;
  }
  if (servfail !== undefined) return servfail;
  throw failure(failures, servers);
}

interface Place {
  readonly server: NameServer;
  readonly address: string;
}

async function placesOf(servers: readonly NameServer[], options: AskOptions, failures: DsError[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const server of servers) {
    try {
      const addresses = await addressesOf(server, options, options.family);
      places.push(...addresses.slice(0, MOST_ADDRESSES).map((address) => ({ server, address })));
    } catch (error) {
      if (!(error instanceof DsError)) throw error;
      failures.push(error);
      options.onFailure?.(error);
    }
  }
  return places;
}

function failure(failures: readonly DsError[], servers: readonly NameServer[]): DsError {
  const last = failures.at(-1);
  if (last !== undefined && (servers.length === 1 || failures.length === 1)) return last;
  const said = [...new Set(failures.map(({ message }) => message))].join('; ');
  return dnsErrors.error('dns.no_server', `none of the name servers answered: ${said || 'there is none'}`, {
    details: { servers: servers.map(({ shown }) => shown).join(' ') },
  });
}
