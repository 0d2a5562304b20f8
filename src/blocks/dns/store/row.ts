/** Records as rows, both ways; see schema.ts. */
import { Name } from '../name.js';
import { canonicalRdata } from '../rdata/canonical.js';
import type { ResourceRecord } from '../record.js';
import { RRClass, RRType } from '../wire/mnemonics.js';

export interface RecordRow {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly rdata: Uint8Array;
  readonly ttl: number;
  readonly owner_case: Uint8Array | null;
  readonly rdata_case: Uint8Array | null;
}

/** Parameters in the order of RECORD_COLUMNS. */
export type RecordParameters = [Uint8Array, number, Uint8Array, number, Uint8Array | null, Uint8Array | null];

export function parametersOf(row: RecordRow): RecordParameters {
  return [row.owner, row.type, row.rdata, row.ttl, row.owner_case, row.rdata_case];
}

/** The owner's two columns. */
export interface OwnerColumns {
  readonly owner: Uint8Array;
  readonly owner_case: Uint8Array | null;
}

export function ownerColumns(name: Name): OwnerColumns {
  return { owner: name.sortKey(), owner_case: isLowerCase(name) ? null : name.wire };
}

export function toRow(record: ResourceRecord, owner: OwnerColumns = ownerColumns(record.name)): RecordRow {
  const { type, ttl } = record;
  const rdata = canonicalRdata(type, record.rdata);
  const rdata_case = rdata === record.rdata ? null : record.rdata;
  return { owner: owner.owner, type, rdata, ttl, owner_case: owner.owner_case, rdata_case };
}

/** The data as it was given. */
export function dataOf(row: RecordRow): Uint8Array {
  return row.rdata_case ?? row.rdata;
}

export function nameOf(row: OwnerColumns): Name {
  return row.owner_case === null ? Name.fromSortKey(row.owner) : Name.fromValidWire(row.owner_case);
}

export function toRecord(row: RecordRow, name: Name = nameOf(row)): ResourceRecord {
  return { name, type: row.type, class: RRClass.IN, ttl: row.ttl, rdata: dataOf(row) };
}

/** Makes records of rows that come owner by owner, each owner's name once. */
export function recordReader(): (row: RecordRow) => ResourceRecord {
  let last: { readonly row: RecordRow; readonly name: Name } | undefined;
  return (row) => {
    if (
      last === undefined ||
      !sameOctets(last.row.owner, row.owner) ||
      !sameOctets(last.row.owner_case, row.owner_case)
    ) {
      last = { row, name: nameOf(row) };
    }
    return toRecord(row, last.name);
  };
}

export function sameOctets(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0);
}

/** Signatures of different types are sets of their own, each with the TTL of what it covers (RFC 4034, section 3). */
export function sameSet(a: RecordRow, b: RecordRow): boolean {
  if (a.type !== b.type) return false;
  return a.type !== RRType.RRSIG || (a.rdata[0] === b.rdata[0] && a.rdata[1] === b.rdata[1]);
}

export function isLowerCase(name: Name): boolean {
  const { wire, key } = name;
  for (let i = 0; i < wire.length; i++) if (wire[i] !== key.charCodeAt(i)) return false;
  return true;
}
