/** The smallest and the largest ID of a time span: for range queries on the ID column instead of a second index. */
import { idToString } from './batch.js';
import type { IdFormat } from './encoding/types.js';
import { seqErrors } from './errors.js';
import { type ByteLayout, type IntegerLayout, type Layout, tickOf } from './layout/layout.js';

export interface IdRange {
  /** In the format asked for. */
  readonly smallest: string;
  readonly largest: string;
  /**
   * True when exactly the IDs of the span lie between the two; false for a layout whose time does not stand first,
   * where others do too.
   */
  readonly exact: boolean;
}

/**
 * Both ends belong to the span and are widened to whole ticks; ends outside the layout's time are cut to it. Error:
 * `seq.bad_range` when nothing is left, or `fromMs` is after `toMs`.
 */
export function timeRange(layout: Layout, fromMs: number, toMs: number, format: IdFormat = 'canonical'): IdRange {
  if (!(fromMs <= toMs)) throw bad(`the span from ${iso(fromMs)} to ${iso(toMs)} is reversed`, 'swap --from and --to');
  if (toMs < layout.epoch || fromMs >= layout.endsAt) {
    throw bad(
      `the span from ${iso(fromMs)} to ${iso(toMs)} lies outside the time of layout ${layout.name}`,
      `choose a span between ${iso(layout.epoch)} and ${iso(layout.endsAt)}`,
    );
  }
  const first = tickOf(layout, Math.max(fromMs, layout.epoch));
  const last = tickOf(layout, Math.min(toMs, layout.endsAt - 1));
  const [smallest, largest] =
    layout.family === 'integer' ? integerEnds(layout, first, last) : byteEnds(layout, first, last);
  return {
    smallest: idToString(layout, smallest, format),
    largest: idToString(layout, largest, format),
    exact: layout.family === 'bytes' || layout.order.byTime,
  };
}

function integerEnds(layout: IntegerLayout, first: number, last: number): [bigint, bigint] {
  const { shift, bits } = layout.time;
  const timeMask = ((1n << BigInt(bits)) - 1n) << BigInt(shift);
  const rest = ((1n << BigInt(layout.bits)) - 1n) & ~timeMask;
  return [BigInt(first) << BigInt(shift), (BigInt(last) << BigInt(shift)) | rest];
}

function byteEnds(layout: ByteLayout, first: number, last: number): [bigint, bigint] {
  const timeBits = layout.unitMs === 1 ? 48 : 32;
  const shift = BigInt(layout.bits - timeBits);
  const ones = (1n << shift) - 1n;
  if (layout.name !== 'uuid7') return [BigInt(first) << shift, (BigInt(last) << shift) | ones];
  // Version 7 and variant 2 are constant (RFC 9562 section 5.7).
  const constant = (7n << 76n) | (2n << 62n);
  const free = ones & ~((0xfn << 76n) | (3n << 62n));
  return [(BigInt(first) << shift) | constant, (BigInt(last) << shift) | constant | free];
}

function iso(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

function bad(message: string, hint: string) {
  return seqErrors.error('seq.bad_range', message, { hint });
}
