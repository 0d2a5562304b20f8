/** Records and what has changed of them, as commands print them: plain values, safe for a terminal. */
import { printRdata } from './rdata/index.js';
import type { ResourceRecord } from './record.js';
import { withSerial } from './soa.js';
import type { EditResult, ZoneDifference } from './store/zone-store.js';
import { RRType, typeName } from './wire.js';

export interface RecordFields {
  /** With the dot at the end, as all names. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly type: string;
  /** As in a master file. */
  readonly data: string;
}

export interface DifferenceFields extends RecordFields {
  readonly op: ZoneDifference['op'];
}

export function recordFields({ name, ttl, type, rdata }: ResourceRecord): RecordFields {
  return { name: name.toString(), ttl, type: typeName(type), data: printRdata(type, rdata) };
}

export function differenceFields({ op, record }: ZoneDifference): DifferenceFields {
  return { op, ...recordFields(record) };
}

/**
 * What a change did, removed before added, the SOA first; without the SOA when its serial is all that is new, since every
 * change has that.
 */
export function changedRecords(change: EditResult): ZoneDifference[] {
  if (!change.changed) return [];
  const { removedRecords, addedRecords } = change;
  const differences = [
    ...removedRecords.map((record): ZoneDifference => ({ op: 'removed', record })),
    ...addedRecords.map((record): ZoneDifference => ({ op: 'added', record })),
  ];
  return soaFirst(
    isSerialOnly(removedRecords, addedRecords) ? differences.filter(({ record }) => !isSoa(record)) : differences,
  );
}

/** The order of the rest stays. */
export function soaFirst(differences: readonly ZoneDifference[]): ZoneDifference[] {
  return [...differences.filter(({ record }) => isSoa(record)), ...differences.filter(({ record }) => !isSoa(record))];
}

const isSoa = ({ type }: ResourceRecord) => type === RRType.SOA;

function isSerialOnly(removed: readonly ResourceRecord[], added: readonly ResourceRecord[]): boolean {
  const [before, after] = [removed.find(isSoa), added.find(isSoa)];
  if (before === undefined || after === undefined || before.ttl !== after.ttl) return false;
  return Buffer.compare(withSerial(before.rdata, 0), withSerial(after.rdata, 0)) === 0;
}
