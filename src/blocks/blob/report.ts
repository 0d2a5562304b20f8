/** Buckets, objects and versions as they are shown: as JSON, as rows, and in words. */

export type { ListRow, VersionRow } from './report/columns.js';
export {
  bucketColumns,
  isObject,
  isVersion,
  listRows,
  objectColumns,
  versionColumns,
  versionRows,
} from './report/columns.js';
export { copiedLine } from './report/copied-line.js';
export {
  bucketJson,
  deletedJson,
  differenceJson,
  objectJson,
  placeJson,
  putJson,
  statJson,
  usageJson,
  versionJson,
} from './report/json.js';
export { bucketUsageJson, gcJson, scrubJson, totalsJson } from './report/store-json.js';
export { type SyncLine, saySyncSummary, syncLine, syncSummaryJson } from './report/sync-line.js';
export { count, sayDeleted, sayObjects, sayResumed } from './report/words.js';
