/**
 * The column of timestamps: delta of delta in the largest unit that divides all, so that a log with milliseconds at an even pace takes a byte
 * an entry.
 *
 *     unit 0        each timestamp as it is, 8 bytes: where they lie further apart than doubles can tell
 *     unit 1 to 4   ns, µs, ms, s:  first timestamp (8 bytes), then for each further one how much its distance to the one before has changed
 */
import { type ByteReader, type ByteWriter, DamagedBytes } from './bytes.js';

/** Nanoseconds: sums and differences, doubled by zigzag, stay exact. 26 days. */
const FURTHEST = 2 ** 51;
const UNITS = [0, 1, 1e3, 1e6, 1e9] as const;
const LARGEST_UNIT = 4;
const TWO_32 = 2 ** 32;

/**
 * Timestamps as nanoseconds after the first one; undefined where one is too far from it. By halves of 32 bits: a bigint for each would be
 * an object for each.
 */
export function relativeTimes(timestamps: BigInt64Array, count: number): Float64Array | undefined {
  const relative = new Float64Array(count);
  const { low, high } = halves(timestamps);
  const firstLow = low[0] ?? 0;
  const firstHigh = high[1] ?? 0;
  let furthest = 0;
  for (let i = 0; i < count; i++) {
    const nanos = ((high[2 * i + 1] ?? 0) - firstHigh) * TWO_32 + ((low[2 * i] ?? 0) - firstLow);
    relative[i] = nanos;
    if (nanos > furthest) furthest = nanos;
    else if (-nanos > furthest) furthest = -nanos;
  }
  return furthest < FURTHEST ? relative : undefined;
}

/** Timestamps of the entries that `order` names. */
export function writeTimes(writer: ByteWriter, timestamps: BigInt64Array, order: Uint32Array): void {
  const ordered = inOrder(timestamps, order);
  const relative = relativeTimes(ordered, ordered.length);
  if (relative === undefined) {
    writer.byte(0);
    for (const timestamp of ordered) writer.bigint(timestamp);
    return;
  }
  const unit = largestUnit(relative);
  const scale = UNITS[unit] ?? 1;
  writer.byte(unit);
  writer.bigint(ordered[0] ?? 0n);
  let before = 0;
  let step = 0;
  for (let i = 1; i < relative.length; i++) {
    const value = (relative[i] ?? 0) / scale;
    writer.signed(value - before - step);
    step = value - before;
    before = value;
  }
}

export function readTimes(reader: ByteReader, count: number): BigInt64Array {
  const timestamps = new BigInt64Array(count);
  const unit = reader.byte();
  const scale = UNITS[unit];
  if (scale === undefined) throw new DamagedBytes(`unit ${unit} of time is not known`);
  if (unit === 0) {
    for (let i = 0; i < count; i++) timestamps[i] = reader.bigint();
    return timestamps;
  }
  timestamps[0] = reader.bigint();
  const { low, high } = halves(timestamps);
  const firstLow = low[0] ?? 0;
  const firstHigh = high[1] ?? 0;
  let value = 0;
  let step = 0;
  for (let i = 1; i < count; i++) {
    step += reader.signed();
    value += step;
    const nanos = firstLow + value * scale;
    const carry = Math.floor(nanos / TWO_32);
    low[2 * i] = nanos - carry * TWO_32;
    high[2 * i + 1] = firstHigh + carry;
  }
  return timestamps;
}

function largestUnit(relative: Float64Array): number {
  let unit = LARGEST_UNIT;
  for (let i = 0; i < relative.length; i++) {
    while (unit > 1 && (relative[i] ?? 0) % (UNITS[unit] ?? 1) !== 0) unit--;
    if (unit === 1) break;
  }
  return unit;
}

interface Halves {
  /** Timestamp i at 2 × i. */
  readonly low: Uint32Array;
  /** Timestamp i at 2 × i + 1. */
  readonly high: Int32Array;
}

/** The same memory by halves: little-endian, as all machines that Node is built for but one are (s390x). */
function halves({ buffer, byteOffset, length }: BigInt64Array): Halves {
  return { low: new Uint32Array(buffer, byteOffset, length * 2), high: new Int32Array(buffer, byteOffset, length * 2) };
}

function inOrder(timestamps: BigInt64Array, order: Uint32Array): BigInt64Array {
  const ordered = new BigInt64Array(order.length);
  const from = halves(timestamps).high;
  const to = halves(ordered).high;
  for (let i = 0; i < order.length; i++) {
    const index = (order[i] ?? 0) * 2;
    to[2 * i] = from[index] ?? 0;
    to[2 * i + 1] = from[index + 1] ?? 0;
  }
  return ordered;
}
