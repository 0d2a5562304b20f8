/**
 * Exact arithmetic on times that are not whole microseconds. A limit's time for one, 1/3 of a second say, is kept as
 * whole microseconds and a fraction, `us + fraction / limit.fractions`; everything stays below 2^53, where doubles are
 * integers, and only products that would pass it take the slow way by BigInt.
 */
import type { Limit } from '../limit.js';

/** Below it the quotient of two integers, rounded down, is exact in doubles. */
const EXACT = 2 ** 52;

/** floor(a × b / c), exactly, for whole numbers from 0 below 2^53 and c > 0. */
export function multiplyDivide(a: number, b: number, c: number): number {
  const product = a * b;
  if (product < EXACT) return Math.floor(product / c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** How often the limit's time for one fits into `us + fraction / fractions`: floor of the exact quotient. */
export function wholeSteps(limit: Limit, us: number, fraction: number): number {
  const { fractions, stepUs, stepFraction } = limit;
  const dividend = us * fractions + fraction;
  if (dividend < EXACT) return Math.floor(dividend / (stepUs * fractions + stepFraction));
  const divisor = BigInt(stepUs) * BigInt(fractions) + BigInt(stepFraction);
  return Number((BigInt(us) * BigInt(fractions) + BigInt(fraction)) / divisor);
}

/** Whole microseconds of `count` times the limit's time for one. With {@link stepsFraction} the two parts. */
export function stepsUs({ stepUs, stepFraction, fractions }: Limit, count: number): number {
  return stepFraction === 0 ? count * stepUs : count * stepUs + Math.floor((count * stepFraction) / fractions);
}

export function stepsFraction({ stepFraction, fractions }: Limit, count: number): number {
  return stepFraction === 0 ? 0 : (count * stepFraction) % fractions;
}

/** Whoever waits must not come back a fraction too early. */
export function roundUp(us: number, fraction: number): number {
  return fraction > 0 ? us + 1 : us;
}
