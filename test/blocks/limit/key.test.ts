import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOfKey,
  checkKey,
  isCanonical,
  keyFromBytes,
  LONGEST_KEY,
  LONGEST_STORED_KEY,
  showKey,
  storedKey,
  storedKeyFromBytes,
} from '../../../src/blocks/limit/key.js';

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe('keys', () => {
  test('any bytes come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(bytesOfKey(keyFromBytes(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ['plain text', Buffer.from('user:42'), 'user:42'],
    ['NUL', Buffer.from('a\0b'), 'a\0b'],
    ['text beyond the basic plane', Buffer.from('a😀b'), 'a😀b'],
    ['a byte that begins nothing', Buffer.from([0x61, 0xff, 0x62]), 'a\udcffb'],
    ['a character that ends early', Buffer.from([0xe2, 0x82, 0x61]), '\udce2\udc82a'],
    ['an overlong form', Buffer.from([0xc0, 0xaf]), '\udcc0\udcaf'],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\udced\udca0\udc80'],
  ])('%s, as surrogateescape writes it', (_what, bytes, key) => {
    expect(keyFromBytes(bytes)).toBe(key);
    expect(bytesOfKey(key)).toEqual(bytes);
  });

  test('a stored key is one for all texts of the same bytes, and stays what it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = storedKey(text);
        expect(storedKey(stored)).toBe(stored);
        expect(storedKey(keyFromBytes(bytesOfKey(text)))).toBe(stored);
        expect(storedKeyFromBytes(bytesOfKey(stored))).toBe(stored);
        expect(isCanonical(stored)).toBe(true);
      }),
    );
    expect(storedKey('\udcc3\udca9')).toBe('é');
    expect(isCanonical('\udcc3\udca9')).toBe(false);
    expect(isCanonical('\ud800')).toBe(false);
  });

  test('a long key becomes a digest form, which no key of ordinary length equals', () => {
    const long = 'k'.repeat(LONGEST_STORED_KEY + 1);
    const stored = storedKey(long);
    expect(storedKey('k'.repeat(LONGEST_STORED_KEY))).toBe('k'.repeat(LONGEST_STORED_KEY));
    expect(stored).not.toBe(storedKey(`${long}k`));
    expect(storedKey(stored)).toBe(stored);
    expect(bytesOfKey(stored)).toHaveLength(520);
    expect(storedKeyFromBytes(bytesOfKey(stored))).toBe(stored);
    // Its bytes, sent by a peer as a key, are another key.
    expect(storedKey(keyFromBytes(bytesOfKey(stored)))).not.toBe(stored);
  });

  test('a long key of broken bytes is cut wherever it may be', () => {
    const bytes = Buffer.alloc(2000, 0xe2);
    const stored = storedKey(keyFromBytes(bytes));
    expect(storedKeyFromBytes(bytesOfKey(stored))).toBe(stored);
    const emoji = storedKey('😀'.repeat(400));
    expect(storedKeyFromBytes(bytesOfKey(emoji))).toBe(emoji);
  });

  test('are shown in a few words', () => {
    expect(showKey('user:42')).toBe('user:42');
    expect(showKey(keyFromBytes(Buffer.from([0x61, 0xff])))).toBe('a\\xff');
    expect(showKey('\ud800')).toBe('\\xed\\xa0\\x80');
    expect(showKey('k'.repeat(3000))).toMatch(/^k{40}…\(sha256 [0-9a-f]{12}…\)$/);
  });

  test('are from one byte to a mebibyte', () => {
    checkKey('k'.repeat(LONGEST_KEY));
    checkKey('é'.repeat(LONGEST_KEY / 2));
    for (const key of ['', 'k'.repeat(LONGEST_KEY + 1), 'é'.repeat(LONGEST_KEY / 2 + 1)]) {
      expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'limit.bad_key' }));
    }
  });
});
