import { describe, expect, test } from 'vitest';
import {
  className,
  findClass,
  findType,
  isMetaType,
  opcodeName,
  parseType,
  RRClass,
  RRType,
  rcodeName,
  typeName,
} from '../../../../src/blocks/dns/wire.js';

const every = Array.from({ length: 0x10000 }, (_, number) => number);

test('every type has one name, and is found by it and by its number', () => {
  const isFound = (type: number) => findType(typeName(type)) === type && findType(`type${type}`) === type;
  expect(every.filter((type) => !isFound(type))).toEqual([]);
  for (const [name, type] of Object.entries(RRType)) expect(typeName(type)).toBe(name);
});

test('every class has one name', () => {
  expect(every.filter((rrClass) => findClass(className(rrClass)) !== rrClass)).toEqual([]);
  for (const [name, rrClass] of Object.entries(RRClass)) expect(className(rrClass)).toBe(name);
});

test('case does not matter, and * asks for everything', () => {
  expect([findType('aaaa'), findType('Nsec3Param'), findType('*'), findClass('in')]).toEqual([28, 51, 255, 1]);
});

describe('what is no type or class', () => {
  test.each(['', 'AAAAA', 'TYPE', 'TYPE65536', 'TYPE1234567', 'TYPE-1', 'TYPE1.5', 'constructor', '__proto__', '1'])(
    '%s',
    (text) => {
      expect(findType(text)).toBeUndefined();
      expect(findClass(text)).toBeUndefined();
    },
  );

  test('is told with what is near', () => {
    expect(() => parseType('AAA')).toThrow(
      expect.objectContaining({
        code: 'dns.unknown_type',
        message: '"AAA" is no record type',
        hint: 'did you mean AAAA?',
      }),
    );
    expect(() => parseType('nothing-like-it')).toThrow(expect.objectContaining({ hint: 'by number it is TYPE65280' }));
  });
});

test('response codes and opcodes without a name are numbered', () => {
  expect([0, 3, 16, 23, 15, 4095].map(rcodeName)).toEqual([
    'NOERROR',
    'NXDOMAIN',
    'BADVERS',
    'BADCOOKIE',
    'RCODE15',
    'RCODE4095',
  ]);
  expect([0, 3, 5].map(opcodeName)).toEqual(['QUERY', 'RESERVED3', 'UPDATE']);
});

test('types that no zone holds (RFC 6895, section 3.1)', () => {
  expect(['OPT', 'TSIG', 'AXFR', 'ANY', 'NXNAME'].map((name) => isMetaType(parseType(name)))).toEqual(
    Array(5).fill(true),
  );
  expect(['A', 'DNAME', 'URI', 'TYPE127'].map((name) => isMetaType(parseType(name)))).toEqual(Array(4).fill(false));
});
