/**
 * Edits on their way into a zone: the names that they touch, as they were and as they will be. Each name is read once, when
 * the first edit of it comes.
 *
 *     edits ──▶ node www: before [A 1, A 2]  after [A 2, A 3] ──▶ removed [A 1]  added [A 3]
 */
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { RRClass, RRType } from '../wire/mnemonics.js';
import { checkNode, checkTypedRecord, checkWithin } from './record-rules.js';
import { type OwnerColumns, ownerColumns, type RecordRow, sameOctets, sameSet, toRow } from './row.js';
import type { StoredZone } from './stored-zone.js';
import type { Edit } from './zone-store.js';

interface Node {
  readonly name: Name;
  readonly before: readonly RecordRow[];
  after: RecordRow[];
}

export interface Difference {
  /** Without the SOA. */
  readonly removed: readonly RecordRow[];
  readonly added: readonly RecordRow[];
  /** As it is to be, its serial as it was asked for. */
  readonly soa: RecordRow | undefined;
}

export class Draft {
  readonly #zone: StoredZone;
  readonly #nodes = new Map<string, Node>();

  constructor(zone: StoredZone) {
    this.#zone = zone;
  }

  /** Errors: as of ZoneStore.edit. */
  apply(edit: Edit): void {
    if (edit.op === 'add') this.#add(edit.record);
    else if (edit.op === 'remove') this.#remove(edit.record);
    else if (edit.op === 'set') this.#set(edit.name, edit.type, edit.ttl, edit.rdatas);
    else this.#clear(edit.name, edit.type);
  }

  /** Errors: `dns.cname_conflict`, `dns.apex_required`. */
  difference(): Difference {
    const removed: RecordRow[] = [];
    const added: RecordRow[] = [];
    for (const { name, before, after } of this.#nodes.values()) {
      const gone = before.filter((row) => !has(after, row));
      const come = after.filter((row) => !has(before, row));
      if (gone.length + come.length === 0) continue;
      checkNode(this.#zone.origin, name, before, after);
      removed.push(...gone.filter(isNoSoa));
      added.push(...come.filter(isNoSoa));
    }
    const apex = this.#nodes.get(this.#zone.origin.key)?.after;
    const soa = apex === undefined ? this.#zone.soa() : apex.find((row) => !isNoSoa(row));
    return { removed, added, soa };
  }

  #add(record: ResourceRecord): void {
    checkTypedRecord(this.#zone.origin, record);
    const node = this.#node(record.name);
    const row = rowFor(node, record);
    // There is one SOA: another takes its place (RFC 2136, section 3.4.2.2).
    if (row.type === RRType.SOA) node.after = node.after.filter(isNoSoa);
    const present = node.after.find((other) => sameRecord(other, row));
    const others = node.after.filter((other) => other !== present);
    const adjusted = others.map((other) => (sameSet(other, row) ? withTtl(other, row.ttl) : other));
    node.after = [...adjusted, present === undefined ? row : withTtl(present, row.ttl)];
  }

  #remove(record: ResourceRecord): void {
    checkWithin(this.#zone.origin, record.name, record);
    const node = this.#node(record.name);
    const row = toRow(record);
    node.after = node.after.filter((other) => !sameRecord(other, row));
  }

  #set(name: Name, type: number, ttl: number, rdatas: readonly Uint8Array[]): void {
    const records = rdatas.map((rdata) => ({ name, type, class: RRClass.IN, ttl, rdata }));
    for (const record of records) checkTypedRecord(this.#zone.origin, record);
    checkWithin(this.#zone.origin, name);
    const node = this.#node(name);
    const rows: RecordRow[] = [];
    for (const record of records) {
      const row = rowFor(node, record);
      // What is there already keeps its case.
      const present = node.after.find((other) => sameRecord(other, row));
      if (!rows.some((other) => sameRecord(other, row))) rows.push(present ? withTtl(present, ttl) : row);
    }
    node.after = [...node.after.filter((row) => row.type !== type), ...rows];
  }

  #clear(name: Name, type: number | undefined): void {
    checkWithin(this.#zone.origin, name);
    const node = this.#node(name);
    const isApex = name.equals(this.#zone.origin);
    const stays = (row: RecordRow) => {
      if (type !== undefined) return row.type !== type;
      return isApex && (row.type === RRType.SOA || row.type === RRType.NS);
    };
    node.after = node.after.filter(stays);
  }

  #node(name: Name): Node {
    let node = this.#nodes.get(name.key);
    if (node === undefined) {
      const before = this.#zone.rows(name.sortKey());
      node = { name, before, after: before };
      this.#nodes.set(name.key, node);
    }
    return node;
  }
}

/** In the case that the name's other records have. */
function rowFor(node: Node, record: ResourceRecord): RecordRow {
  const owner: OwnerColumns = node.after[0] ?? node.before[0] ?? ownerColumns(record.name);
  return toRow(record, owner);
}

const isNoSoa = ({ type }: RecordRow) => type !== RRType.SOA;

const withTtl = (row: RecordRow, ttl: number): RecordRow => (row.ttl === ttl ? row : { ...row, ttl });

/** Of one owner. */
const sameRecord = (a: RecordRow, b: RecordRow) => a.type === b.type && sameOctets(a.rdata, b.rdata);

const has = (rows: readonly RecordRow[], row: RecordRow) =>
  rows.some((other) => other === row || (sameRecord(other, row) && other.ttl === row.ttl));
