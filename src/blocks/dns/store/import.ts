/**
 * A whole zone that comes in: a new one becomes the baseline of its history; of one that is there only the difference is
 * written, as a change like any other.
 */
import type { Store } from '../../../platform/store/store.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { RRType } from '../wire/mnemonics.js';
import { ADDED, ChangeWriter, type Note, type Op, REMOVED } from './change-writer.js';
import { secondaryZone } from './edit.js';
import type { IncomingTable } from './incoming.js';
import { levelTtls } from './mixed-ttls.js';
import { badZone, checkBelongsToZone, checkWithin } from './record-rules.js';
import { type OwnerColumns, ownerColumns, type RecordRow, sameOctets, toRow } from './row.js';
import { RECORD_COLUMNS } from './schema.js';
import { bumpedSerial, sameButSerial, serialOf, soaWithSerial } from './soa-row.js';
import { StoredZone } from './stored-zone.js';
import { findZone, insertZone, originOf, type ZoneRow } from './zone-rows.js';
import type { ImportOptions, ImportReport, ZoneImport } from './zone-store.js';

/** Undoes a transaction that went well. */
class DryRun {
  constructor(readonly report: ImportReport) {}
}

export interface ImportParts {
  readonly store: Store;
  readonly table: IncomingTable;
  /** For the change's note. Asked at the end. */
  note(): Note;
  /** Something was written. */
  done(): void;
}

export class StoredImport implements ZoneImport {
  readonly #origin: Name;
  readonly #options: ImportOptions;
  readonly #parts: ImportParts;
  readonly #store: Store;
  readonly #table: IncomingTable;
  #soa: RecordRow | undefined;
  #lastName: Name | undefined;
  #lastOwner: OwnerColumns | undefined;
  #isOpen = true;

  constructor(origin: Name, options: ImportOptions, parts: ImportParts) {
    this.#origin = origin;
    this.#options = options;
    this.#parts = parts;
    this.#store = parts.store;
    this.#table = parts.table;
  }

