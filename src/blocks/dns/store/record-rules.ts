/** What has to hold of a record, and of all records of one name, for a zone to take them. */
import type { DsError } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import { checkRdata, HIGHEST_TTL } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { className, isMetaType, RRClass, RRType, typeName } from '../wire/mnemonics.js';
import type { RecordRow } from './row.js';

/** May stand beside a CNAME: RRSIG and NSEC (RFC 4035, section 2.5), and SIG, KEY, NXT before them (RFC 2181, 10.1). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([RRType.SIG, 25, 30, RRType.RRSIG, RRType.NSEC]);

/** Errors: `dns.bad_zone`. Its data is checked by whoever read the record. */
export function checkBelongsToZone(origin: Name, record: ResourceRecord): void {
  const { type, class: rrClass, name } = record;
  if (rrClass !== RRClass.IN) throw badZone(origin, `${name} ${className(rrClass)} is not of class IN`, record);
  if (type === 0 || isMetaType(type)) throw badZone(origin, `${typeName(type)} is no type of records`, record);
  if (type === RRType.SOA && !name.equals(origin)) {
    throw badZone(origin, `an SOA record stands at ${name}, within the zone ${origin}`, record);
  }
}

/** Error: `dns.outside_zone`. */
export function checkWithin(origin: Name, name: Name, record?: ResourceRecord): void {
  if (name.isWithin(origin)) return;
  throw dnsErrors.error('dns.outside_zone', `${name} is not within the zone ${origin}${place(record)}`, {
    hint: `leave it out, or name the zone that it belongs to: ds dns zone list`,
    details: { name: name.toString(), zone: origin.toString(), ...whereFrom(record) },
  });
}

/** Of a record that somebody typed. Errors: `dns.outside_zone`, `dns.bad_zone`, `dns.bad_record`. */
export function checkTypedRecord(origin: Name, record: ResourceRecord): void {
  checkWithin(origin, record.name, record);
  checkBelongsToZone(origin, record);
  checkTtl(record.ttl);
  checkRdata(record.type, record.rdata);
}

function checkTtl(ttl: number): void {
  if (Number.isInteger(ttl) && ttl >= 0 && ttl <= HIGHEST_TTL) return;
  throw dnsErrors.error('dns.bad_record', `${ttl} is no TTL: it is 0 to ${HIGHEST_TTL} seconds`, {
    details: { ttl },
  });
}

/** All that a name has before and after a change. Errors: `dns.apex_required`, `dns.cname_conflict`, `dns.bad_zone`. */
export function checkNode(origin: Name, name: Name, before: readonly RecordRow[], after: readonly RecordRow[]): void {
  if (name.equals(origin)) checkApex(origin, before, after);
  const cnames = count(after, RRType.CNAME);
  if (cnames > 1) throw conflict(name, 'CNAME', 'a second one');
  const other = after.find(({ type }) => type !== RRType.CNAME && !BESIDE_CNAME.has(type));
  if (cnames > 0 && other !== undefined) throw conflict(name, 'CNAME', `data of type ${typeName(other.type)}`);
  // RFC 6672, section 2.4.
  if (count(after, RRType.DNAME) > 1) throw conflict(name, 'DNAME', 'a second one');
}

function checkApex(origin: Name, before: readonly RecordRow[], after: readonly RecordRow[]): void {
  if (count(after, RRType.SOA) > 1) throw badZone(origin, `the zone ${origin} would have several SOA records`);
  for (const type of [RRType.SOA, RRType.NS]) {
    if (count(before, type) === 0 || count(after, type) > 0) continue;
    const what = type === RRType.SOA ? 'SOA record' : 'last NS record at its origin';
    throw dnsErrors.error('dns.apex_required', `the zone ${origin} needs its ${what}`, {
      hint: `put another in its place, or delete the zone: ds dns zone delete ${origin}`,
      details: { zone: origin.toString(), type: typeName(type) },
    });
  }
}

function conflict(name: Name, type: string, beside: string): DsError {
  return dnsErrors.error('dns.cname_conflict', `${name} would have a ${type} record beside ${beside}`, {
    hint: `a ${type} stands alone; what is there: ds dns record list ${name}`,
    details: { name: name.toString(), type },
  });
}

export function badZone(origin: Name, message: string, record?: ResourceRecord): DsError {
  return dnsErrors.error('dns.bad_zone', message + place(record), {
    details: { zone: origin.toString(), ...whereFrom(record) },
  });
}

/** Records of a master file know where they stood. */
function whereFrom(record: ResourceRecord | undefined): { file?: string; line?: number } {
  if (record === undefined || !('line' in record) || !('file' in record)) return {};
  const { line, file } = record;
  return typeof line === 'number' && typeof file === 'string' ? { file, line } : {};
}

function place(record: ResourceRecord | undefined): string {
  const { file, line } = whereFrom(record);
  return file === undefined ? '' : ` (${file}, line ${line})`;
}

const count = (rows: readonly RecordRow[], type: number) => rows.filter((row) => row.type === type).length;
