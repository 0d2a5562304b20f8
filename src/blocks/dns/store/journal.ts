/**
 * The changes of a zone as they were written down:
 *
 *     number      1         2        3        4        5
 *               baseline  ──────── journalled 0 ──┤ journalled 1 ──▶ newest
 *     serial    …01       …02      …03      …04   │  …05
 *     in history   all that are there             │ can be shown, taken back, sent
 */
import type { Store } from '../../../platform/store/store.js';
import { dnsErrors } from '../errors.js';
import type { ResourceRecord } from '../record.js';
import { RRType } from '../wire/mnemonics.js';
import { type RecordRow, recordReader, sameOctets } from './row.js';
import { RECORD_COLUMNS } from './schema.js';
import type { Change, ChangeKind, ChangeSummary } from './zone-store.js';

/** How much of its past a zone keeps. */
export interface JournalLimits {
  /**
   * Changes in its history; older ones are forgotten. Default 10,000: with a change a minute, a week. Each takes some hundred
   * octets, beside its records.
   */
  readonly mostChanges: number;
  /**
   * Octets of records in its journal, the oldest change going first; a change that is larger keeps none. Default 16 MiB,
   * some 200,000 records. What is compared or sent is read into memory, at about six times its size.
   */
  readonly mostBytes: number;
}

export const JOURNAL_LIMITS: JournalLimits = { mostChanges: 10_000, mostBytes: 16 * 1024 * 1024 };

interface ChangeRow {
  readonly number: number;
  readonly kind: ChangeKind;
  readonly serial_before: number | null;
  readonly serial: number;
  readonly at: number;
  readonly source: string;
  readonly comment: string;
  readonly removed: number;
  readonly added: number;
  readonly journalled: number;
}

/** A row of change_record. */
export interface EventRow extends RecordRow {
  readonly number: number;
  /** 0: removed; 1: added. */
  readonly op: number;
}

const CHANGES = `SELECT number, kind, serial_before, serial, at, source, comment, removed, added, journalled
  FROM change WHERE zone = ?`;

/** Newest first. */
export function readHistory(store: Store, zone: number): ChangeSummary[] {
  const sql = `${CHANGES} ORDER BY number DESC`;
  return store.read(() => store.statement<[number], ChangeRow>(sql).all(zone)).map(toChange);
}

/** Undefined when the zone never had the serial, or has forgotten it. The last change that led to it. */
export function findSerial(store: Store, zone: number, serial: number): ChangeSummary | undefined {
  const sql = `${CHANGES} AND serial = ? ORDER BY number DESC LIMIT 1`;
  const row = store.read(() => store.statement<[number, number], ChangeRow>(sql).get(zone, serial));
  return row && toChange(row);
}

/** Those after change `number`, oldest first. */
export function changesAfter(store: Store, zone: number, number: number): ChangeSummary[] {
  const sql = `${CHANGES} AND number > ? ORDER BY number`;
  return store.read(() => store.statement<[number, number], ChangeRow>(sql).all(zone, number)).map(toChange);
}

/** See ZoneStore.changesSince; `present`: the zone's serial. */
export function changesSince(store: Store, zone: number, present: number, serial: number): ChangeSummary[] | undefined {
  if (serial === present) return [];
  const start = findSerial(store, zone, serial);
  if (start === undefined) return undefined;
  const changes = changesAfter(store, zone, start.number);
  return changes.every(({ journalled }) => journalled) ? changes : undefined;
}

/** See ZoneStore.change. */
export function readChange(store: Store, zone: number, number: number): Change | undefined {
  const row = store.read(() =>
    store.statement<[number, number], ChangeRow>(`${CHANGES} AND number = ?`).get(zone, number),
  );
  if (row === undefined || row.journalled === 0) return undefined;
  const events = readEvents(store, zone, number, number);
  return { ...toChange(row), removedRecords: recordsOf(events, 0), addedRecords: recordsOf(events, 1) };
}

/** The records of changes `first` to `last`, in canonical order; of one record as it happened. */
export function readEvents(store: Store, zone: number, first: number, last: number): EventRow[] {
  return store.read(() =>
    store
      .statement<[number, number, number], EventRow>(
        `SELECT number, op, ${RECORD_COLUMNS} FROM change_record
           WHERE zone = ? AND number BETWEEN ? AND ? ORDER BY owner, type, rdata, number, op`,
      )
      .all(zone, first, last),
  );
}

