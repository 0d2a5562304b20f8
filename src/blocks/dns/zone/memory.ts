/** Zones in memory: for a zone file that is served or checked without a store. */
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import { type ResourceRecord, type RRset, recordsOf } from '../record.js';
import { RRType, typeName } from '../wire/mnemonics.js';
import type { ZoneData, ZoneSet } from './zone-data.js';

interface GrowingSet extends RRset {
  ttl: number;
  readonly rdatas: Uint8Array[];
}

export class MemoryZone implements ZoneData {
  readonly origin: Name;
  /** By the names' keys. Empty non-terminals have a node without sets, so a node's ancestors are always nodes. */
  readonly #nodes = new Map<string, GrowingSet[]>();

  private constructor(origin: Name) {
    this.origin = origin;
    this.#nodes.set(origin.key, []);
  }

  /**
   * In any order. The origin is the owner of the SOA unless it is given. Duplicates count once (RFC 2181, section 5), and
   * the lowest TTL of an RRset is everybody's (section 5.2). Error: `dns.bad_zone`, without a SOA at the origin or with a
   * record that lies outside.
   */
  static fromRecords(records: Iterable<ResourceRecord>, origin?: Name): MemoryZone {
    const all = [...records];
    const start = origin ?? all.find(({ type }) => type === RRType.SOA)?.name;
    if (start === undefined) throw badZone('the zone has no SOA record');
    const zone = new MemoryZone(start);
    for (const record of all) zone.#add(record);
    if (!zone.node(start).some(({ type }) => type === RRType.SOA)) throw badZone(`${start} has no SOA record`);
    return zone;
  }

  node(name: Name): readonly RRset[] {
    return this.#nodes.get(name.key) ?? [];
  }

  closestEncloser(name: Name): Name {
    let encloser = name;
    while (!this.#nodes.has(encloser.key)) encloser = encloser.parent();
    return encloser;
  }

  /** The SOA first, then in canonical order (RFC 4034, section 6). */
  *records(): Generator<ResourceRecord> {
    const isSoa = ({ type }: RRset) => type === RRType.SOA;
    for (const set of this.node(this.origin).filter(isSoa)) yield* recordsOf(set);
    for (const sets of this.#sortedNodes())
      for (const set of sets.filter((one) => !isSoa(one))) yield* recordsOf({ ...set, rdatas: sorted(set.rdatas) });
  }

  *#sortedNodes(): Generator<RRset[]> {
    const nodes = [...this.#nodes.values()].flatMap((sets) => (sets[0] === undefined ? [] : [{ sets, of: sets[0] }]));
    const keyed = nodes.map(({ sets, of }) => ({ sets, key: of.name.sortKey() }));
    keyed.sort((a, b) => Buffer.compare(a.key, b.key));
    for (const { sets } of keyed) yield [...sets].sort((a, b) => a.type - b.type);
  }

  #add(record: ResourceRecord): void {
    const { name, type, ttl, rdata } = record;
    if (!name.isWithin(this.origin)) throw badZone(`${name} ${typeName(type)} is outside of ${this.origin}`);
    const sets = this.#nodeFor(name);
    const set = sets.find((one) => belongsTo(record, one));
    if (set === undefined) {
      sets.push({ name, type, class: record.class, ttl, rdatas: [rdata] });
      return;
    }
    set.ttl = Math.min(set.ttl, ttl);
    if (!set.rdatas.some((one) => Buffer.compare(one, rdata) === 0)) set.rdatas.push(rdata);
  }

  #nodeFor(name: Name): GrowingSet[] {
    const known = this.#nodes.get(name.key);
    if (known !== undefined) return known;
    const sets: GrowingSet[] = [];
    this.#nodes.set(name.key, sets);
    for (let above = name.parent(); !this.#nodes.has(above.key); above = above.parent()) this.#nodes.set(above.key, []);
    return sets;
  }
}

/** Zones by their origins. */
export class MemoryZoneSet implements ZoneSet {
  readonly #zones = new Map<string, ZoneData>();

  constructor(zones: Iterable<ZoneData>) {
    for (const zone of zones) this.#zones.set(zone.origin.key, zone);
  }

  find(name: Name): ZoneData | undefined {
    for (let origin = name; ; origin = origin.parent()) {
      const zone = this.#zones.get(origin.key);
      if (zone !== undefined || origin.isRoot) return zone;
    }
  }
}

/** Signatures of different types are sets of their own, since each has the TTL of what it covers (RFC 4034, section 3). */
function belongsTo({ type, class: rrClass, rdata }: ResourceRecord, set: RRset): boolean {
  if (type !== set.type || rrClass !== set.class) return false;
  return type !== RRType.RRSIG || coveredType(rdata) === coveredType(set.rdatas[0]);
}

function coveredType(signature: Uint8Array | undefined): number {
  return ((signature?.[0] ?? 0) << 8) | (signature?.[1] ?? 0);
}

function sorted(rdatas: readonly Uint8Array[]): Uint8Array[] {
  return [...rdatas].sort(Buffer.compare);
}

function badZone(message: string) {
  return dnsErrors.error('dns.bad_zone', message);
}
