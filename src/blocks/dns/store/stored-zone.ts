/** One zone's records in the file, read as answering needs them, and as a whole. */
import type { Store } from '../../../platform/store/store.js';
import type { Name } from '../name.js';
import type { ResourceRecord, RRset } from '../record.js';
import { RRClass, RRType } from '../wire/mnemonics.js';
import { dataOf, isLowerCase, nameOf, parametersOf, type RecordRow, recordReader, sameSet } from './row.js';
import { RECORD_COLUMNS } from './schema.js';
import type { WholeZone } from './zone-store.js';

/** Rows that are read at a time when a whole zone is: a few hundred kB. */
const ROWS_AT_A_TIME = 2000;

const NODE =
  'SELECT type, rdata, ttl, owner_case, rdata_case FROM record WHERE zone = ? AND owner = ? ORDER BY type, rdata';
const AT_OR_AFTER = 'SELECT owner FROM record WHERE zone = ? AND owner >= ? ORDER BY owner LIMIT 1';
const BEFORE = 'SELECT owner FROM record WHERE zone = ? AND owner < ? ORDER BY owner DESC LIMIT 1';
const APEX_SOA = `SELECT ${RECORD_COLUMNS} FROM record WHERE zone = ? AND owner = ? AND type = ${RRType.SOA}`;
const FIRST_ROWS = `SELECT ${RECORD_COLUMNS} FROM record WHERE zone = ? ORDER BY owner, type, rdata LIMIT ?`;
const NEXT_ROWS = `SELECT ${RECORD_COLUMNS} FROM record WHERE zone = ? AND (owner, type, rdata) > (?, ?, ?)
  ORDER BY owner, type, rdata LIMIT ?`;

/** Of a row of NODE. */
type NodeValues = [number, Buffer, number, Buffer | null, Buffer | null];

export class StoredZone implements WholeZone {
  readonly origin: Name;
  readonly #store: Store;
  readonly #id: number;

  constructor(store: Store, id: number, origin: Name) {
    this.#store = store;
    this.#id = id;
    this.origin = origin;
  }

  node(name: Name): readonly RRset[] {
    const rows = this.rows(name.sortKey());
    const sets: RRset[] = [];
    for (let start = 0; start < rows.length; ) {
      const first = rows[start];
      if (first === undefined) break;
      let end = start + 1;
      while (isOfSet(rows[end], first)) end++;
      sets.push(toSet(rows.slice(start, end), first, name));
      start = end;
    }
    return sets;
  }

  /** In order of type and data. */
  rows(owner: Uint8Array): RecordRow[] {
    // Rows as arrays: objects would take half as long again to make (7 µs instead of 10 for a node of two records).
    const values = this.#store.read(() =>
      this.#store.statement<[number, Uint8Array], NodeValues>(NODE).raw().all(this.#id, owner),
    );
    return values.map(([type, rdata, ttl, owner_case, rdata_case]) => {
      return { owner, type, rdata, ttl, owner_case, rdata_case };
    });
  }

  /**
   * Names that have most in common with one are its neighbours in canonical order, and each name above an owner exists: so
   * what exists of a name is the longer of what it shares with the owner at or after it and with the one before.
   */
  closestEncloser(name: Name): Name {
    const key = name.sortKey();
    const shared = Math.max(this.#shared(AT_OR_AFTER, key), this.#shared(BEFORE, key), this.origin.labelCount);
    return shared >= name.labelCount ? name : name.suffix(shared);
  }

  /** See WholeZone. Reads by pages, so that nothing is held open in between; of one state only within a transaction. */
  *records(): Generator<ResourceRecord> {
    const soa = this.soa();
    if (soa !== undefined) yield recordReader()(soa);
    const read = recordReader();
    for (let rows = this.#firstRows(); ; ) {
      for (const row of rows) if (row.type !== RRType.SOA) yield read(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_AT_A_TIME) return;
      rows = this.#rowsAfter(last);
    }
  }

  soa(): RecordRow | undefined {
    return this.#store.read(() =>
      this.#store.statement<[number, Uint8Array], RecordRow>(APEX_SOA).get(this.#id, this.origin.sortKey()),
    );
  }

  #shared(sql: string, key: Uint8Array): number {
    const row = this.#store.read(() =>
      this.#store.statement<[number, Uint8Array], { owner: Buffer }>(sql).get(this.#id, key),
    );
    return row === undefined ? 0 : sharedLabels(row.owner, key);
  }

  #firstRows(): RecordRow[] {
    return this.#store.read(() =>
      this.#store.statement<[number, number], RecordRow>(FIRST_ROWS).all(this.#id, ROWS_AT_A_TIME),
    );
  }

  #rowsAfter(last: RecordRow): RecordRow[] {
    const [owner, type, rdata] = parametersOf(last);
    return this.#store.read(() =>
      this.#store
        .statement<[number, Uint8Array, number, Uint8Array, number], RecordRow>(NEXT_ROWS)
        .all(this.#id, owner, type, rdata, ROWS_AT_A_TIME),
    );
  }
}

const isOfSet = (row: RecordRow | undefined, first: RecordRow) => row !== undefined && sameSet(row, first);

/** Labels that two names share from the root on, by their sort keys: an octet 00 is nowhere but at a label's end. */
function sharedLabels(a: Uint8Array, b: Uint8Array): number {
  let labels = 0;
  for (let i = 0; i < a.length && a[i] === b[i]; i++) if (a[i] === 0) labels++;
  return labels;
}

/** `asked`: the owner in some case; not made again where it is in lower case as it mostly is. */
function toSet(rows: readonly RecordRow[], first: RecordRow, asked: Name): RRset {
  const name = first.owner_case !== null ? nameOf(first) : isLowerCase(asked) ? asked : asked.lowerCase();
  // Only those of signatures may differ (see sameSet).
  const ttl = Math.min(...rows.map((row) => row.ttl));
  return { name, type: first.type, class: RRClass.IN, ttl, rdatas: rows.map(dataOf) };
}
