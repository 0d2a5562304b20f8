/** Records and what has changed of them, as commands print them: plain values, safe for a terminal. */
import { printRdata } from './rdata/index.js';
import type { ResourceRecord, RRset } from './record.js';
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

/** A set of records in the same words. */
export function setFields({ name, ttl, type, rdatas }: RRset) {
  return { name: name.toString(), type: typeName(type), ttl, values: rdatas.map((rdata) => printRdata(type, rdata)) };
}

/** As a line of a diff: `+ www.shop.test. 60 A 192.0.2.1`. */
export function sayDifference({ op, name, ttl, type, data }: DifferenceFields): string {
  return `${op === 'added' ? '+' : '-'} ${name} ${ttl} ${type} ${data}`;
}

/**
 * What a change did, removed before added, the SOA first; without the SOA when its serial is all that is new, since every
 * change has that.
 */
export function changedRecords(change: EditResult): ZoneDifference[] {
  if (!change.changed) return [];
  const { removedRecords, addedRecords } = change;
  return withoutBareSerial([
    ...removedRecords.map((record): ZoneDifference => ({ op: 'removed', record })),
    ...addedRecords.map((record): ZoneDifference => ({ op: 'added', record })),
  ]);
}

/** The SOA first; without it when nothing but its serial differs. */
export function withoutBareSerial(differences: readonly ZoneDifference[]): ZoneDifference[] {
  const [before, after, ...others] = differences.filter(({ record }) => isSoa(record)).map(({ record }) => record);
  const isBare = before !== undefined && after !== undefined && others.length === 0 && isSameButSerial(before, after);
  return isBare ? differences.filter(({ record }) => !isSoa(record)) : soaFirst(differences);
}

/** The order of the rest stays, but that of a set of records what was removed comes before what was added. */
export function soaFirst(differences: readonly ZoneDifference[]): ZoneDifference[] {
  const soa = differences.filter(({ record }) => isSoa(record));
  return removedFirst([...soa, ...differences.filter(({ record }) => !isSoa(record))]);
}

function removedFirst(differences: readonly ZoneDifference[]): ZoneDifference[] {
  const sets: ZoneDifference[][] = [];
  for (const difference of differences) {
    const last = sets.at(-1);
    const { name, type } = difference.record;
    const before = last?.[0]?.record;
    if (last !== undefined && before?.type === type && before.name.equals(name)) last.push(difference);
    else sets.push([difference]);
  }
  return sets.flatMap((set) => [
    ...set.filter(({ op }) => op === 'removed'),
    ...set.filter(({ op }) => op === 'added'),
  ]);
}

const isSoa = ({ type }: ResourceRecord) => type === RRType.SOA;

function isSameButSerial(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.ttl === b.ttl && Buffer.compare(withSerial(a.rdata, 0), withSerial(b.rdata, 0)) === 0;
}
