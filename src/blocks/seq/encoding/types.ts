/** The shapes of IDs on their way from a source to text. */
import type { ByteLayout, IntegerLayout } from '../layout/layout.js';

/**
 * `canonical` is the kind's own text: dashes for uuid7, Crockford's base 32 for ulid, base 62 for ksuid, base 32 hex
 * for xid, decimal for integers. `binary` is big-endian bytes, one ID after the other.
 */
export type IdFormat = 'dec' | 'hex' | 'base32' | 'base62' | 'binary' | 'canonical';

/** `count` IDs: first, first + stride, first + 2 stride … */
export interface IdRun {
  readonly first: bigint;
  readonly count: number;
}

export interface RunBatch {
  readonly family: 'integer';
  readonly layout: IntegerLayout;
  readonly count: number;
  readonly runs: readonly IdRun[];
  readonly stride: bigint;
}

export interface ByteBatch {
  readonly family: 'bytes';
  readonly layout: ByteLayout;
  readonly count: number;
  /** `count` times `layout.byteLength` bytes. */
  readonly bytes: Uint8Array;
}

export type IdBatch = RunBatch | ByteBatch;

/** What stands around each ID in a rendered buffer. */
export interface Framing {
  /** Before an ID of so many characters. */
  head(length: number): string;
  readonly tail: string;
}
