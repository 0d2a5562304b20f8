/** Makes IDs within one tick. Knows nothing of clocks and leases: {@link IdSource} tells it which tick is open. */
import type { IdBatch } from '../encoding/types.js';

export interface IdMaker {
  /** Milliseconds a tick lasts. */
  readonly tickMs: number;
  /** Instant of tick 0. */
  readonly epoch: number;
  /** How many ticks there are: tick `ticks` does not fit the ID any more. */
  readonly ticks: number;
  setWorker(worker: number): void;
  /** Starts a batch of at most `count` IDs. */
  begin(count: number): void;
  /** Moves to a later tick; the sequence starts afresh. */
  open(tick: number): void;
  /** Adds up to `count` IDs of the open tick; returns how many. Fewer: the tick is exhausted. */
  make(count: number): number;
  /** Ends the batch. */
  finish(): IdBatch;
}
