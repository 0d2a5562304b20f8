import type { LimitRequest } from '../../src/blocks/limit/limit.js';

/** What the killed processes take from: rates that give all the time, and a limit of a day that is taken once. */
export const limits: readonly (LimitRequest & { readonly key: string })[] = [
  { key: 'gcra', algorithm: 'gcra', count: 2000, periodUs: 1_000_000, burst: 50 },
  { key: 'bucket', algorithm: 'token-bucket', count: 700, periodUs: 300_000, burst: 30 },
  { key: 'log', algorithm: 'sliding-log', count: 60, periodUs: 200_000 },
  { key: 'day', algorithm: 'anchored-window', count: 10_000, periodUs: 86_400_000_000 },
];
