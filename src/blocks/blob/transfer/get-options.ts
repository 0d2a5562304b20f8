/** What an object is got with, and what became of it. */
import type { ReadConditions } from '../blob-store.js';
import type { ObjectStat } from '../object-types.js';
import type { Checked } from './check.js';

export interface GetFileOptions {
  readonly conditions?: ReadConditions | undefined;
  /** The file gets the object's time: that of its metadata, else that of the object. */
  readonly keepTime?: boolean | undefined;
  /** As a list has it: it spares a question. */
  readonly size?: number | undefined;
}

export interface GetReport {
  readonly stat: ObjectStat;
  /** What the file was compared by; undefined: the object has nothing to compare by. */
  readonly checked: Checked | undefined;
  /** Bytes that an earlier attempt had received. */
  readonly resumedBytes: number;
}