  add(record: ResourceRecord): void {
    if (!this.#isOpen) throw new Error('the import is over');
    try {
      const owner = this.#ownerOf(record);
      checkBelongsToZone(this.#origin, record);
      const row = toRow(record, owner);
      if (row.type === RRType.SOA) this.#takeSoa(row, record);
      else this.#table.add(row);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  finish(): ImportReport {
    if (!this.#isOpen) throw new Error('the import is over');
    try {
      if (this.#soa === undefined) throw badZone(this.#origin, `the records have no SOA for ${this.#origin}`);
      const soa = this.#soa;
      this.#table.flush();
      const known = findZone(this.#store, this.#origin);
      if (known !== undefined) this.#store.view(() => this.#table.sort(known.id));
      const report = this.#write(soa);
      if (report.changed) this.#parts.done();
      return report;
    } finally {
      this.abort();
    }
  }

  abort(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#table.release();
  }

  #write(soa: RecordRow): ImportReport {
    try {
      return this.#store.write(() => {
        const report = this.#apply(soa);
        if (this.#options.dryRun) throw new DryRun(report);
        return report;
      });
    } catch (thrown) {
      if (thrown instanceof DryRun) return thrown.report;
      throw thrown;
    }
  }

  /** Owners come in runs: a master file groups them, a transfer sorts them. */
  #ownerOf(record: ResourceRecord): OwnerColumns {
    const { name } = record;
    if (this.#lastOwner !== undefined && name === this.#lastName) return this.#lastOwner;
    checkWithin(this.#origin, name, record);
    this.#lastName = name;
    this.#lastOwner = ownerColumns(name);
    return this.#lastOwner;
  }

  /** It may come twice, as at both ends of a transfer (RFC 5936, section 2.2), but not be another. */
  #takeSoa(row: RecordRow, record: ResourceRecord): void {
    if (this.#soa !== undefined && !sameOctets(this.#soa.rdata, row.rdata)) {
      throw badZone(this.#origin, `the zone ${this.#origin} has several SOA records`, record);
    }
    this.#soa ??= row;
  }

  #apply(soa: RecordRow): ImportReport {
    const zone = findZone(this.#store, this.#origin);
    checkKind(zone, this.#origin, this.#options);
    const report = zone === undefined ? this.#makeZone(soa) : this.#replace(zone, soa);
    const id = zone?.id ?? findZone(this.#store, this.#origin)?.id;
    if (id !== undefined) this.#options.verify?.(new StoredZone(this.#store, id, this.#origin));
    return report;
  }

  #makeZone(soa: RecordRow): ImportReport {
    const { serial: mode } = this.#options;
    const note = this.#parts.note();
    const zone = insertZone(this.#store, this.#origin, mode === 'bump' ? 'primary' : 'secondary', note.at);
    const rows = this.#table.fill(zone.id);
    const mixed = levelTtls(this.#store, 'record', zone.id);
    insertRecord(this.#store, zone.id, soa);
    const serial = serialOf(soa);
    const facts = { kind: 'baseline', serial, onlySerial: false, ...note } as const;
    new ChangeWriter(this.#store, zone).finishBaseline(facts, rows + 1);
    return {
      origin: this.#origin,
      changed: true,
      added: rows + 1,
      removed: 0,
      unchanged: 0,
      serialBefore: undefined,
      serial,
      serialGiven: serial,
      duplicates: this.#table.rows - rows,
      mixedTtls: mixed.count,
      mixedTtlExamples: mixed.examples,
    };
  }

  #replace(zone: ZoneRow, soa: RecordRow): ImportReport {
    const store = this.#store;
    const sorted = this.#table.sort(zone.id);
    const writer = new ChangeWriter(store, zone);
    const removed = putDifference(store, zone.id, writer.number, REMOVED, 'record', sorted.name);
    const added = putDifference(store, zone.id, writer.number, ADDED, sorted.name, 'record');
    const before = new StoredZone(store, zone.id, originOf(zone)).soa();
    if (before === undefined) throw new Error(`the zone ${originOf(zone)} has no SOA record`);
    const onlySerial = sameButSerial(before, soa);
    const serial = this.#serialFor(zone.serial, serialOf(soa), removed + added > 0 || !onlySerial);
    const soaCounts = serial !== undefined && !onlySerial ? 1 : 0;
    if (serial !== undefined) {
      writer.put(REMOVED, before);
      writer.put(ADDED, soaWithSerial(soa, serial));
      const kind = this.#options.serial === 'bump' ? 'import' : 'transfer';
      const summary = writer.finish({ kind, serial, onlySerial, ...this.#parts.note() });
      if (summary === undefined) throw new Error(`the difference of ${this.#origin} does not fit its records`);
    }
    return {
      origin: this.#origin,
      changed: serial !== undefined,
      added: added + soaCounts,
      removed: removed + soaCounts,
      unchanged: sorted.rows + 1 - added - soaCounts,
      serialBefore: zone.serial,
      serial: serial ?? zone.serial,
      serialGiven: serialOf(soa),
      duplicates: this.#table.rows - sorted.rows,
      mixedTtls: sorted.mixed.count,
      mixedTtlExamples: sorted.mixed.examples,
    };
  }

  #serialFor(stored: number, given: number, differs: boolean): number | undefined {
    if (this.#options.serial === 'bump') return bumpedSerial(stored, given, differs);
    return differs || given !== stored ? given : undefined;
  }
}

/** Errors: `dns.secondary_zone`, `dns.zone_exists`. */
function checkKind(zone: ZoneRow | undefined, origin: Name, { serial }: ImportOptions): void {
  if (zone === undefined) return;
  if (zone.kind === 'secondary' && serial === 'bump') throw secondaryZone(origin);
  if (zone.kind === 'primary' && serial === 'keep') throw zoneExists(origin);
}

export function zoneExists(origin: Name) {
  return dnsErrors.error('dns.zone_exists', `the zone ${origin} is here already, as a primary one`, {
    hint: `see what it has: ds dns zone export ${origin}`,
    details: { zone: origin.toString() },
  });
}

function insertRecord(store: Store, zone: number, row: RecordRow): void {
  store
    .statement<[object]>(
      `INSERT INTO record (zone, ${RECORD_COLUMNS}) VALUES (@zone, @owner, @type, @rdata, @ttl, @owner_case, @rdata_case)`,
    )
    .run({ zone, ...row });
}

/** Puts the rows of one table that another does not have just so into the change; how many. The SOA is left out. */
function putDifference(store: Store, zone: number, number: number, op: Op, from: string, other: string): number {
  const columns = RECORD_COLUMNS.split(', ').map((column) => `f.${column}`);
  return store
    .statement<[object]>(
      `INSERT INTO change_record (zone, number, op, ${RECORD_COLUMNS})
         SELECT f.zone, @number, @op, ${columns.join(', ')} FROM ${from} AS f
           LEFT JOIN ${other} AS o ON o.zone = f.zone AND o.owner = f.owner AND o.type = f.type AND o.rdata = f.rdata
           WHERE f.zone = @zone AND f.type <> ${RRType.SOA} AND (o.zone IS NULL OR o.ttl <> f.ttl
             OR o.owner_case IS NOT f.owner_case OR o.rdata_case IS NOT f.rdata_case)
           ORDER BY f.owner, f.type, f.rdata`,
    )
    .run({ zone, number, op }).changes;
}
