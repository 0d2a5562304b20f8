/** How much a benchmark may ask of a scheduler, for help and for its plan. */

/** Due at each second. */
export const HIGHEST_BENCH_RATE = 2_000;
export const MOST_BENCH_JOBS = 100_000;
