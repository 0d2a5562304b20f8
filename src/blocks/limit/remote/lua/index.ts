/** The rules as Lua, a part for each algorithm: a script is made of those that it needs. */
import type { AlgorithmName } from '../../limit.js';
import { arithmeticLua } from './arithmetic.js';
import { concurrencyLua, slidingLogLua } from './logs.js';
import { gcraLua, leakyBucketLua, scheduleLua } from './schedule.js';
import { tokenBucketLua } from './token-bucket.js';
import { anchoredWindowLua, fixedWindowLua, slidingWindowLua, windowLua } from './windows.js';

/** What an algorithm stands on, and itself. */
const PARTS: Readonly<Record<AlgorithmName, readonly string[]>> = {
  gcra: [scheduleLua, gcraLua],
  'token-bucket': [tokenBucketLua],
  'leaky-bucket': [scheduleLua, leakyBucketLua],
  'fixed-window': [windowLua, fixedWindowLua],
  'anchored-window': [windowLua, anchoredWindowLua],
  'sliding-window': [slidingWindowLua],
  'sliding-log': [slidingLogLua],
  concurrency: [concurrencyLua],
};

/** Defines `rules[<algorithm>]` with fresh, settle, judge, take, refund and fresh_at, as rules/rules.ts has them. */
export function rulesLua(algorithms: readonly AlgorithmName[]): string {
  const parts = new Set(algorithms.flatMap((algorithm) => PARTS[algorithm]));
  return arithmeticLua + [...parts].join('');
}
