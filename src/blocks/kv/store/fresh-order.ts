/**
 * Slots that are not folded, in the order of their keys, for whoever goes through the keys page by page. Nothing is sorted until somebody
 * does; from then on only what has been added since.
 *
 *     folding  sorted at the first look since its folding began
 *     fresh    = main, sorted │ tail, sorted at each look │ what came since
 */
import type { ByteString } from '../bytes.js';
import type { Slot } from './slot.js';

/** Slots that are sorted anew at each look; from then on they go into the main part: 131,072 sorted slots take ~3 ms with more. */
const MOST_TAIL = 2_048;

export function inOrder(a: Slot, b: Slot): number {
  return a.database - b.database || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

export interface UnfoldedSlots {
  /** Slots are only ever added at its end; where others go, the array is another one. */
  readonly fresh: readonly Slot[];
  /** Never changed: what is folded next is another array. */
  readonly folding: readonly Slot[];
}

export class FreshOrder {
  #foldingSource: readonly Slot[] = [];
  #folding: readonly Slot[] = [];
  #source: readonly Slot[] = [];
  #main: Slot[] = [];
  #tail: Slot[] = [];
  #seen = 0;

  /** Up to `limit` of a database's slots that are not folded, each once, behind `after` (undefined: all) and up to `end`. */
  slots(
    from: UnfoldedSlots,
    database: number,
    after: ByteString | undefined,
    end: ByteString | undefined,
    limit: number,
  ): Slot[] {
    if (from.folding !== this.#foldingSource) {
      this.#foldingSource = from.folding;
      this.#folding = [...from.folding].sort(inOrder);
    }
    this.#catchUp(from.fresh);
    const found: Slot[] = [];
    for (const sorted of [this.#folding, this.#main, this.#tail]) {
      let left = limit;
      for (let at = placeBehind(sorted, database, after); left > 0; at++) {
        const slot = sorted[at];
        if (slot === undefined || slot.database !== database || (end !== undefined && slot.key > end)) break;
        if (!slot.fresh) continue;
        found.push(slot);
        left--;
      }
    }
    found.sort(inOrder);
    return found.filter((slot, i) => slot !== found[i - 1]).slice(0, limit);
  }

  #catchUp(fresh: readonly Slot[]): void {
    if (fresh !== this.#source) {
      this.#source = fresh;
      this.#main = [];
      this.#tail = [];
      this.#seen = 0;
    }
    if (this.#seen === fresh.length) return;
    this.#tail = this.#tail.concat(fresh.slice(this.#seen));
    this.#seen = fresh.length;
    this.#tail.sort(inOrder);
    if (this.#tail.length <= MOST_TAIL) return;
    this.#main = this.#main.concat(this.#tail).sort(inOrder);
    this.#tail = [];
  }
}

/** The first place whose slot lies behind a key of a database. */
function placeBehind(sorted: readonly Slot[], database: number, after: ByteString | undefined): number {
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
