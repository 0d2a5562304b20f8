/**
 * Whether ranges of bytes cover what was read of a file once each. They are given in the order of their beginnings:
 *
 *     begun                                          offset
 *     ├──────┤├──────┤├────┤        ├─────┤
 *              ├──────┤        gap          repeated: 1, missing bytes: the gap and what follows
 */
export class Coverage {
  #at: number;
  #entries = 0;
  #repeated = 0;
  #gaps: { from: number; to: number }[] = [];
  #gapBytes = 0;

  /** Gaps are told one by one up to this many; bytes of all are counted. */
  static readonly MOST_GAPS = 1000;

  constructor(from: number) {
    this.#at = from;
  }

  /** Returns whether the range covers bytes that no other did. */
  add(from: number, to: number): boolean {
    if (from < this.#at) {
      this.#repeated++;
      this.#at = Math.max(this.#at, to);
      return false;
    }
    this.#gap(from);
    this.#entries++;
    this.#at = to;
    return true;
  }

  /** All ranges have been given. */
  end(offset: number): void {
    this.#gap(offset);
  }

  /** Ranges that were not repeated. */
  get entries(): number {
    return this.#entries;
  }

  get repeated(): number {
    return this.#repeated;
  }

  get gaps(): readonly { readonly from: number; readonly to: number }[] {
    return this.#gaps;
  }

  get gapBytes(): number {
    return this.#gapBytes;
  }

  #gap(to: number): void {
    if (to <= this.#at) return;
    if (this.#gaps.length < Coverage.MOST_GAPS) this.#gaps.push({ from: this.#at, to });
    this.#gapBytes += to - this.#at;
    this.#at = to;
  }
}