/** What changes came to for one record: one of the two at least. */
export interface NetChange {
  readonly before: EventRow | undefined;
  readonly after: EventRow | undefined;
}

/**
 * What changes come to together. Of each record only the first and the last event count: the one tells what it was
 * before, the other what it is after; where that is the same, it does not appear. `events` as of readEvents().
 */
export function condense(events: readonly EventRow[]): NetChange[] {
  const net: NetChange[] = [];
  for (let start = 0; start < events.length; ) {
    const first = events[start];
    if (first === undefined) break;
    let end = start + 1;
    while (isOfRecord(events[end], first)) end++;
    const last = events[end - 1] ?? first;
    const before = first.op === 0 ? first : undefined;
    const after = last.op === 1 ? last : undefined;
    if (!isSame(before, after)) net.push({ before, after });
    start = end;
  }
  return net;
}

/** Deletes what is beyond the limits. Within the transaction of change `newest`, after it. */
export function pruneJournal(
  store: Store,
  zone: number,
  newest: number,
  journalBytes: number,
  { mostChanges, mostBytes }: JournalLimits,
): void {
  const oldest = newest - mostChanges;
  let bytes = journalBytes - dropRecords(store, zone, journalled(store, zone, oldest, -1));
  store.statement<[number, number]>('DELETE FROM change WHERE zone = ? AND number <= ?').run(zone, oldest);
  while (bytes > mostBytes) {
    const rows = journalled(store, zone, newest, 1);
    if (rows.length === 0) break;
    bytes -= dropRecords(store, zone, rows);
  }
  if (bytes === journalBytes) return;
  store.statement<[number, number]>('UPDATE zone SET journal_bytes = ? WHERE id = ?').run(bytes, zone);
}

interface KeptChange {
  readonly number: number;
  readonly bytes: number;
}

/** Forgets the records of changes; how many octets they had. */
function dropRecords(store: Store, zone: number, changes: readonly KeptChange[]): number {
  const run = (sql: string, number: number) => store.statement<[number, number]>(sql).run(zone, number);
  for (const { number } of changes) {
    run('DELETE FROM change_record WHERE zone = ? AND number = ?', number);
    run('UPDATE change SET journalled = 0, bytes = 0 WHERE zone = ? AND number = ?', number);
  }
  return changes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The oldest `limit` changes up to `last` whose records are kept; -1: all. */
function journalled(store: Store, zone: number, last: number, limit: number): KeptChange[] {
  return store
    .statement<[number, number, number], KeptChange>(
      // By the index of those alone: the key would lead past all whose records are gone.
      `SELECT number, bytes FROM change INDEXED BY change_journalled
         WHERE zone = ? AND journalled = 1 AND number <= ? ORDER BY number LIMIT ?`,
    )
    .all(zone, last, limit);
}

export function noSuchSerial(zone: string, serial: number) {
  return dnsErrors.error('dns.no_such_serial', `${zone} has no serial ${serial} in its history`, {
    hint: `see which there are: ds dns zone history ${zone}`,
    details: { zone, serial },
  });
}

export function journalGone(zone: string, serial: number) {
  return dnsErrors.error('dns.journal_gone', `what changed in ${zone} after serial ${serial} is no longer kept`, {
    hint: `see since when it is: ds dns zone history ${zone}`,
    details: { zone, serial },
  });
}

function toChange(row: ChangeRow): ChangeSummary {
  const { serial_before, journalled: kept, ...same } = row;
  return { ...same, serialBefore: serial_before ?? undefined, journalled: kept === 1 };
}

function recordsOf(events: readonly EventRow[], op: number): ResourceRecord[] {
  const rows = events.filter((event) => event.op === op);
  const soa = rows.filter(({ type }) => type === RRType.SOA);
  const rest = rows.filter(({ type }) => type !== RRType.SOA);
  const read = recordReader();
  return [...soa, ...rest].map(read);
}

function isOfRecord(event: EventRow | undefined, first: EventRow): boolean {
  if (event === undefined || event.type !== first.type) return false;
  return sameOctets(event.owner, first.owner) && sameOctets(event.rdata, first.rdata);
}

function isSame(before: EventRow | undefined, after: EventRow | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  const sameCase = sameOctets(before.owner_case, after.owner_case) && sameOctets(before.rdata_case, after.rdata_case);
  return sameCase && before.ttl === after.ttl;
}
