/** Records of the zones that are kept here, as commands change them: which zone a name belongs to, and what a change says. */
import { dnsErrors } from './errors.js';
import { Name } from './name.js';
import { canonicalRdata } from './rdata/canonical.js';
import { type ResourceRecord, type RRset, recordsOf } from './record.js';
import { DEFAULT_APEX_TTL, type Edit, type EditResult, type ZoneStore, type ZoneSummary } from './store/zone-store.js';
import { zoneFor } from './typed-name.js';
import { RRClass, RRType } from './wire.js';
import type { ZoneData } from './zone/zone-data.js';

/** Where records are: a name, and the zone where it is not the one that holds the name. */
export interface RecordPlace {
  readonly name: Name;
  /** Where zones lie within each other: a delegation's NS and glue belong to the upper one. */
  readonly zone?: Name | undefined;
  /** DS records belong to the zone above a zone's origin (RFC 4035, section 2.4). */
  readonly type?: number | undefined;
}

export interface RecordSet extends RecordPlace {
  readonly type: number;
  readonly rdatas: readonly Uint8Array[];
  /** Seconds. Default: that of the set as it is, else of the zone's SOA. */
  readonly ttl?: number | undefined;
  /** Leaves what is there. */
  readonly add?: boolean;
  /** Makes a zone where none holds the name. */
  readonly create?: boolean;
  /** For people, kept in the history. */
  readonly comment?: string | undefined;
}

export interface RecordChange {
  readonly zone: Name;
  /** The zone is new. */
  readonly created: boolean;
  /** Of a new zone that before the records came. */
  readonly serialBefore: number;
  readonly result: EditResult;
  /** The set as it is now. */
  readonly now: RRset;
}

/** Error: `dns.no_such_zone`; `hint` says how to go on. */
export function zoneOf(zones: ZoneStore, place: RecordPlace, hint: string): ZoneData {
  const zone = findZone(zones, place);
  if (zone !== undefined) return zone;
  const { name, zone: asked } = place;
  const message = asked === undefined ? `no zone here holds ${name}` : `the zone ${asked} is not here`;
  throw dnsErrors.error('dns.no_such_zone', message, { hint, details: { name: (asked ?? name).toString() } });
}

/** The zone of this origin. Error: `dns.no_such_zone`; `hint` says how to go on. */
export function requireZone(zones: ZoneStore, origin: Name, hint: string): ZoneSummary {
  const zone = zones.get(origin);
  if (zone !== undefined) return zone;
  throw dnsErrors.error('dns.no_such_zone', `the zone ${origin} is not here`, {
    hint,
    details: { zone: origin.toString() },
  });
}

function findZone(zones: ZoneStore, { name, zone, type }: RecordPlace): ZoneData | undefined {
  if (zone !== undefined) return exactly(zones, zone);
  const found = zones.find(name);
  if (type !== RRType.DS || found === undefined || !found.origin.equals(name) || name.isRoot) return found;
  return zones.find(name.parent()) ?? found;
}

function exactly(zones: ZoneStore, origin: Name): ZoneData | undefined {
  const found = zones.find(origin);
  return found?.origin.equals(origin) === true ? found : undefined;
}

/** The sets of a name as they are kept, wildcards and delegations not followed. */
export function recordsAt(zone: ZoneData, { name, type }: RecordPlace): RRset[] {
  if (!name.isWithin(zone.origin)) throw outsideZone(name, zone.origin);
  return zone.node(name).filter((set) => type === undefined || set.type === type);
}

function outsideZone(name: Name, origin: Name) {
  return dnsErrors.error('dns.outside_zone', `${name} is outside of the zone ${origin}`, {
    hint: 'write names in full: www.shop.test, not www',
    details: { name: name.toString(), zone: origin.toString() },
  });
}

/** Errors: `dns.no_such_zone` with `hint`, and those of ZoneStore.edit(); a zone that it made is gone again then. */
export function setRecords(zones: ZoneStore, set: RecordSet, hint: string): RecordChange {
  const known = findZone(zones, set);
  const zone = known ?? (set.create === true ? makeZone(zones, set) : zoneOf(zones, set, hint));
  const serialBefore = zones.get(zone.origin)?.serial ?? 0;
  try {
    const edits = editsOf(zone, set);
    const result = zones.edit(zone.origin, edits, set.comment === undefined ? {} : { comment: set.comment });
    return {
      zone: zone.origin,
      created: known === undefined,
      serialBefore: serialBeforeOf(result, serialBefore),
      result,
      now: setOf(zone, set),
    };
  } catch (error) {
    if (known === undefined) zones.delete(zone.origin);
    throw error;
  }
}

function setOf(zone: ZoneData, { name, type, ttl = 0 }: RecordSet): RRset {
  const none = { name, type, class: RRClass.IN, ttl, rdatas: [] };
  return recordsAt(zone, { name, type })[0] ?? none;
}

/** The serial is read within the change: another process may have changed the zone since we looked. */
function serialBeforeOf(result: EditResult, looked: number): number {
  return result.changed ? (result.serialBefore ?? looked) : result.serial;
}

function makeZone(zones: ZoneStore, { name, zone }: RecordSet): ZoneData {
  const origin = zone ?? zoneFor(name);
  if (!name.isWithin(origin)) throw outsideZone(name, origin);
  // The server is this machine's, and a name server within the zone would need an address there.
  const primaryServer = Name.parse('localhost');
  const mailbox = Name.parse('hostmaster', origin);
  zones.addZone(origin, { primaryServer, mailbox });
  return zoneOf(zones, { name: origin, zone: origin }, '');
}

function editsOf(zone: ZoneData, { name, type, rdatas, ttl: asked, add = false }: RecordSet): Edit[] {
  if (!name.isWithin(zone.origin)) throw outsideZone(name, zone.origin);
  const ttl = asked ?? zone.node(name).find((set) => set.type === type)?.ttl ?? apexTtl(zone);
  if (!add) return [{ op: 'set', name, type, ttl, rdatas }];
  return rdatas.map((rdata) => ({ op: 'add', record: { name, type, class: RRClass.IN, ttl, rdata } }));
}

function apexTtl(zone: ZoneData): number {
  return zone.node(zone.origin).find(({ type }) => type === RRType.SOA)?.ttl ?? DEFAULT_APEX_TTL;
}

export interface RecordSelection extends RecordPlace {
  /** Only records with this data; needs a type. */
  readonly rdatas?: readonly Uint8Array[] | undefined;
}

/** The records that a deletion is about. Of a name as a whole, what a zone cannot do without stays: the SOA and NS of its origin. */
export function selectRecords(zone: ZoneData, { rdatas, ...place }: RecordSelection): ResourceRecord[] {
  const isNeeded = ({ name, type }: RRset) => {
    return place.type === undefined && name.equals(zone.origin) && (type === RRType.SOA || type === RRType.NS);
  };
  return recordsAt(zone, place)
    .filter((set) => !isNeeded(set))
    .flatMap(recordsOf)
    .filter((record) => rdatas === undefined || rdatas.some((rdata) => isSameData(record, rdata)));
}

function isSameData({ type, rdata }: ResourceRecord, other: Uint8Array): boolean {
  return Buffer.compare(canonicalRdata(type, rdata), canonicalRdata(type, other)) === 0;
}

/** Errors: those of ZoneStore.edit(). */
export function deleteRecords(
  zones: ZoneStore,
  zone: ZoneData,
  records: readonly ResourceRecord[],
  comment?: string,
): EditResult {
  return zones.edit(
    zone.origin,
    records.map((record): Edit => ({ op: 'remove', record })),
    comment === undefined ? {} : { comment },
  );
}
