import { describe, expect, it } from 'vitest';
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../../../../src/blocks/kv/redis/long-double.js';
import {
  parseFloatStrict,
  parseInteger,
  parseSmallInteger,
  readCount,
} from '../../../../src/blocks/kv/redis/numbers.js';

const NOT_WHOLE = ['', '-', '--1', '+1', '01', '-0', '00', '-01', ' 1', '1 ', '1.0', '1e3', '0x1', 'abc', '1\0', '١'];

describe('whole numbers', () => {
  it.each([0n, 1n, -1n, 10n, 999_999_999_999_999n, -999_999_999_999_999n, 10n ** 15n, 2n ** 53n, -(10n ** 18n)])(
    '%s has one spelling',
    (value) => {
      expect(parseInteger(String(value))).toBe(value);
      expect(parseInteger(`0${value}`)).toBeUndefined();
      expect(parseInteger(`+${value}`)).toBeUndefined();
    },
  );

  it('have 64 bits', () => {
    expect(parseInteger('9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(parseInteger('-9223372036854775808')).toBe(-(2n ** 63n));
    for (const text of ['9223372036854775808', '-9223372036854775809', '9'.repeat(19), '9'.repeat(20), '9'.repeat(999)])
      expect(parseInteger(text), text).toBeUndefined();
    expect(readCount('9223372036854775807')).toBe(2 ** 63);
  });

  it.each(NOT_WHOLE)('%j is none', (text) => {
    expect(parseInteger(text)).toBeUndefined();
    expect(parseSmallInteger(text)).toBeUndefined();
  });

  it('small ones have at most 15 digits', () => {
    expect(parseSmallInteger('-999999999999999')).toBe(-999_999_999_999_999);
    expect(parseSmallInteger('1000000000000000')).toBeUndefined();
    expect(Object.is(parseSmallInteger('0'), 0)).toBe(true);
  });
});

describe('doubles', () => {
  it.each<[string, number]>([
    ['1', 1],
    ['-0', -0],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['0e999', 0],
    ['inf', Number.POSITIVE_INFINITY],
    ['-INFINITY', Number.NEGATIVE_INFINITY],
    ['0x10', 16],
    ['-0x1.8p1', -3],
    ['0x.8', 0.5],
    ['9007199254740993', 9_007_199_254_740_992],
    ['5e-324', 5e-324],
  ])('%s', (text, value) => {
    expect(Object.is(parseFloatStrict(text), value)).toBe(true);
  });

  it.each(['', ' 1', '1 ', 'nan', 'e5', '.', '1e', '1e400', '-1e400', '1e-400', '0x', '0x.p1', '0x1p9999', '1_0', 'x'])(
    '%j is none',
    (text) => {
      expect(parseFloatStrict(text)).toBeUndefined();
    },
  );
});

it('texts of megabytes that are no numbers are told in linear time', () => {
  const digits = '1'.repeat(4_000_000);
  for (const text of [`${digits}x`, `${digits}.${digits}x`, `0x${digits}x`, `0x${digits}.${digits}x`, `1e${digits}x`]) {
    expect(parseFloatStrict(text)).toBeUndefined();
    expect(parseLongDouble(text)).toBeUndefined();
    expect(parseInteger(text)).toBeUndefined();
  }
});

describe('long doubles', () => {
  const written = (text: string) => {
    const value = parseLongDouble(text);
    return value === undefined ? undefined : formatLongDouble(value);
  };

  it.each<[string, string | undefined]>([
    ['0', '0'],
    ['-0', '0'],
    ['-0.00000000000000000001', '0'],
    ['0.1', '0.1'],
    ['-5.0', '-5'],
    ['1e20', '100000000000000000000'],
    ['100', '100'],
    ['0.123456789012345678901', '0.12345678901234568'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551617', '18446744073709551616'],
    ['18446744073709551619', '18446744073709551620'],
    ['36893488147419103233', '36893488147419103232'],
    ['0x1.8p1', '3'],
    ['0x.p1', undefined],
    ['1e-4950', '0'],
    ['1e-4952', undefined],
    ['1e4933', undefined],
    [`1${'0'.repeat(5_119)}`, undefined],
  ])('%s', (text, digits) => {
    expect(written(text)).toBe(digits);
  });

  it('are exact beyond doubles: ten times a tenth is one', () => {
    const tenth = parseLongDouble('0.1');
    let sum = parseLongDouble('0');
    for (let i = 0; i < 10; i++) if (sum !== undefined && tenth !== undefined) sum = addLongDoubles(sum, tenth);
    expect(sum !== undefined && formatLongDouble(sum)).toBe('1');
  });

  it('have no sum with what is infinite', () => {
    const [one, infinite] = [parseLongDouble('1'), parseLongDouble('-inf')];
    expect(infinite?.infinite).toBe(-1);
    expect(one && infinite && addLongDoubles(one, infinite)).toBeUndefined();
  });
});
