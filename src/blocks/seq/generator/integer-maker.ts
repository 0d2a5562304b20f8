/** Makes the IDs of an integer layout, as one run of consecutive sequence numbers per tick and call. */
import type { IdBatch, IdRun } from '../encoding/types.js';
import { composeId, type IntegerLayout, placeWorker } from '../layout/layout.js';
import type { IdMaker } from './maker.js';

export class IntegerMaker implements IdMaker {
  readonly tickMs: number;
  readonly epoch: number;
  readonly ticks: number;
  readonly #layout: IntegerLayout;
  readonly #stride: bigint;
  #worker = 0;
  /** The open tick and the worker, sequence 0. */
  #base = 0n;
  #sequence: number;
  #runs: IdRun[] = [];
  #made = 0;

  constructor(layout: IntegerLayout) {
    this.tickMs = layout.unitMs;
    this.epoch = layout.epoch;
    this.ticks = layout.ticks;
    this.#layout = layout;
    this.#stride = 1n << BigInt(layout.sequence?.shift ?? 0);
    this.#sequence = layout.perTick;
  }

  setWorker(worker: number): void {
    placeWorker(this.#layout, worker);
    this.#worker = worker;
    this.#sequence = this.#layout.perTick;
  }

  begin(): void {
    this.#runs = [];
    this.#made = 0;
  }

  open(tick: number): void {
    this.#base = composeId(this.#layout, tick, this.#worker, 0);
    this.#sequence = 0;
  }

  make(count: number): number {
    const made = Math.min(count, this.#layout.perTick - this.#sequence);
    if (made === 0) return 0;
    this.#runs.push({ first: this.#base + BigInt(this.#sequence) * this.#stride, count: made });
    this.#sequence += made;
    this.#made += made;
    return made;
  }

  finish(): IdBatch {
    return { family: 'integer', layout: this.#layout, count: this.#made, runs: this.#runs, stride: this.#stride };
  }
}
