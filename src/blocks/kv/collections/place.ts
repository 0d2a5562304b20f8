/**
 * Places in a sorted set: between its elements, which are ordered by score and then by the bytes of the member. All ranges, by score, by
 * member, with ends that belong to them or not, are from one place to another, the second not included:
 *
 *     score >= 3          from (3, '')            score <= 3       to (next double behind 3, '')
 *     member >= b         from (score, b)         member <= b      to (score, b and a zero byte: the first text behind b)
 */
import type { ByteString } from '../bytes.js';

export interface Place {
  readonly score: number;
  readonly member: ByteString;
}

/** Before all elements. */
export const START: Place = { score: Number.NEGATIVE_INFINITY, member: '' };

/** Behind the element. */
export const behind = ({ score, member }: Place): Place => ({ score, member: `${member}\0` });

const buffer = new DataView(new ArrayBuffer(8));

/** The least double that is greater (IEEE 754 nextUp); undefined behind infinity, where nothing is. */
export function nextUp(value: number): number | undefined {
  if (value === Number.POSITIVE_INFINITY) return undefined;
  if (value === Number.NEGATIVE_INFINITY) return -Number.MAX_VALUE;
  if (value === 0) return Number.MIN_VALUE;
  buffer.setFloat64(0, value);
  const bits = buffer.getBigInt64(0);
  buffer.setBigInt64(0, value > 0 ? bits + 1n : bits - 1n);
  return buffer.getFloat64(0);
}
