/** Name servers by name, and the addresses that are known of them. */
import type { Name } from '../name.js';
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { RRType } from '../wire.js';

export interface Place {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  readonly port: number;
}

export interface NamedServer {
  /** Undefined for a root server of which only the address was told. */
  readonly name: Name | undefined;
  /** Empty where its addresses have to be looked up; not without a name. */
  readonly places: readonly Place[];
}

/** Name servers of a zone that are looked at: the root has 13. */
const MOST_SERVERS = 20;
/** Addresses of one server that are looked at. */
const MOST_ADDRESSES = 8;

/** The targets of NS records, each once. */
export function serverNames(records: readonly ResourceRecord[], nameOf: (record: ResourceRecord) => Name): Name[] {
  const names = new Map<string, Name>();
  for (const record of records) {
    if (record.type !== RRType.NS || names.size === MOST_SERVERS) continue;
    const name = nameOf(record);
    if (!names.has(name.key)) names.set(name.key, name);
  }
  return [...names.values()];
}

/** The addresses that the records give for a name, IPv4 first. */
export function placesOf(name: Name, records: readonly ResourceRecord[], port: number): Place[] {
  const addresses = [RRType.A, RRType.AAAA].flatMap((wanted) =>
    records
      .filter((record) => record.type === wanted && record.name.equals(name))
      .map(({ type, rdata }) => printRdata(type, rdata)),
  );
  return [...new Set(addresses)].slice(0, MOST_ADDRESSES).map((address) => ({ address, port }));
}
