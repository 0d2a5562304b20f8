/**
 * Finds the lines of a batch that have a text, on the bytes of all lines at once: one indexOf from hit to hit, and a binary search for the
 * line of each. Lines without a hit cost nothing but the search: no string is made of them.
 */
import type { EntryBatch } from '../../entry-batch.js';

export class LineSearch {
  readonly #needle: Buffer;

  constructor(text: string) {
    this.#needle = Buffer.from(text);
  }

  /** Indexes, in order, of the lines from `from` to `to` (not included) that have the text. */
  find(batch: EntryBatch, from: number, to: number): number[] {
    return isAscending(batch, from, to) ? this.#findInAll(batch, from, to) : this.#findInEach(batch, from, to);
  }

  #findInAll({ bytes, starts, ends }: EntryBatch, from: number, to: number): number[] {
    const found: number[] = [];
    const { length } = this.#needle;
    const last = ends[to - 1] ?? 0;
    let line = from;
    let position = starts[from] ?? 0;
    while (line < to) {
      const hit = bytes.indexOf(this.#needle, position);
      if (hit === -1 || hit + length > last) break;
      line = lineAt(starts, hit, line, to);
      if (hit + length <= (ends[line] ?? 0)) {
        found.push(line);
        line++;
        position = starts[line] ?? last;
      } else {
        // Over the end of a line, or between two lines.
        position = hit + 1;
      }
    }
    return found;
  }

  #findInEach({ bytes, starts, ends }: EntryBatch, from: number, to: number): number[] {
    const found: number[] = [];
    for (let i = from; i < to; i++) {
      if (bytes.subarray(starts[i], ends[i]).includes(this.#needle)) found.push(i);
    }
    return found;
  }
}

function isAscending({ starts, ends }: EntryBatch, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if ((starts[i] ?? 0) < (ends[i - 1] ?? 0)) return false;
  return true;
}

/** The last line from `low` on that begins at or before a position. */
function lineAt(starts: Uint32Array, position: number, low: number, high: number): number {
  let [first, end] = [low, high];
  while (end - first > 1) {
    const middle = (first + end) >>> 1;
    if ((starts[middle] ?? 0) <= position) first = middle;
    else end = middle;
  }
  return first;
}
