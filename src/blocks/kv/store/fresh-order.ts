/**
 * Slots that are not folded, in the order of their keys, for whoever goes through the keys page by page. Nothing is sorted until somebody
 * does, and then a run at each look, so that none takes long; what is not sorted yet is gone through.
 *
 *     slots  [run, sorted] [run, sorted] …  not sorted yet │ added since
 */
import type { ByteString } from '../bytes.js';
import { inOrder, type Slot } from './slot.js';

/** Slots of a run: ~5 ms of sorting. */
const RUN = 8_192;

/** Keys of a database behind `after` (undefined: from the first on) and up to `end` (undefined: to the last). */
export interface KeyRange {
  readonly database: number;
  readonly after: ByteString | undefined;
  readonly end: ByteString | undefined;
}

export interface UnfoldedSlots {
  /** Of both arrays: slots are only ever added at the end; where others go it is another array. */
  readonly fresh: readonly Slot[];
  readonly folding: readonly Slot[];
}

export class FreshOrder {
  #fresh = new SortedRuns([]);
  #folding = new SortedRuns([]);

  /** Up to `limit` slots of the range that are not folded, the first ones, each once. */
  slots({ fresh, folding }: UnfoldedSlots, range: KeyRange, limit: number): Slot[] {
    if (this.#fresh.source !== fresh) this.#fresh = new SortedRuns(fresh);
    if (this.#folding.source !== folding) this.#folding = new SortedRuns(folding);
    const found = [...this.#folding.first(range, limit), ...this.#fresh.first(range, limit)].sort(inOrder);
    return found.filter((slot, i) => slot !== found[i - 1]).slice(0, limit);
  }
}

class SortedRuns {
  readonly #runs: Slot[][] = [];
  #sorted = 0;

  constructor(readonly source: readonly Slot[]) {}

  /** Up to `limit` slots from each run, more than enough to have the first ones of all; in no order. */
  first(range: KeyRange, limit: number): Slot[] {
    if (this.source.length - this.#sorted >= RUN) this.#sortOne();
    const found: Slot[] = [];
    for (const run of this.#runs) firstOfSorted(run, range, limit, found);
    return found.concat(this.#firstOfRest(range, limit));
  }

  #sortOne(): void {
    this.#runs.push(this.source.slice(this.#sorted, this.#sorted + RUN).sort(inOrder));
    this.#sorted += RUN;
  }

  #firstOfRest(range: KeyRange, limit: number): Slot[] {
    let found: Slot[] = [];
    let { end } = range;
    for (let at = this.#sorted; at < this.source.length; at++) {
      const slot = this.source[at];
      if (slot === undefined || !slot.fresh || slot.database !== range.database) continue;
      if ((range.after !== undefined && slot.key <= range.after) || (end !== undefined && slot.key > end)) continue;
      found.push(slot);
      if (found.length < 2 * limit) continue;
      found = found.sort(inOrder).slice(0, limit);
      end = found.at(-1)?.key;
    }
    return found;
  }
}

function firstOfSorted(run: readonly Slot[], range: KeyRange, limit: number, found: Slot[]): void {
  let left = limit;
  for (let at = placeBehind(run, range); left > 0; at++) {
    const slot = run[at];
    if (slot === undefined || slot.database !== range.database) return;
    if (range.end !== undefined && slot.key > range.end) return;
    if (!slot.fresh) continue;
    found.push(slot);
    left--;
  }
}

/** The first place whose slot lies behind the beginning of the range. */
function placeBehind(sorted: readonly Slot[], { database, after }: KeyRange): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const slot = sorted[middle];
    const before =
      slot !== undefined &&
      (slot.database < database || (slot.database === database && after !== undefined && slot.key <= after));
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}
