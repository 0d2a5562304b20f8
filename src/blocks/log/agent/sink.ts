/** Where the agent sends to. The pipeline owns buffer, retries and dead letters; a sink sends one batch and says what became of it. */
import type { EntryBatch } from '../entry-batch.js';

export type Delivery =
  /**
   * Acknowledged; `refused` where the receiver says how many entries it has thrown away, but not which, and they must not be sent again.
   */
  | { readonly outcome: 'delivered'; readonly refused?: { readonly entries: number; readonly reason: string } }
  /** To be tried again: not reached, overloaded (429, 503 with its Retry-After in milliseconds), timed out. */
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Will never be taken: these entries (indexes of the batch; absent: all) go to the dead letters, the others were delivered. */
  | { readonly outcome: 'rejected'; readonly reason: string; readonly entries?: readonly number[] };

/** Indexes of a batch, `to` not included. */
export type EntryRange = readonly [from: number, to: number];

export interface Sink {
  /** As it was asked for, without secrets: `loki http://logs:3100`. */
  readonly name: string;
  /**
   * `id` is the same for each attempt of a batch, also after a restart, so that a receiver that can tell duplicates apart does
   * (an S3 key, an Elasticsearch _id). Rejects with ClosedPipe where the receiver is gone for good.
   */
  deliver(batch: EntryBatch, id: string, signal: AbortSignal): Promise<Delivery>;
  /** Where a batch takes several requests: the entries of each. Each is then delivered, tried again and halved by itself, with an id of its own. */
  pieces?(batch: EntryBatch): readonly EntryRange[];
  close(): Promise<void>;
}
