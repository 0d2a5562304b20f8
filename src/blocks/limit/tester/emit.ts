/** A finding as a limit of ours, and as a policy file that `ds limit serve` enforces: a copy of the upstream's limit. */
import { stringify } from 'yaml';
import { type AlgorithmName, defineLimit, formatRate, type Limit } from '../limit.js';
import type { Family, Finding } from './finding.js';
import { rateOfStep } from './simplest.js';

const ALGORITHMS: Readonly<Record<Family, AlgorithmName>> = {
  bucket: 'gcra',
  'fixed-window': 'fixed-window',
  'anchored-window': 'anchored-window',
  'sliding-counter': 'sliding-window',
  'sliding-log': 'sliding-log',
  queue: 'leaky-bucket',
  concurrency: 'concurrency',
};

/** A place in flight is given back when the answer is there; should that be missed, after so long: milliseconds. */
const LEASE_MS = 60_000;

export function limitOf({ family, limit, periodMs }: Finding): Limit {
  const algorithm = ALGORITHMS[family];
  const count = Math.max(1, Math.round(limit.value));
  if (family === 'concurrency') return defineLimit({ algorithm, count, periodUs: LEASE_MS * 1000 });
  const period = periodMs?.value ?? 1_000;
  if (family !== 'bucket' && family !== 'queue')
    return defineLimit({ algorithm, count, periodUs: Math.round(period * 1000) });
  const rate = rateOfStep(period);
  return defineLimit({ algorithm, count: rate.count, periodUs: rate.periodMs * 1000, burst: count });
}

export function policyOf(finding: Finding, url: URL): string {
  const { algorithm, burst, count } = limitOf(finding);
  const limit = { rate: formatRate(limitOf(finding)), ...(burst === count ? {} : { burst }), algorithm };
  // What stands for other paths in a match is no path.
  const path = /[*?[\]{}!\\]/.test(url.pathname) ? '/' : url.pathname;
  const text = stringify({
    policies: [{ name: 'cloned', ...(path === '/' ? {} : { match: { path } }), key: ['client'], limits: [limit] }],
  });
  return `# The limit of ${url.origin}${url.pathname} as ds limit test found it.\n${text}`;
}
