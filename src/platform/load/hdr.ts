/** What latencies amount to: percentiles, and the percentile file of HdrHistogram. */
import { HIGHEST_US, type LatencyCounts } from './latency-counts.js';

export const reportedPercentiles = [50, 75, 90, 99, 99.9, 99.99] as const;

interface LatencySummary {
  readonly count: number;
  readonly minUs: number;
  readonly meanUs: number;
  readonly maxUs: number;
  /** In the order of reportedPercentiles. */
  readonly percentilesUs: readonly number[];
}

export interface Histogram {
  readonly summary: LatencySummary;
  readonly counts: LatencyCounts;
  /** `Value Percentile TotalCount 1/(1-Percentile)`, values in milliseconds: what HdrHistogram's plotters read. */
  hgrm(): string;
}

/** Rows of the file for each halving of what is left above. */
const TICKS_PER_HALF_DISTANCE = 5;

export async function toHistogram(counts: LatencyCounts): Promise<Histogram> {
  const { build } = await import('./hdr-library.js');
  const histogram = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  let left = counts.total;
  counts.forEach((us, count) => {
    left -= count;
    // The greatest is known exactly.
    histogram.recordValueWithCount(us, left === 0 ? count - 1 : count);
    if (left === 0) histogram.recordValue(counts.maxUs);
  });
  const valueUs = (percentile: number) => Math.min(histogram.getValueAtPercentile(percentile), counts.maxUs);
  const summary = {
    count: counts.total,
    minUs: counts.total === 0 ? 0 : Math.min(valueUs(0), counts.maxUs),
    meanUs: counts.total === 0 ? 0 : histogram.mean,
    maxUs: counts.maxUs,
    percentilesUs: reportedPercentiles.map(valueUs),
  };
  return { summary, counts, hgrm: () => histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, 1000) };
}
