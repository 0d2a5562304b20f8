/** Files, trees and objects from one place to another. Loaded when something is transferred. */
export type { Checked } from './transfer/check.js';
export type { TransferContext, TransferProgress } from './transfer/context.js';
export { type CopyEnds, copyBetween } from './transfer/copy-object.js';
export { fileFor } from './transfer/file-for.js';
export { findObjects } from './transfer/find-objects.js';
export { type GetFileOptions, type GetReport, getFile } from './transfer/get-file.js';
export { isGlob } from './transfer/glob.js';
export { pathFilter } from './transfer/path-filter.js';
export { type PutFileOptions, type PutReport, putFile, putStream } from './transfer/put-file.js';
export { type CheckedRead, readChecked } from './transfer/read-checked.js';
export { planSync, type SyncOptions, type SyncStep } from './transfer/sync/plan.js';
export { type RunOptions, runSync, type SyncEvent, type SyncSummary } from './transfer/sync/run.js';
export { bucketSide, type SyncSide } from './transfer/sync/side.js';
