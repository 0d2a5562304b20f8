import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone, MemoryZoneSet } from '../../../../src/blocks/dns/zone/memory.js';
import { show, shown, zoneOf } from './zones.js';

const SOA = '@ 3600 SOA ns hostmaster 1 3600 900 86400 300\n';

function records(text: string): ResourceRecord[] {
  const origin = Name.parse('shop.test.');
  return [...parseMasterFile([text], { file: 'zone', origin, zone: Name.root, outside: 'refuse' })];
}

describe('a zone in memory', () => {
  test('takes the owner of the SOA as its origin, wherever the SOA stands', () => {
    const zone = MemoryZone.fromRecords(records(`www 60 A 192.0.2.1\n${SOA}`));
    expect(zone.origin.toString()).toBe('shop.test.');
  });

  test('is none without a SOA at its origin', () => {
    expect(() => MemoryZone.fromRecords(records('www 60 A 192.0.2.1\n'))).toThrow('the zone has no SOA record');
    expect(() => MemoryZone.fromRecords(records(SOA), Name.parse('test.'))).toThrow('test. has no SOA record');
  });

  test('takes no record that lies outside', () => {
    expect(() => MemoryZone.fromRecords(records(`${SOA}www.other.test. 60 A 192.0.2.1\n`))).toThrow(
      expect.objectContaining({ code: 'dns.bad_zone', message: 'www.other.test. A is outside of shop.test.' }),
    );
  });

  test('keeps duplicates once (RFC 2181, section 5)', () => {
    const zone = MemoryZone.fromRecords(records(`${SOA}www 60 A 192.0.2.1\nWWW 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n`));
    expect(shown(zone.node(Name.parse('www.shop.test.')))).toEqual([
      'www.shop.test. 60 A 192.0.2.1',
      'www.shop.test. 60 A 192.0.2.2',
    ]);
  });

  test('gives an RRset the lowest TTL of its records (RFC 2181, section 5.2)', () => {
    const zone = MemoryZone.fromRecords(
      records(`${SOA}www 600 A 192.0.2.1\nwww 60 A 192.0.2.2\nwww 300 A 192.0.2.3\n`),
    );
    expect(zone.node(Name.parse('www.shop.test.')).map(({ ttl }) => ttl)).toEqual([60]);
  });

  test('gives its records with the SOA first, then in canonical order (RFC 4034, section 6)', () => {
    const zone = zoneOf(
      'example.',
      String.raw`\200 TXT "8"
       *.z TXT "7"
       \001.z TXT "6"
       zABC.a.EXAMPLE. TXT "4"
       yljkjljk.a TXT "3"
       z TXT "5"
       Z.a TXT "3.5"
       a TXT "2"
       a A 192.0.2.2
       a A 192.0.2.1`,
    );
    expect([...zone.records()].map(show).map((line) => line.replace(/ 3600 | 1 3600.*/g, ' ').trimEnd())).toEqual([
      'example. SOA ns.elsewhere.invalid. hostmaster.example.',
      'example. NS ns.elsewhere.invalid.',
      'a.example. A 192.0.2.1',
      'a.example. A 192.0.2.2',
      'a.example. TXT "2"',
      'yljkjljk.a.example. TXT "3"',
      'Z.a.example. TXT "3.5"',
      'zABC.a.EXAMPLE. TXT "4"',
      'z.example. TXT "5"',
      String.raw`\001.z.example. TXT "6"`,
      '*.z.example. TXT "7"',
      String.raw`\200.example. TXT "8"`,
    ]);
  });

  test('is rebuilt from its records as it was', () => {
    const zone = zoneOf('shop.test.', 'www 60 A 192.0.2.1\na.b.c TXT "x"\nsub NS ns.sub\nns.sub A 192.0.2.1');
    const lines = [...zone.records()].map(show);
    expect([...MemoryZone.fromRecords(zone.records()).records()].map(show)).toEqual(lines);
  });
});

describe('a set of zones in memory', () => {
  const zones = new MemoryZoneSet([zoneOf('test.', ''), zoneOf('b.shop.test.', ''), zoneOf('shop.test.', '')]);
  const originFor = (text: string) => zones.find(Name.parse(text))?.origin.toString();

  test('finds the zone with the longest origin', () => {
    expect(originFor('a.b.shop.test.')).toBe('b.shop.test.');
    expect(originFor('B.Shop.Test.')).toBe('b.shop.test.');
    expect(originFor('ab.shop.test.')).toBe('shop.test.');
    expect(originFor('workshop.test.')).toBe('test.');
    expect(originFor('invalid.')).toBeUndefined();
    expect(originFor('.')).toBeUndefined();
  });

  test('finds every name in the root zone', () => {
    const root = new MemoryZoneSet([zoneOf('.', '')]);
    expect(root.find(Name.root)?.origin.isRoot).toBe(true);
    expect(
      root
        .find(Name.parse('a.b.'))
        ?.node(Name.root)
        .some(({ type }) => type === RRType.SOA),
    ).toBe(true);
  });
});
