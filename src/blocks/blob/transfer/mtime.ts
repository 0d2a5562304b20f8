/** A file's time of change in an object's metadata, as rclone and s3fs have it: seconds since the epoch, with a fraction. */
import type { Metadata } from '../object-types.js';

/** Name of the metadata: x-amz-meta-mtime. */
export const MTIME = 'mtime';

/** Milliseconds by which two times of one file may differ: what became of them in file systems, headers and floating point. */
export const SAME_TIME_MS = 1;

export function mtimeText(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${mtimeText(-nanoseconds)}`;
  const second = 1_000_000_000n;
  const fraction = nanoseconds % second;
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
  return `${nanoseconds / second}${digits}`;
}

/** Milliseconds, with a fraction; undefined where there is none, or one that cannot be read. */
export function mtimeOf(metadata: Metadata): number | undefined {
  const text = metadata[MTIME];
  return text !== undefined && /^-?\d{1,12}(?:\.\d{1,12})?$/.test(text) ? Number(text) * 1000 : undefined;
}
