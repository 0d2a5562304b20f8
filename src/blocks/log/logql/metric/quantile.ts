/** The φ-quantile, linear between the two nearest, as Prometheus has it: below 0 it is -∞, above 1 +∞. */
export function quantile(phi: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const sorted = Float64Array.from(values).sort();
  const rank = phi * (sorted.length - 1);
  const lower = Math.floor(rank);
  const low = sorted[lower] ?? Number.NaN;
  const high = sorted[Math.min(lower + 1, sorted.length - 1)] ?? low;
  const weight = rank - lower;
  return low * (1 - weight) + high * weight;
}
