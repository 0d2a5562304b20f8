/** What a change of a zone came to, for whoever asked for it. */
import type { Name } from './name.js';
import { changedRecords, type DifferenceFields, differenceFields, withoutBareSerial } from './record-fields.js';
import type { EditResult, ImportReport, ZoneDifference } from './store/zone-store.js';

/** As `--json` has it. */
export interface ChangeReport {
  readonly zone: string;
  readonly changed: boolean;
  readonly serial: number;
  /** Absent for a zone that is new. */
  readonly serial_before?: number;
  /** Records; the SOA counts when more than its serial is new. */
  readonly removed: number;
  readonly added: number;
}

export interface ReportedChange {
  readonly report: ChangeReport;
  readonly differences: readonly DifferenceFields[];
}

/** `serialBefore`: of the zone as it was found, should the change not tell. */
export function reportChange(zone: Name, result: EditResult, serialBefore: number): ReportedChange {
  const differences = changedRecords(result).map(differenceFields);
  const removed = differences.filter(({ op }) => op === 'removed').length;
  const { changed, serial } = result;
  const counts = { removed, added: differences.length - removed };
  return { report: { zone: zone.toString(), changed, serial, serial_before: serialBefore, ...counts }, differences };
}

/** A change that is not made: `serial` stays. `differences` with the SOA, which counts when it is more than a serial. */
export function foreseeChange(zone: Name, coming: readonly ZoneDifference[], serial: number): ReportedChange {
  const differences = withoutBareSerial(coming).map(differenceFields);
  const removed = differences.filter(({ op }) => op === 'removed').length;
  const counts = { removed, added: differences.length - removed };
  return { report: { zone: zone.toString(), changed: false, serial, serial_before: serial, ...counts }, differences };
}

/** For a pipe: zone, serial before, serial, records removed, records added. */
export function changeLine({ zone, serial, serial_before: before, removed, added }: ChangeReport): string {
  return [zone, before ?? '', serial, removed, added].join('\t');
}

/** For people: `shop.test. is at serial 11, was 10`. */
export function sayChange({ zone, changed, serial, serial_before: before }: ChangeReport): string {
  if (!changed) return `nothing to change: ${zone} stays at serial ${serial}`;
  return `${zone} is at serial ${serial}${before === undefined ? '' : `, was ${before}`}`;
}

export interface ReportedImport extends ChangeReport {
  readonly unchanged: number;
  readonly dry_run: boolean;
}

export function reportImport(done: ImportReport, dryRun: boolean): ReportedImport {
  const { origin, changed, serial, serialBefore, removed, added, unchanged } = done;
  return {
    ...{ zone: origin.toString(), changed, serial },
    ...(serialBefore === undefined ? {} : { serial_before: serialBefore }),
    ...{ removed, added, unchanged, dry_run: dryRun },
  };
}

/** For a pipe: as changeLine(), and the records that stay. */
export function importLine(report: ReportedImport): string {
  return `${changeLine(report)}\t${report.unchanged}`;
}

/** For people. */
export function sayImport(report: ReportedImport): string {
  const { zone, changed, serial, serial_before: before, removed, added, unchanged, dry_run: dry } = report;
  const counts = `${grouped(removed)} removed, ${grouped(added)} added, ${grouped(unchanged)} unchanged`;
  if (before === undefined)
    return `${zone} ${dry ? 'would be' : 'is'} a new zone of ${grouped(added)} records, at serial ${serial}`;
  if (!changed)
    return `nothing to change: ${zone} ${dry ? 'would stay' : 'stays'} at serial ${serial}, ${grouped(unchanged)} records`;
  return `${zone} ${dry ? 'would be' : 'is'} at serial ${serial}, ${dry ? 'is' : 'was'} ${before}: ${counts}`;
}

const grouped = (count: number) => count.toLocaleString('en-US');
