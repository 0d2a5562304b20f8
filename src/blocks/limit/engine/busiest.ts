/** The `count` items with the highest weight, heaviest first, of however many: only so many are held. */
export function busiest<T>(items: Iterable<T>, count: number, weightOf: (item: T) => number): T[] {
  const best = new Busiest<T>(count);
  for (const item of items) best.offer(item, weightOf(item));
  return best.list();
}

/** For items that come bit by bit. */
export class Busiest<T> {
  readonly #count: number;
  #held: { readonly item: T; readonly weight: number }[] = [];
  /** Lighter ones are not among them. */
  #least = Number.NEGATIVE_INFINITY;

  constructor(count: number) {
    this.#count = count;
  }

  offer(item: T, weight: number): void {
    if (weight <= this.#least || this.#count <= 0) return;
    this.#held.push({ item, weight });
    // Sorted in batches: one sort for as many offers as are held.
    if (this.#held.length >= 2 * this.#count + 16) this.#trim();
  }

  list(): T[] {
    this.#trim();
    return this.#held.map(({ item }) => item);
  }

  #trim(): void {
    this.#held.sort((a, b) => b.weight - a.weight);
    this.#held.length = Math.min(this.#held.length, Math.max(0, this.#count));
    if (this.#held.length === this.#count) this.#least = this.#held.at(-1)?.weight ?? this.#least;
  }
}
