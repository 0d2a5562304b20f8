/** Asks every server of a zone for its SOA and NS records, all at once. */
import { DsError } from '../../../platform/errors.js';
import { type AskedPlace, type PlaceState, stateOf, type ZonePlace } from '../compare/drift.js';
import type { Name } from '../name.js';
import { RRClass, RRType } from '../wire.js';
import { type ExchangeOptions, exchange } from './exchange.js';
import { makeQuery } from './make-query.js';
import { type NameServer, parseServer } from './server-address.js';

export function askPlaces(
  zone: Name,
  places: readonly ZonePlace[],
  options: Pick<ExchangeOptions, 'clock' | 'random' | 'signal' | 'timeoutMs' | 'retries'>,
): Promise<AskedPlace[]> {
  return Promise.all(places.map(async (place) => ({ ...place, state: await askPlace(zone, place, options) })));
}

export function serverAt({ address, port }: ZonePlace, transport: 'udp' | 'tcp' = 'udp'): NameServer {
  return parseServer(address, { defaultPort: port, transport });
}

async function askPlace(zone: Name, place: ZonePlace, options: ExchangeOptions): Promise<PlaceState> {
  const ask = (type: number) => {
    const query = makeQuery({ question: { name: zone, type, class: RRClass.IN }, edns: {} });
    return exchange(serverAt(place), query, options);
  };
  try {
    // One after the other: whoever is silent is so once.
    const soa = await ask(RRType.SOA);
    const ns = await ask(RRType.NS);
    return stateOf(zone, soa.response, ns.response, soa.elapsedMs);
  } catch (error) {
    if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
    return { kind: 'silent', error };
  }
}
