/** Changes of a few records of a zone: edits, rollbacks, and what an incremental transfer brought. */
import type { Store } from '../../../platform/store/store.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import { nextSerial } from '../serial.js';
import { RRType } from '../wire/mnemonics.js';
import { ADDED, ChangeWriter, type Note, REMOVED } from './change-writer.js';
import { type Difference, Draft } from './draft.js';
import { changesAfter, condense, findSerial, journalGone, noSuchSerial, readEvents } from './journal.js';
import { type RecordRow, toRecord, toRow } from './row.js';
import { bumpedSerial, sameButSerial, serialOf, soaWithSerial } from './soa-row.js';
import { StoredZone } from './stored-zone.js';
import { originOf, requireZone, type ZoneRow } from './zone-rows.js';
import type { ChangeKind, DifferenceSequence, Edit, EditResult } from './zone-store.js';

/** Within a transaction, as are all that follow. */
export function editZone(store: Store, origin: Name, edits: readonly Edit[], note: Note): EditResult {
  const row = requirePrimary(store, origin);
  const zone = new StoredZone(store, row.id, originOf(row));
  const draft = new Draft(zone);
  for (const edit of edits) draft.apply(edit);
  const difference = draft.difference();
  return writeDifference(store, row, difference, 'edit', note, (given, differs) =>
    bumpedSerial(row.serial, given, differs),
  );
}

export function rollBack(store: Store, origin: Name, toSerial: number, note: Note): EditResult {
  const zone = requirePrimary(store, origin);
  const start = findSerial(store, zone.id, toSerial);
  if (start === undefined) throw noSuchSerial(origin.toString(), toSerial);
  const changes = changesAfter(store, zone.id, start.number);
  const [first] = changes;
  if (first === undefined) return { changed: false, serial: zone.serial };
  if (!changes.every(({ journalled }) => journalled)) throw journalGone(origin.toString(), toSerial);
  const events = readEvents(store, zone.id, first.number, zone.last_change);
  const net = condense(events.filter(({ type }) => type !== RRType.SOA));
  // Each change begins with taking away the SOA that was there.
  const soa = events.find(({ type, number, op }) => type === RRType.SOA && number === first.number && op === REMOVED);
  const difference = {
    removed: net.flatMap(({ after }) => after ?? []),
    added: net.flatMap(({ before }) => before ?? []),
    soa,
  };
  // Its old serial never comes again: secondaries may have it with other records.
  return writeDifference(store, zone, difference, 'rollback', note, (_, differs) =>
    differs ? nextSerial(zone.serial) : undefined,
  );
}

/** The records of one difference sequence, SOAs among them (RFC 1995, section 4). Error: `dns.transfer_mismatch`. */
export function applySequence(store: Store, zone: ZoneRow, { removed, added }: DifferenceSequence, note: Note): void {
  const before = removed.find(({ type }) => type === RRType.SOA);
  const after = added.find(({ type }) => type === RRType.SOA);
  if (before === undefined || after === undefined) throw mismatch(zone, 'a difference begins without an SOA record');
  const [oldSoa, newSoa] = [toRow(before), toRow(after)];
  if (serialOf(oldSoa) !== zone.serial) {
    throw mismatch(zone, `a difference begins at serial ${serialOf(oldSoa)}, the zone is at ${zone.serial}`);
  }
  const writer = new ChangeWriter(store, zone);
  for (const record of removed) writer.put(REMOVED, toRow(record));
  for (const record of added) writer.put(ADDED, toRow(record));
  const onlySerial = sameButSerial(oldSoa, newSoa);
  const summary = writer.finish({ kind: 'transfer', serial: serialOf(newSoa), onlySerial, ...note });
  if (summary === undefined) throw mismatch(zone, 'what it removes is not there, or what it adds is');
}

/** Error: `dns.secondary_zone`. */
function requirePrimary(store: Store, origin: Name): ZoneRow {
  const zone = requireZone(store, origin);
  if (zone.kind === 'secondary') throw secondaryZone(origin);
  return zone;
}

export function secondaryZone(origin: Name) {
  return dnsErrors.error('dns.secondary_zone', `${origin} is a secondary zone: another server is its primary`, {
    hint: `change it there; to have it as a primary zone here, first: ds dns zone delete ${origin}`,
    details: { zone: origin.toString() },
  });
}

/** `choose`: the serial by the one asked for, undefined when there is nothing to change. */
function writeDifference(
  store: Store,
  zone: ZoneRow,
  { removed, added, soa }: Difference,
  kind: ChangeKind,
  note: Note,
  choose: (given: number, differs: boolean) => number | undefined,
): EditResult {
  const before = new StoredZone(store, zone.id, originOf(zone)).soa();
  if (before === undefined || soa === undefined) throw new Error(`the zone ${originOf(zone)} has no SOA record`);
  const onlySerial = sameButSerial(before, soa);
  const serial = choose(serialOf(soa), removed.length + added.length > 0 || !onlySerial);
  if (serial === undefined) return { changed: false, serial: zone.serial };
  const removedRows = [before, ...removed];
  const addedRows = [soaWithSerial(soa, serial), ...added];
  const writer = new ChangeWriter(store, zone);
  for (const row of removedRows) writer.put(REMOVED, row);
  for (const row of addedRows) writer.put(ADDED, row);
  const summary = writer.finish({ kind, serial, onlySerial, ...note });
  if (summary === undefined)
    throw new Error(`a change of ${originOf(zone)} does not fit the records that it was made of`);
  return { ...summary, changed: true, removedRecords: toRecords(removedRows), addedRecords: toRecords(addedRows) };
}

const toRecords = (rows: readonly RecordRow[]) => rows.map((row) => toRecord(row));

function mismatch(zone: ZoneRow, why: string) {
  const origin = originOf(zone).toString();
  return dnsErrors.error('dns.transfer_mismatch', `the incremental transfer of ${origin} does not fit: ${why}`, {
    details: { zone: origin, serial: zone.serial },
  });
}
