/** Files, trees and objects from one place to another. Loaded when something is transferred. */
export type { Checked } from './transfer/check.js';
export type { TransferContext, TransferProgress } from './transfer/context.js';
export { type CopyEnds, copyBetween } from './transfer/copy-object.js';
export { fileFor } from './transfer/file-for.js';
export { findObjects } from './transfer/find-objects.js';
export { getFile } from './transfer/get-file.js';
export type { GetFileOptions, GetReport } from './transfer/get-options.js';
export { isGlob } from './transfer/glob.js';
export { pathFilter } from './transfer/path-filter.js';
export { putFile, putStream } from './transfer/put-file.js';
export type { PutFileOptions, PutReport } from './transfer/put-options.js';
export { type CheckedRead, readChecked } from './transfer/read-checked.js';
export { planSync, type SyncOptions, type SyncStep } from './transfer/sync/plan.js';
export { type RunOptions, runSync, type SyncEvent, type SyncSummary } from './transfer/sync/run.js';
export { bucketSide, type SyncSide } from './transfer/sync/side.js';
export { writeFileFrom } from './transfer/write-file.js';
