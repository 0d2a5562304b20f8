/** What a file is put with, and what became of it. */
import type { PutOptions, PutResult } from '../blob-store.js';
import type { ChecksumAlgorithm } from '../object-types.js';

export interface PutFileOptions extends Pick<PutOptions, 'headers' | 'metadata' | 'tags' | 'conditions'> {
  /** To be stored with the object. Default: what the store does by itself. */
  readonly checksum?: ChecksumAlgorithm | undefined;
  /** The file's time of change is kept in the metadata, as rclone has it. */
  readonly keepTime?: boolean | undefined;
}

export interface PutReport extends PutResult {
  /** Bytes that an earlier attempt had sent. */
  readonly resumedBytes: number;
}
