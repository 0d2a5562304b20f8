/**
 * Slots in the order of their keys without one long sort: runs are sorted one at a time and merged while they are read, so that 100,000 keys
 * hold up the event loop for 2 ms at a time in place of 80.
 *
 *     slots ──cut──▶ [run] [run] [run] ──sort, one a call──▶ sorted runs ──heads compared──▶ next …
 */
import { inOrder, type Slot, weightOf } from './slot.js';

/** Slots of a run: ~2 ms of sorting. Runs are compared head by head, so that there should be few of them. */
const RUN = 4_096;

export class SortedMerge {
  /** Those with slots left, each of them sorted from the last one to the first. */
  readonly #runs: Slot[][] = [];
  readonly #unsorted: Slot[][] = [];

  constructor(slots: readonly Slot[]) {
    for (let at = 0; at < slots.length; at += RUN) this.#unsorted.push(slots.slice(at, at + RUN));
  }

  /** Whether {@link next} may be called; else {@link sortSome} first. */
  get ready(): boolean {
    return this.#unsorted.length === 0;
  }

  get empty(): boolean {
    return this.#runs.length === 0 && this.ready;
  }

  sortSome(): void {
    const run = this.#unsorted.pop();
    if (run === undefined) return;
    run.sort(descending);
    this.#runs.push(run);
  }

  /** Up to `limit` slots, in order, until they weigh so many bytes; they are not in here any more. */
  next(limit: number, mostBytes: number): Slot[] {
    const slots: Slot[] = [];
    let bytes = 0;
    while (slots.length < limit && bytes < mostBytes) {
      const slot = this.#leastRun()?.pop();
      if (slot === undefined) break;
      slots.push(slot);
      bytes += weightOf(slot);
    }
    return slots;
  }

  #leastRun(): Slot[] | undefined {
    let least: Slot[] | undefined;
    let head: Slot | undefined;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      const last = run?.at(-1);
      if (run === undefined || last === undefined) this.#runs.splice(i, 1);
      else if (head === undefined || inOrder(last, head) < 0) {
        head = last;
        least = run;
      }
    }
    return least;
  }
}

const descending = (a: Slot, b: Slot): number => inOrder(b, a);
