/** Functions of time. Where no zone is named it is UTC, so that an answer does not depend on the machine that gives it. */
import { TemplateError } from './ast.js';
import type { TemplateFunction } from './function.js';
import { formatLayout } from './layout.js';
import { parseLayout } from './parse-layout.js';
import { Moment, toMoment, toText } from './value.js';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Nanoseconds of one unit, by how many digits a time since the epoch has. */
const UNIT_BY_DIGITS: ReadonlyMap<number, bigint> = new Map([
  [5, 86_400n * NANOS_PER_SECOND],
  [10, NANOS_PER_SECOND],
  [13, 1_000_000n],
  [16, 1000n],
  [19, 1n],
]);

export const TIME_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  now: { least: 0, most: 0, call: (_values, { now }) => new Moment(BigInt(now()) * 1_000_000n) },
  date: { least: 2, most: 2, call: ([layout, value]) => formatLayout(toText(layout), toMoment(value)) },
  toDate: { least: 2, most: 2, call: ([layout, text]) => parseLayout(toText(layout), toText(text), 'UTC') ?? ZERO },
  toDateInZone: {
    least: 3,
    most: 3,
    call: ([layout, zone, text]) => parseLayout(toText(layout), toText(text), toText(zone)) ?? ZERO,
  },
  unixEpoch: { least: 1, most: 1, call: ([value]) => String(toMoment(value).nanos / NANOS_PER_SECOND) },
  unixEpochMillis: { least: 1, most: 1, call: ([value]) => String(toMoment(value).nanos / 1_000_000n) },
  unixEpochNanos: { least: 1, most: 1, call: ([value]) => String(toMoment(value).nanos) },
  unixToTime: { least: 1, most: 1, call: ([value]) => unixToTime(toText(value)) },
};

/** Go's zero time: what a text that is no date gives, as in sprig. */
const ZERO = new Moment(-62_135_596_800n * NANOS_PER_SECOND);

function unixToTime(text: string): Moment {
  const unit = /^\d+$/.test(text) ? UNIT_BY_DIGITS.get(text.length) : undefined;
  if (unit === undefined) throw new TemplateError(`unable to parse time '${text.slice(0, 40)}'`);
  return new Moment(BigInt(text) * unit);
}
