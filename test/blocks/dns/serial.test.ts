import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstSerial, isLaterSerial, nextSerial } from '../../../src/blocks/dns/serial.js';

const serial = fc.nat(0xffff_ffff);

describe('serials (RFC 1982)', () => {
  test.each([
    [1, 0, true],
    [0, 1, false],
    [5, 5, false],
    [0, 0xffff_ffff, true],
    [44, 0xffff_ff00, true],
    [100, 200, false],
    [0x7fff_ffff, 0, true],
    [0x8000_0000, 0, false],
    [0, 0x8000_0000, false],
    [0x8000_0001, 0, false],
    [0, 0x8000_0001, true],
  ])('%i is later than %i: %s', (one, other, expected) => {
    expect(isLaterSerial(one, other)).toBe(expected);
  });

  test('of two only one is later, and neither where they are half the circle apart', () => {
    fc.assert(
      fc.property(serial, serial, (a, b) => {
        const either = Number(isLaterSerial(a, b)) + Number(isLaterSerial(b, a));
        expect(either).toBe(a === b || Math.abs(a - b) === 2 ** 31 ? 0 : 1);
      }),
    );
  });

  test('the next is later, and never 0', () => {
    for (const one of [0, 1, 2 ** 31 - 1, 2 ** 32 - 2, 2 ** 32 - 1]) {
      expect(isLaterSerial(nextSerial(one), one)).toBe(true);
      expect(nextSerial(one)).not.toBe(0);
    }
    expect(nextSerial(2 ** 32 - 1)).toBe(1);
  });

  test('the first is the date (RFC 1912, section 2.2)', () => {
    expect(firstSerial(Date.UTC(2026, 0, 5, 23, 59))).toBe(2026010501);
  });
});
