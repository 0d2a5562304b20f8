/** A name with all its records, and what does not depend on other names. */
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { RRType, typeName } from '../../wire/mnemonics.js';
import type { Tell } from './findings.js';
import { hasInnerAsterisk, isHostName } from './host-names.js';

export interface Owner {
  readonly name: Name;
  /** Record data by type. */
  readonly data: ReadonlyMap<number, readonly Uint8Array[]>;
}

/** `records` come owner by owner. */
export function* ownersOf(records: Iterable<ResourceRecord>): Generator<Owner, void, undefined> {
  let name: Name | undefined;
  let data = new Map<number, Uint8Array[]>();
  for (const record of records) {
    if (name === undefined || !record.name.equals(name)) {
      if (name !== undefined) yield { name, data };
      name = record.name;
      data = new Map();
    }
    const before = data.get(record.type);
    if (before === undefined) data.set(record.type, [record.rdata]);
    else before.push(record.rdata);
  }
  if (name !== undefined) yield { name, data };
}

/** Types that may stand beside a CNAME: RRSIG and NSEC (RFC 4035, section 2.5); SIG, KEY and NXT before (RFC 2181, 10.1). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([RRType.SIG, 25, 30, RRType.RRSIG, RRType.NSEC]);

/** Types whose owner is a host (RFC 1123, section 2.1). */
const OF_HOSTS = [RRType.A, RRType.AAAA, RRType.MX] as const;

export function checkOwner({ name, data }: Owner, origin: Name, tell: Tell): void {
  checkAlone(name, data, tell);
  checkWildcard(name, data, tell);
  if (name.equals(origin)) return;
  if (data.has(RRType.SOA)) tell('soa_below_apex', name, `${name} has a SOA record, and is not the origin ${origin}`);
  if (data.has(RRType.DNAME) && data.has(RRType.NS)) {
    tell('dname_and_ns', name, `${name} has both DNAME and NS records: it is delegated, the DNAME is never answered`);
  }
  const ofHost = OF_HOSTS.find((type) => data.has(type));
  if (ofHost !== undefined && !isHostName(name)) {
    tell(
      'no_host_name',
      name,
      `${name} has ${typeName(ofHost)} records, and is no host name: letters, digits and hyphens`,
    );
  }
}

/** Types of which there is one, and types that stand alone. */
function checkAlone(name: Name, data: Owner['data'], tell: Tell): void {
  const aliases = data.get(RRType.CNAME)?.length ?? 0;
  if (aliases > 1) tell('cname_multiple', name, `${name} has ${aliases} CNAME records: there may be one`);
  if (aliases > 0) {
    const others = [...data.keys()].filter((type) => type !== RRType.CNAME && !BESIDE_CNAME.has(type));
    const types = others.map(typeName).join(', ');
    if (others.length > 0)
      tell('cname_and_other_data', name, `${name} has a CNAME record beside ${types}: it stands alone`);
  }
  const redirections = data.get(RRType.DNAME)?.length ?? 0;
  if (redirections > 1) tell('dname_multiple', name, `${name} has ${redirections} DNAME records: there may be one`);
}

function checkWildcard(name: Name, data: Owner['data'], tell: Tell): void {
  if (hasInnerAsterisk(name)) {
    tell('wildcard_inside', name, `${name} has an asterisk within, which is no wildcard there`);
  }
  if (!name.isWildcard) return;
  if (data.has(RRType.NS)) tell('wildcard_ns', name, `${name} has NS records: a wildcard delegates nothing`);
  if (data.has(RRType.DNAME))
    tell('wildcard_dname', name, `${name} has a DNAME record: what a wildcard's means is undefined`);
}
