/**
 * What the commands about zones and records take; loaded when one of them runs, since it brings SQLite: see index.ts.
 */
import type { Clock } from '../../platform/clock.js';
import { type DnsStore, openDnsStore } from './store.js';

export {
  changeLine,
  foreseeChange,
  importLine,
  reportChange,
  reportImport,
  sayChange,
  sayImport,
} from './change-report.js';
export type { Name } from './name.js';
export { recordsOf } from './record.js';
export { deleteRecords, recordsAt, requireZone, selectRecords, setRecords, zoneOf } from './record-edits.js';
export {
  changedRecords,
  type DifferenceFields,
  differenceFields,
  type RecordFields,
  recordFields,
  sayDifference,
  setFields,
  soaFirst,
  withoutBareSerial,
} from './record-fields.js';
export { listRecords } from './record-list.js';
export { type CopyReport, type CopyState, reportCopy } from './secondary-report.js';
export { askDaemons, type LiveDaemon, type ResponseCount } from './server/live-counts.js';
export { checkZoneFile, type FileProblem, type FileVerdict, fileProblem } from './store/check-file.js';
export { compareZoneFile } from './store/compare-file.js';
export { type ImportProgress, importZoneFile } from './store/import-file.js';
export { withScratchZones } from './store/scratch.js';
export type { ChangeSummary, ZoneDifference, ZoneStore } from './store/zone-store.js';
export { readTypedName, shortName } from './typed-name.js';
export { readRecordType, readTtl, readTypedValues } from './typed-values.js';
export { printMasterFile } from './zone/master-file/index.js';
export type { ZoneProblem } from './zone/problem.js';

/** Opens the file, uses and closes it, whatever happens in between. */
export async function withStore<T>(path: string, clock: Clock, use: (store: DnsStore) => T | Promise<T>): Promise<T> {
  const store = openDnsStore({ path, clock, closing: 'leave' });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}
