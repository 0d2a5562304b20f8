/** Steps between a source and a sink. Each changes a batch of entries; what it drops it says, with the reason. */
import type { EntryBatch } from '../entry-batch.js';

export interface TransformOutput {
  /** The same object where nothing was changed. */
  readonly batch: EntryBatch;
  /** Entries dropped, by reason (`sampled`, `duplicate`, `rate limited`, `not selected`, `dropped`), in words for people. */
  readonly dropped?: ReadonlyMap<string, number>;
}

export interface Transform {
  /** `redact cards`, as it was asked for. */
  readonly name: string;
  /** What it does, in a sentence for people. */
  readonly about?: string;
  /** `now`: nanoseconds since the Unix epoch, one reading for the batch. */
  apply(batch: EntryBatch, now: bigint): TransformOutput;
  /** What is held back until something follows (a summary of duplicates); absent where nothing is. */
  flush?(now: bigint): EntryBatch | undefined;
}
