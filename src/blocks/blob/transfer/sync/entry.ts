/** What is in a folder, or below a prefix. */
import type { DsError } from '../../../../platform/errors.js';

export interface SyncEntry {
  /** Below the folder or the prefix, with slashes. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch, with a fraction: of the file, or when the object was put. */
  readonly modifiedAt: number;
  /** Of an object. */
  readonly etag?: string;
}

/** What cannot be an entry. `skipped`: it is left out on purpose, which is no failure. */
export type Found =
  | { readonly kind: 'entry'; readonly entry: SyncEntry }
  | { readonly kind: 'skipped'; readonly path: string; readonly why: SkipReason }
  | { readonly kind: 'failed'; readonly path: string; readonly error: DsError };

export type SkipReason = 'symbolic_link' | 'special_file' | 'folder_marker';
