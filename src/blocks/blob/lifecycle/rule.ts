/** A rule of a lifecycle configuration, as far as ds executes them: expiry, noncurrent expiry, abort of uploads. */
import type { Tags } from '../object-types.js';

export interface LifecycleFilter {
  readonly prefix?: string;
  /** All of them, with these values. */
  readonly tags?: Tags;
  /** Bytes, both excluded. */
  readonly sizeGreaterThan?: number;
  readonly sizeLessThan?: number;
}

export interface LifecycleRule {
  /** Made up where the document has none. */
  readonly id: string;
  readonly enabled: boolean;
  readonly filter: LifecycleFilter;
  readonly expiration?:
    | { readonly days: number }
    /** Midnight UTC, milliseconds. */
    | { readonly date: number }
    | { readonly expiredObjectDeleteMarker: boolean };
  readonly noncurrentExpiration?: { readonly days: number; readonly newerVersionsKept?: number };
  /** Days after the initiation. */
  readonly abortUploadsAfterDays?: number;
}
