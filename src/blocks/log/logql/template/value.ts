/** Values in templates, and how Go prints and compares them. */
import { TemplateError } from './ast.js';

/** A moment, in nanoseconds since the Unix epoch, with the zone it is shown in. */
export class Moment {
  readonly nanos: bigint;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly zone: string;

  constructor(nanos: bigint, offset = 0, zone = 'UTC') {
    this.nanos = nanos;
    this.offset = offset;
    this.zone = zone;
  }
}

export type Value = string | number | boolean | undefined | Moment | readonly Value[] | ReadonlyMap<string, Value>;

export function isTrue(value: Value): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (typeof value === 'number') return value !== 0;
  return value !== undefined && value !== false;
}

export function print(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '<no value>';
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Moment) return printMoment(value);
  if (value instanceof Map)
    return `map[${[...value]
      .map(([key, one]) => `${key}:${print(one)}`)
      .sort()
      .join(' ')}]`;
  return `[${(value as readonly Value[]).map(print).join(' ')}]`;
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value).replace(/e([+-])(\d)$/, (_all, sign, digit) => `e${sign}0${digit}`);
}

function printMoment({ nanos, offset, zone }: Moment): string {
  const local = nanos + BigInt(offset) * 60_000_000_000n;
  const millis = local >= 0n ? local / 1_000_000n : -((-local + 999_999n) / 1_000_000n);
  const fraction = String(((local % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const text = new Date(Number(millis)).toISOString().slice(0, 19).replace('T', ' ');
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(offset);
  const digits = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
  return `${text}${fraction === '' ? '' : `.${fraction}`} ${sign}${digits} ${zone}`;
}

/** Less than, equal, greater: negative, 0, positive. Values of different kinds cannot be compared, as in Go. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  throw new TemplateError(`incompatible types for comparison: ${print(left)} and ${print(right)}`);
}

export function isEqual(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left === 'boolean' && typeof right === 'boolean') return false;
  if (left === undefined || right === undefined) return false;
  return compare(left, right) === 0;
}

/** As sprig's int64: texts are read, what is no number is 0. */
export function toInteger(value: Value): number {
  return Math.trunc(toNumber(value)) || 0;
}

/** As sprig's float64. */
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return 0;
  const number = Number(value);
  return Number.isNaN(number) ? 0 : number;
}

export function toText(value: Value): string {
  return value === undefined ? '' : print(value);
}

export function toMoment(value: Value): Moment {
  if (value instanceof Moment) return value;
  if (typeof value === 'number') return new Moment(BigInt(Math.trunc(value)) * 1_000_000_000n);
  throw new TemplateError(`not a time: ${toText(value)}`);
}
