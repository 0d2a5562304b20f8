/** Ascending values as stretches without a gap: 1, 2, 3, 7 → [1, 3], [7, 7]. */
export function rangesOf(values: readonly number[]): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const value of values) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === value - 1) range[1] = value;
    else ranges.push([value, value]);
  }
  return ranges;
}
