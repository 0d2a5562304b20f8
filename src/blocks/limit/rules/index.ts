/** The rules of each algorithm, by name. */
import type { AlgorithmName } from '../limit.js';
import { anchoredWindow } from './anchored-window.js';
import { concurrency } from './concurrency.js';
import { fixedWindow } from './fixed-window.js';
import { gcra } from './gcra.js';
import { leakyBucket } from './leaky-bucket.js';
import type { Rules } from './rules.js';
import { slidingLog } from './sliding-log.js';
import { slidingWindow } from './sliding-window.js';
import { tokenBucket } from './token-bucket.js';

export type { Rules, State } from './rules.js';

const byName: Readonly<Record<AlgorithmName, Rules>> = {
  gcra,
  'token-bucket': tokenBucket,
  'leaky-bucket': leakyBucket,
  'fixed-window': fixedWindow,
  'anchored-window': anchoredWindow,
  'sliding-window': slidingWindow,
  'sliding-log': slidingLog,
  concurrency,
};

export function rulesOf(algorithm: AlgorithmName): Rules {
  return byName[algorithm];
}
