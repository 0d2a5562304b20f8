import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name, readEscape } from '../../../src/blocks/dns/name.js';
import { label, name } from './arbitraries.js';

const parse = (text: string, origin?: string) =>
  Name.parse(text, origin === undefined ? undefined : Name.parse(origin));
const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const long = (length: number) => 'a'.repeat(length);

/** 255 octets: labels of 63, 63, 63 and 61, each with its length, and the root. */
const LONGEST = `${long(63)}.${long(63)}.${long(63)}.${long(61)}.`;

describe('text', () => {
  test.each([
    ['.', '00'],
    ['com.', '03636f6d00'],
    ['com', '03636f6d00'],
    ['www.Example.com.', '03777777074578616d706c6503636f6d00'],
    ['a\\.b.c.', '03612e62016300'],
    ['\\000\\255\\@\\\\.', '0400ff405c00'],
    ['a b."c".', '03612062032263220000'.slice(0, -2)],
    ['ÀÞ.', '02c0de00'],
    ['*.', '012a00'],
    ['@.', '014000'],
    ['\\@', '014000'],
    ['\\.', '012e00'],
  ])('%s has the octets %s', (text, hex) => {
    expect(hexOf(parse(text).wire)).toBe(hex);
  });

  test.each([
    ['', 'a label is empty'],
    ['..', 'a label is empty'],
    ['.com', 'a label is empty'],
    ['a..com', 'a label is empty'],
    ['com..', 'a label is empty'],
    [`${long(64)}.com.`, 'a label has 64 octets, not 1 to 63'],
    [`com.${long(64)}`, 'a label has 64 octets, not 1 to 63'],
    [`a${LONGEST.slice(1)}`.replace(/a\.$/, 'aa.'), 'it has more than 255 octets'],
    [`a.${LONGEST}`, 'it has more than 255 octets'],
    [`${'a.'.repeat(127)}a`, 'it has more than 255 octets'],
    ['\\', 'it has a broken escape'],
    ['\\1', 'it has a broken escape'],
    ['\\12.', 'it has a broken escape'],
    ['\\256', 'it has a broken escape'],
    ['\\999', 'it has a broken escape'],
    ['ā', 'it has a character beyond one octet'],
    ['\\ā', 'it has a character beyond one octet'],
  ])('"%s" is refused', (text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'dns.bad_name', message: expect.stringContaining(`is no domain name: ${why}`) }),
    );
  });

  test('the longest name and the most labels are read and printed', () => {
    expect(parse(LONGEST).wire).toHaveLength(255);
    expect(parse(LONGEST).toString()).toBe(LONGEST);
    expect(parse('a.'.repeat(127)).labelCount).toBe(127);
    expect(parse('\\000'.repeat(63)).toString()).toBe(`${'\\000'.repeat(63)}.`);
  });

  test('is relative to its origin unless it ends in a dot', () => {
    expect(parse('www', 'example.com.').toString()).toBe('www.example.com.');
    expect(parse('www\\.', 'example.com.').toString()).toBe('www\\..example.com.');
    expect(parse('www.', 'example.com.').toString()).toBe('www.');
    expect(parse('@', 'example.com.').toString()).toBe('example.com.');
    expect(() => parse(LONGEST.slice(0, -1), 'c.')).toThrow('with its origin it has more than 255 octets');
    expect(parse(LONGEST.slice(2, -1), 'c.').wire).toHaveLength(255);
  });

  test('an error does not spoil the next name', () => {
    expect(() => parse(`${long(63)}.${long(64)}`)).toThrow('64 octets');
    expect(parse('b', 'c.').toString()).toBe('b.c.');
  });

  test('what is not printable ASCII or means something in a master file is escaped (RFC 4343, section 2.1)', () => {
    const all = Name.fromLabels([octets(' "$()*./;@A[\\]\x7f\x00\x1b'), octets('ÿ')]);
    expect(all.toString()).toBe('\\032\\"\\$\\(\\)*\\./\\;\\@A[\\\\]\\127\\000\\027.\\255.');
  });

  test('any name survives printing and reading', () => {
    fc.assert(
      fc.property(name, (any) => {
        const text = any.toString();
        expect(text).toMatch(/^[\x21-\x7e]+$/);
        expect(Name.parse(text).wire).toEqual(any.wire);
      }),
    );
  });

  test('escapes (RFC 1035, section 5.1)', () => {
    expect(readEscape('a\\b', 1)).toEqual({ octet: 0x62, last: 2 });
    expect(readEscape('\\065x', 0)).toEqual({ octet: 65, last: 3 });
    expect(readEscape('\\', 0)).toBeUndefined();
    expect(readEscape('\\25', 0)).toBeUndefined();
    expect(readEscape('\\25x', 0)).toBeUndefined();
    expect(readEscape('\\300', 0)).toBeUndefined();
  });
});

