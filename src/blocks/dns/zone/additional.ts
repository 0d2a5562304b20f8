/** What else is useful to who asks: the addresses of the names within an answer (RFC 1034, section 4.3.2, step 6). */
import type { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { RRset } from '../record.js';
import { RRType } from '../wire/mnemonics.js';
import { placeOf } from './place.js';
import type { ZoneData } from './zone-data.js';

/**
 * Names of one RRset whose addresses are looked up: what is additional must not cost more than the answer. 13 name servers
 * fit into 512 octets (RFC 9609, section 4.1); BIND has the same bound.
 */
const MOST_NAMES = 13;

const ADDRESSES: readonly number[] = [RRType.A, RRType.AAAA];

interface Wanted {
  readonly name: Name;
  readonly types: readonly number[];
}

/** From the same zone only: nobody should believe more of it (RFC 2181, section 5.4.1), and so do BIND, Knot and NSD. */
export function additionalsFor(zone: ZoneData, set: RRset): RRset[] {
  const wanted = wantedBy(set).filter(({ name }) => name.isWithin(zone.origin));
  const find = set.type === RRType.NS ? serverAddresses : authoritativeSets;
  return wanted.slice(0, MOST_NAMES).flatMap(({ name, types }) => find(zone, name, types));
}

/**
 * Glue: addresses of a delegation's servers from the zone that delegates, be they below this cut, below another one
 * (siblings) or authoritative (RFC 9471, sections 2 and 3). Those below this cut come first, as without them nobody gets on.
 */
export function glueFor(zone: ZoneData, servers: RRset): RRset[] {
  const names = servers.rdatas.map((rdata) => nameAt(rdata, 0)).filter((name) => name.isWithin(zone.origin));
  const isBelow = (name: Name) => name.isWithin(servers.name);
  const needed = names.filter(isBelow);
  const others = names.filter((name) => !isBelow(name)).slice(0, MOST_NAMES);
  return [...needed, ...others].flatMap((name) => serverAddresses(zone, name, ADDRESSES));
}

/** Below a cut, too, where they are glue. */
function serverAddresses(zone: ZoneData, name: Name, types: readonly number[]): RRset[] {
  const own = zone.node(name);
  return own.length === 0 ? authoritativeSets(zone, name, types) : ofTypes(own, types);
}

function authoritativeSets(zone: ZoneData, name: Name, types: readonly number[]): RRset[] {
  const place = placeOf(zone, name);
  if (place.at !== 'node') return [];
  const sets = ofTypes(place.sets, types);
  return place.wildcard === undefined ? sets : sets.map((set) => ({ ...set, name }));
}

function ofTypes(sets: readonly RRset[], types: readonly number[]): RRset[] {
  return sets.filter(({ type }) => types.includes(type));
}

function wantedBy({ name, type, rdatas }: RRset): Wanted[] {
  if (type === RRType.NS) return rdatas.map((rdata) => ({ name: nameAt(rdata, 0), types: ADDRESSES }));
  if (type === RRType.MX) return rdatas.map((rdata) => ({ name: nameAt(rdata, 2), types: ADDRESSES }));
  if (type === RRType.SRV) return rdatas.map((rdata) => ({ name: nameAt(rdata, 6), types: ADDRESSES }));
  if (type === RRType.NAPTR) return rdatas.flatMap(wantedByNaptr);
  if (type === RRType.SVCB || type === RRType.HTTPS) return rdatas.map((rdata) => wantedByService(name, type, rdata));
  return [];
}

/** RFC 9460, section 4.1: in AliasMode (priority 0) the target's own records, too; `.` as target is the owner. */
function wantedByService(owner: Name, type: number, rdata: Uint8Array): Wanted {
  const target = nameAt(rdata, 2);
  const isAlias = rdata[0] === 0 && rdata[1] === 0;
  return { name: target.isRoot ? owner : target, types: isAlias ? [...ADDRESSES, type] : ADDRESSES };
}

/** RFC 3403, section 4.1, and RFC 3404, section 4.3: the flag says what is at the replacement. */
function wantedByNaptr(rdata: Uint8Array): Wanted[] {
  const flagsAt = 4;
  const servicesAt = flagsAt + 1 + (rdata[flagsAt] ?? 0);
  const patternAt = servicesAt + 1 + (rdata[servicesAt] ?? 0);
  const flags = Buffer.from(rdata.subarray(flagsAt + 1, servicesAt))
    .toString('latin1')
    .toLowerCase();
  const name = nameAt(rdata, patternAt + 1 + (rdata[patternAt] ?? 0));
  if (flags === 'a') return [{ name, types: ADDRESSES }];
  return flags === 's' ? [{ name, types: [RRType.SRV] }] : [];
}
