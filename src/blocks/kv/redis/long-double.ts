/**
 * The numbers of INCRBYFLOAT and HINCRBYFLOAT: x86-64's long double, as Redis computes with them. A number is a whole mantissa of at most
 * 64 bits times a power of two; sums are exact and then rounded to such a number, half to even.
 *
 *     mantissa < 2^64        -16445 ≤ exponent        mantissa × 2^exponent < 2^16384
 */
import type { ByteString } from '../bytes.js';
import { HEXADECIMAL } from './numbers.js';

export interface LongDouble {
  /** With the sign. 0 has no sign here. */
  readonly mantissa: bigint;
  readonly exponent: number;
  /** 1 and -1: no number, but an infinite one. */
  readonly infinite: -1 | 0 | 1;
}

const MANTISSA_BITS = 64;
const LEAST_EXPONENT = -16_445;
const MOST_BITS = 16_384;
/** Redis reads no longer texts. */
const MOST_CHARACTERS = 5_119;
/** Powers of ten beyond which a number is surely too large, and below which surely too small. */
const MOST_TENS = 4_940;
const LEAST_TENS = -4_960;
/** Digits behind the point that Redis writes. */
const FRACTION_DIGITS = 17;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** What C's strtold reads but NaN, and what is beyond its range; undefined where it is none. */
export function parseLongDouble(text: ByteString): LongDouble | undefined {
  if (text.length === 0 || text.length > MOST_CHARACTERS) return undefined;
  if (/^[+-]?inf(inity)?$/i.test(text)) return infinite(text.startsWith('-'));
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return fromDecimal(decimal);
  const hexadecimal = HEXADECIMAL.exec(text);
  return hexadecimal === null ? undefined : fromHexadecimal(hexadecimal);
}

const infinite = (negative: boolean): LongDouble => ({ mantissa: 0n, exponent: 0, infinite: negative ? -1 : 1 });

function fromDecimal([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray): LongDouble | undefined {
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return rounded(0n, 1n, false);
  const tens = Number(power) - fraction.length;
  const magnitude = tens + digits.toString().length;
  if (magnitude > MOST_TENS || magnitude < LEAST_TENS) return undefined;
  const negative = sign === '-';
  return tens < 0
    ? inRange(rounded(digits, 10n ** BigInt(-tens), negative))
    : inRange(rounded(digits * 10n ** BigInt(tens), 1n, negative));
}

function fromHexadecimal([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray): LongDouble | undefined {
  const digits = BigInt(`0x${whole}${fraction}`);
  if (digits === 0n) return rounded(0n, 1n, false);
  const twos = Number(power) - 4 * fraction.length;
  const magnitude = twos + bitsOf(digits);
  if (magnitude > MOST_BITS || magnitude < LEAST_EXPONENT - 1) return undefined;
  const negative = sign === '-';
  return twos < 0
    ? inRange(rounded(digits, 1n << BigInt(-twos), negative))
    : inRange(rounded(digits << BigInt(twos), 1n, negative));
}

/** Of a number that is not 0: undefined where rounding made it 0 or infinite. */
const inRange = (number: LongDouble): LongDouble | undefined =>
  number.infinite !== 0 || number.mantissa === 0n ? undefined : number;

const bitsOf = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** The long double next to a fraction, neither of whose parts is negative. */
function rounded(numerator: bigint, denominator: bigint, negative: boolean): LongDouble {
  const bits = bitsOf(numerator) - bitsOf(denominator);
  let exponent = Math.max(bits - MANTISSA_BITS, LEAST_EXPONENT);
  if (quotient(numerator, denominator, exponent) >> BigInt(MANTISSA_BITS) > 0n) exponent++;
  let mantissa = quotient(numerator, denominator, exponent);
  const [scaled, divisor] = scale(numerator, denominator, exponent);
  const twice = 2n * (scaled - mantissa * divisor);
  if (twice > divisor || (twice === divisor && mantissa % 2n === 1n)) mantissa++;
  if (bitsOf(mantissa) + exponent > MOST_BITS) return infinite(negative);
  return { mantissa: negative ? -mantissa : mantissa, exponent, infinite: 0 };
}

function scale(numerator: bigint, denominator: bigint, exponent: number): [bigint, bigint] {
  return exponent < 0 ? [numerator << BigInt(-exponent), denominator] : [numerator, denominator << BigInt(exponent)];
}

function quotient(numerator: bigint, denominator: bigint, exponent: number): bigint {
  const [scaled, divisor] = scale(numerator, denominator, exponent);
  return scaled / divisor;
}

/** undefined where the sum is infinite or no number. */
export function addLongDoubles(one: LongDouble, other: LongDouble): LongDouble | undefined {
  if (one.infinite !== 0 || other.infinite !== 0) return undefined;
  const exponent = Math.min(one.exponent, other.exponent);
  const sum = (one.mantissa << BigInt(one.exponent - exponent)) + (other.mantissa << BigInt(other.exponent - exponent));
  const size = sum < 0n ? -sum : sum;
  const result =
    exponent < 0 ? rounded(size, 1n << BigInt(-exponent), sum < 0n) : rounded(size << BigInt(exponent), 1n, sum < 0n);
  return result.infinite === 0 ? result : undefined;
}

/** As Redis writes it for humans: 17 digits behind the point, without zeros at the end. Not of an infinite one. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): ByteString {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const tens = 10n ** BigInt(FRACTION_DIGITS);
  const digits = roundedShift(size * tens, exponent);
  if (digits === 0n) return '0';
  const padded = digits.toString().padStart(FRACTION_DIGITS + 1, '0');
  const whole = padded.slice(0, -FRACTION_DIGITS);
  let end = padded.length;
  while (end > whole.length && padded.charCodeAt(end - 1) === 48) end--;
  const fraction = padded.slice(whole.length, end);
  return `${mantissa < 0n ? '-' : ''}${whole}${fraction === '' ? '' : '.'}${fraction}`;
}

/** value × 2^exponent as a whole number, half to even. */
function roundedShift(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value << BigInt(exponent);
  const divisor = 1n << BigInt(-exponent);
  const whole = value / divisor;
  const twice = 2n * (value - whole * divisor);
  return twice > divisor || (twice === divisor && whole % 2n === 1n) ? whole + 1n : whole;
}
