/**
 * Writes changes. Whatever asks for one puts its records into change_record; the zone follows from there by SQL:
 *
 *     change_record (op 0) ──▶ DELETE FROM record      ┐
 *     change_record (op 1) ──▶ INSERT INTO record      ├─ one transaction, the caller's
 *     counts               ──▶ change, zone, standing  ┘
 *
 * so a journal that is replayed gives the records that are there, whatever made the change.
 */
import type { Store } from '../../../platform/store/store.js';
import { type JournalLimits, pruneJournal } from './journal.js';
import { parametersOf, type RecordParameters, type RecordRow } from './row.js';
import { RECORD_COLUMNS } from './schema.js';
import type { ZoneRow } from './zone-rows.js';
import type { ChangeKind, ChangeSummary } from './zone-store.js';

export const REMOVED = 0;
export const ADDED = 1;
export type Op = typeof REMOVED | typeof ADDED;

/** What any change is noted with. */
export interface Note {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly source: string;
  readonly comment: string;
  /** Of the journal, after it. */
  readonly limits: JournalLimits;
}

export interface ChangeFacts extends Note {
  readonly kind: ChangeKind;
  readonly serial: number;
  /** Only the serial of the SOA changed; then the SOA is not counted. */
  readonly onlySerial: boolean;
}

const INSERT_ROW = `INSERT INTO change_record (zone, number, op, ${RECORD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const DELETE_REMOVED = `DELETE FROM record WHERE zone = @zone AND (owner, type, rdata) IN
  (SELECT owner, type, rdata FROM change_record WHERE zone = @zone AND number = @number AND op = ${REMOVED})`;
const INSERT_ADDED = `INSERT OR IGNORE INTO record (zone, ${RECORD_COLUMNS})
  SELECT zone, ${RECORD_COLUMNS} FROM change_record
    WHERE zone = @zone AND number = @number AND op = ${ADDED} ORDER BY owner, type, rdata`;
const INSERT_CHANGE = `INSERT INTO change
  (zone, number, kind, serial_before, serial, at, source, comment, removed, added, bytes, journalled)
  VALUES (@zone, @number, @kind, @serialBefore, @serial, @at, @source, @comment, @removed, @added, @bytes, @journalled)`;

export class ChangeWriter {
  readonly number: number;
  readonly #store: Store;
  readonly #zone: ZoneRow;

  /** Within a transaction, in which `zone` was read. */
  constructor(store: Store, zone: ZoneRow) {
    this.#store = store;
    this.#zone = zone;
    this.number = zone.last_change + 1;
  }

  put(op: Op, row: RecordRow): void {
    this.#store
      .statement<[number, number, number, ...RecordParameters]>(INSERT_ROW)
      .run(this.#zone.id, this.number, op, ...parametersOf(row));
  }

  /**
   * Makes the zone follow what was put. Undefined when that does not fit the zone: something removed was not there, or
   * something added is; the transaction has to be undone then.
   */
  finish(facts: ChangeFacts): ChangeSummary | undefined {
    const { removed, added, bytes } = countRows(this.#store, this.#zone.id, this.number);
    const parameters = { zone: this.#zone.id, number: this.number };
    const deleted = this.#store.statement<[object]>(DELETE_REMOVED).run(parameters).changes;
    const inserted = this.#store.statement<[object]>(INSERT_ADDED).run(parameters).changes;
    if (deleted !== removed || inserted !== added) return undefined;
    const uncounted = facts.onlySerial ? 1 : 0;
    return this.#note(facts, {
      removed: removed - uncounted,
      added: added - uncounted,
      records: this.#zone.records + added - removed,
      bytes,
    });
  }

  /** The beginning of a zone, whose `added` records are in the table already. */
  finishBaseline(facts: ChangeFacts, added: number): ChangeSummary {
    return this.#note(facts, { removed: 0, added, records: added, bytes: 0 });
  }

  #note(facts: ChangeFacts, counts: { removed: number; added: number; records: number; bytes: number }): ChangeSummary {
    const { kind, serial, at, source, comment, limits } = facts;
    const { removed, added, records, bytes } = counts;
    const isBaseline = kind === 'baseline';
    const summary: ChangeSummary = {
      number: this.number,
      kind,
      serialBefore: isBaseline ? undefined : this.#zone.serial,
      serial,
      at,
      source,
      comment,
      removed,
      added,
      journalled: !isBaseline,
    };
    this.#store.statement<[object]>(INSERT_CHANGE).run({
      ...summary,
      zone: this.#zone.id,
      serialBefore: summary.serialBefore ?? null,
      bytes,
      journalled: isBaseline ? 0 : 1,
    });
    this.#store
      .statement<[object]>(
        `UPDATE zone SET serial = @serial, records = @records, changed_at = @at, last_change = @number,
           journal_bytes = journal_bytes + @bytes WHERE id = @zone`,
      )
      .run({ zone: this.#zone.id, serial, records, at, number: this.number, bytes });
    this.#store.statement<[]>('UPDATE standing SET zones = zones + 1').run();
    pruneJournal(this.#store, this.#zone.id, this.number, this.#zone.journal_bytes + bytes, limits);
    return summary;
  }
}

/** What a row takes in the file beside its octets: its header, and numbers. */
const ROW_OVERHEAD = 24;

function countRows(store: Store, zone: number, number: number) {
  const rows = store
    .statement<[number, number], { op: number; rows: number; bytes: number }>(
      `SELECT op, count(*) AS rows, sum(length(owner) + length(rdata) + coalesce(length(owner_case), 0)
           + coalesce(length(rdata_case), 0) + ${ROW_OVERHEAD}) AS bytes
         FROM change_record WHERE zone = ? AND number = ? GROUP BY op`,
    )
    .all(zone, number);
  const of = (op: Op) => rows.find((row) => row.op === op)?.rows ?? 0;
  return { removed: of(REMOVED), added: of(ADDED), bytes: rows.reduce((sum, row) => sum + row.bytes, 0) };
}
