/** Buckets as tar archives. */
export { readArchive } from './archive/read.js';
export { type ArchiveProgress, writeArchive } from './archive/write.js';