describe('labels', () => {
  test('limits', () => {
    expect(() => Name.fromLabels([new Uint8Array()])).toThrow('0 octets, not 1 to 63');
    expect(() => Name.fromLabels([new Uint8Array(64)])).toThrow('64 octets, not 1 to 63');
    expect(() => Name.fromLabels(Array.from({ length: 128 }, () => octets('a')))).toThrow('257 octets');
    expect(Name.fromLabels(Array.from({ length: 127 }, () => octets('a'))).wire).toHaveLength(255);
    expect(Name.fromLabels([])).toBe(Name.root);
  });

  test('are counted from the left, the root not among them', () => {
    const www = parse('www.example.com.');
    expect(www.labelCount).toBe(3);
    expect(www.labels().map((bytes) => Buffer.from(bytes).toString())).toEqual(['www', 'example', 'com']);
    expect(www.label(3)).toEqual(new Uint8Array());
    expect(Name.root.labels()).toEqual([]);
    expect([Name.root.isRoot, www.isRoot]).toEqual([true, false]);
    expect([parse('*.a.').isWildcard, parse('**.a.').isWildcard, parse('a.*.').isWildcard]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('parents, suffixes and children', () => {
    const www = parse('www.example.com.');
    expect([0, 1, 2, 3, 4].map((count) => www.parent(count).toString())).toEqual([
      'www.example.com.',
      'example.com.',
      'com.',
      '.',
      '.',
    ]);
    expect([0, 1, 3, 4].map((count) => www.suffix(count).toString())).toEqual([
      '.',
      'com.',
      'www.example.com.',
      'www.example.com.',
    ]);
    expect(www.child(octets('a.b')).toString()).toBe('a\\.b.www.example.com.');
    expect(www.wildcardChild().toString()).toBe('*.www.example.com.');
    expect(Name.root.child(octets('com')).toString()).toBe('com.');
    expect(() => www.child(new Uint8Array())).toThrow('0 octets');
    expect(() => www.child(new Uint8Array(64))).toThrow('64 octets');
    expect(() => parse(LONGEST).child(octets('a'))).toThrow('257 octets');
  });

  test('parent and child of any name', () => {
    fc.assert(
      fc.property(name, label, (any, first) => {
        fc.pre(any.wire.length + first.length < 255);
        const child = any.child(first);
        expect(child.label(0)).toEqual(first);
        expect(child.parent().wire).toEqual(any.wire);
        expect(child.labelCount).toBe(any.labelCount + 1);
        expect(child.isWithin(any)).toBe(true);
        expect(any.isWithin(child)).toBe(false);
        expect(child.commonLabels(any)).toBe(any.labelCount);
      }),
    );
  });
});

describe('equality (RFC 4343)', () => {
  test('A to Z are a to z, and nothing else is', () => {
    expect(parse('WWW.Example.COM.').equals(parse('www.example.com.'))).toBe(true);
    expect(parse('WWW.Example.COM.').key).toBe(parse('www.example.com.').key);
    expect(parse('À.').equals(parse('à.'))).toBe(false);
    expect(parse('À.').key).not.toBe(parse('à.').key);
    for (const [one, other] of ['@`', '[{', 'Ý\u00fd'].map((pair) => [pair.charAt(0), pair.charAt(1)])) {
      expect(parse(`\\${one}.`).equals(parse(`\\${other}.`))).toBe(false);
    }
    expect(parse('a\\.b.').equals(parse('a.b.'))).toBe(false);
  });

  test('lower case leaves everything but letters', () => {
    expect(parse('Www.\\200\\195\\169É.COM.').lowerCase().toString()).toBe('www.\\200\\195\\169\\201.com.');
  });

  test('equal keys are equal names, for any two', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(a.equals(b)).toBe(a.key === b.key);
        expect(a.equals(a.lowerCase())).toBe(true);
        expect(a.lowerCase().key).toBe(a.key);
        expect(a.key).toHaveLength(a.wire.length);
      }),
    );
  });
});

