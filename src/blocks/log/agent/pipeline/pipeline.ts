/**
 * A sink with everything that leads to it: transforms, labels, a buffer. Pipelines know nothing of each other.
 *
 *     sources ──take──▶ inlet (labels, transforms) ──▶ intake ──▶ commit: entries or buffer, checkpoint, ledger
 *                                                                            └──▶ sender ──▶ sink
 */
import type { Checkpoint, SourceChunk } from '../source.js';

export interface Pipeline {
  /** Unique within the database; what `ds log status` calls it. */
  readonly name: string;
  /** Number in the ledger. */
  readonly id: number;
  /**
   * Takes a chunk over; resolves when the source may bring the next one. What cannot be read again (a chunk without a checkpoint) never waits
   * where the policy is to drop. Rejects with the signal's reason.
   */
  take(chunk: SourceChunk, signal?: AbortSignal): Promise<void>;
  /** No more chunks will come. */
  end(): void;
  /** It is to end soon: what waits for a sink stays on disk, and there is no wait for room in the buffer. Chunks may come until end(). */
  hurry(): void;
  /** Both: what has come is written down. */
  stop(): void;
  /** Works until end() and all is delivered, or until stop(). Rejects when the store fails for good. */
  run(): Promise<void>;
  /** Entries that were accepted and not delivered yet. */
  readonly waiting: number;
  /** Of these, those that are in memory alone and cannot be read again. */
  readonly unsaved: number;
  /** Gives the row up and closes the sink. */
  close(): Promise<void>;
}

/** Where read positions are kept (store/agent/files.ts). `save` runs within a transaction. */
export interface CheckpointKeeper {
  save(checkpoint: Checkpoint): void;
}