describe('place in the tree', () => {
  test.each([
    ['www.example.com.', 'example.com.', true],
    ['WWW.EXAMPLE.COM.', 'example.com.', true],
    ['example.com.', 'example.com.', true],
    ['example.com.', '.', true],
    ['.', '.', true],
    ['.', 'com.', false],
    ['com.', 'example.com.', false],
    ['badexample.com.', 'example.com.', false],
    // Its octets end like those of example.com., in the middle of a label.
    ['x\\007example\\003com.', 'example.com.', false],
    ['\\003com.', 'com.', false],
  ])('%s within %s: %s', (one, other, within) => {
    expect(parse(one).isWithin(parse(other))).toBe(within);
  });

  test('labels in common', () => {
    expect(parse('a.b.example.com.').commonLabels(parse('C.B.Example.com.'))).toBe(3);
    expect(parse('a.com.').commonLabels(parse('a.org.'))).toBe(0);
    expect(parse('com.').commonLabels(Name.root)).toBe(0);
    expect(parse('com.').commonLabels(parse('com.'))).toBe(1);
  });

  test('the suffix is replaced (RFC 6672, section 2.2)', () => {
    const substitute = (one: string, from: string, to: string) => parse(one).substitute(parse(from), parse(to));
    expect(substitute('foo.Bar.example.com.', 'example.com.', 'example.net.')?.toString()).toBe('foo.Bar.example.net.');
    expect(substitute('foo.example.com.', 'example.com.', '.')?.toString()).toBe('foo.');
    expect(substitute('foo.', '.', 'example.net.')?.toString()).toBe('foo.example.net.');
    expect(substitute(`${long(63)}.a.`, 'a.', LONGEST.slice(64))?.wire).toHaveLength(255);
    expect(substitute(`${long(63)}.a.`, 'a.', `${LONGEST.slice(64, -1)}a.`)).toBeUndefined();
  });

  test('within is what suffixes say, for any two', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const suffixes = Array.from({ length: a.labelCount + 1 }, (_, count) => a.suffix(count));
        expect(a.isWithin(b)).toBe(suffixes.some((suffix) => suffix.equals(b)));
        expect(suffixes.every((suffix) => a.isWithin(suffix))).toBe(true);
        const common = suffixes.filter((suffix) => b.isWithin(suffix)).length - 1;
        expect(a.commonLabels(b)).toBe(common);
      }),
    );
  });
});

describe('canonical order', () => {
  /** RFC 4034, section 6.1: labels from the right, as octets without signs, lowered; a label that is absent sorts first. */
  function naive(a: Name, b: Name): number {
    const [left, right] = [a, b].map((one) => one.lowerCase().labels().reverse());
    for (let i = 0; ; i++) {
      const [one, other] = [left?.[i], right?.[i]];
      if (one === undefined || other === undefined) return (one === undefined ? 0 : 1) - (other === undefined ? 0 : 1);
      const order = Buffer.compare(one, other);
      if (order !== 0) return order;
    }
  }

  test('the example of RFC 4034, section 6.1', () => {
    const sorted = [
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    ].map((text) => parse(text));
    const shuffled = [...sorted].reverse();
    expect([...shuffled].sort((a, b) => a.compare(b))).toEqual(sorted);
    expect([...shuffled].sort((a, b) => Buffer.compare(a.sortKey(), b.sortKey()))).toEqual(sorted);
    expect([...shuffled].sort(naive)).toEqual(sorted);
  });

  test('octets 0 and 1 sort behind the end of a label', () => {
    const sorted = ['a.', '\\000.a.', '\\000\\000.a.', '\\000\\001.a.', '\\001.a.', 'a\\000.', 'a\\001.', 'aa.'].map(
      (text) => parse(text),
    );
    expect([...sorted].reverse().sort((a, b) => Buffer.compare(a.sortKey(), b.sortKey()))).toEqual(sorted);
    expect(hexOf(parse('\\000\\001.a.').sortKey())).toBe('61000101010200');
  });

  test('keys and comparison agree with the definition, for any two', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const order = Math.sign(naive(a, b));
        expect(Math.sign(a.compare(b))).toBe(order);
        expect(Math.sign(Buffer.compare(a.sortKey(), b.sortKey()))).toBe(order);
      }),
      { numRuns: 1000 },
    );
  });

  test('what is below a name begins with its key', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [one, other] = [a, b].map((each) => Buffer.from(each.sortKey()).toString('latin1'));
        expect(one?.startsWith(other ?? '')).toBe(a.isWithin(b));
      }),
      { numRuns: 1000 },
    );
  });

  test('a name is made of its key again, lowered', () => {
    expect(Name.fromSortKey(new Uint8Array())).toBe(Name.root);
    fc.assert(
      fc.property(name, (any) => {
        expect(Name.fromSortKey(any.sortKey()).wire).toEqual(any.lowerCase().wire);
        expect(Name.fromSortKey(Buffer.from(any.sortKey())).wire.constructor).toBe(Uint8Array);
      }),
    );
  });

  test.each(['00', '61', '610000', `${'61'.repeat(64)}00`, '6100'.repeat(128)])('%s is no key', (hex) => {
    expect(() => Name.fromSortKey(Buffer.from(hex, 'hex'))).toThrow('it is no key of one');
  });
});
