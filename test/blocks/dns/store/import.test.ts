import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { recordsOf } from '../../../../src/blocks/dns/record.js';
import { RRClass } from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import {
  failsWith,
  importText,
  openTestStore,
  origin,
  parseZone,
  record,
  recordsIn,
  show,
  zoneText,
} from './test-zones.js';

const WWW = 'www 60 A 192.0.2.80';

describe('a new zone', () => {
  test('has the records of the file, SOA first and then in canonical order', () => {
    const store = openTestStore();
    const report = importText(
      store,
      zoneText(5, WWW, 'a.www 60 A 192.0.2.9', 'mail 60 A 192.0.2.25', '@ 60 A 192.0.2.3'),
    );
    expect(report).toMatchObject({ changed: true, added: 7, removed: 0, unchanged: 0, serial: 5, serialGiven: 5 });
    expect(report.serialBefore).toBeUndefined();
    expect(recordsIn(store)).toEqual([
      'shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 5 3600 900 86400 300',
      'shop.test. 60 A 192.0.2.3',
      'shop.test. 3600 NS ns1.shop.test.',
      'mail.shop.test. 60 A 192.0.2.25',
      'ns1.shop.test. 3600 A 192.0.2.1',
      'www.shop.test. 60 A 192.0.2.80',
      'a.www.shop.test. 60 A 192.0.2.9',
    ]);
    expect(store.zones.get(origin)).toMatchObject({
      kind: 'primary',
      serial: 5,
      records: 7,
      createdAt: store.clock.now(),
    });
  });

  test('can be the root', () => {
    const store = openTestStore();
    const text = '. 60 SOA a.nic. b.nic. 1 2 3 4 5\n. 60 NS a.nic.\na.nic. 60 A 192.0.2.1\n';
    store.zones.import(Name.root, parseZone(text, Name.root), { source: '', serial: 'bump' });
    const zone = store.zones.find(Name.parse('what.ever.'));
    expect(zone?.closestEncloser(Name.parse('b.nic.')).toString()).toBe('nic.');
    expect(zone?.closestEncloser(Name.parse('what.ever.')).toString()).toBe('.');
    expect(zone?.node(Name.root).map(({ type }) => type)).toEqual([2, 6]);
    expect(recordsIn(store, Name.root)).toHaveLength(3);
  });

  test('keeps the case of owners and of names in data', () => {
    const store = openTestStore();
    importText(store, zoneText(1, 'WWW 60 CNAME Web.Shop.TEST.'));
    expect(recordsIn(store).at(-1)).toBe('WWW.shop.test. 60 CNAME Web.Shop.TEST.');
  });

  test('counts and leaves out records that come twice, whatever their case (RFC 2181, section 5)', () => {
    const store = openTestStore();
    const report = importText(
      store,
      zoneText(1, WWW, WWW, 'WWW 60 A 192.0.2.80', '@ NS NS1.shop.test.', 'x TXT a', 'x TXT A'),
    );
    expect(report).toMatchObject({ duplicates: 3, added: 6 });
    expect(recordsIn(store)).toHaveLength(6);
  });

  test('gives the records of a set the smallest TTL of them, and says so (RFC 2181, section 5.2)', () => {
    const store = openTestStore();
    const lines = ['www 60 A 192.0.2.80', 'www 30 A 192.0.2.81', 'www 90 A 192.0.2.82', 'www 77 TXT x'];
    const report = importText(store, zoneText(1, ...lines));
    expect(report.mixedTtls).toBe(1);
    expect(report.mixedTtlExamples.map(({ name, type, ttl }) => `${name} ${type} ${ttl}`)).toEqual([
      'www.shop.test. 1 30',
    ]);
    const www = store.zones.find(origin)?.node(Name.parse('www.shop.test.')) ?? [];
    expect(www.flatMap(recordsOf).map(({ ttl }) => ttl)).toEqual([30, 30, 30, 77]);
    expect(importText(store, zoneText(1, ...lines))).toMatchObject({ changed: false, mixedTtls: 1 });
  });

  test('leaves each signature the TTL of what it covers (RFC 4034, section 3)', () => {
    const store = openTestStore();
    const signature = (type: string, ttl: number) =>
      `www ${ttl} RRSIG ${type} 8 3 ${ttl} 20380119031407 20260101000000 1 shop.test. AAAA`;
    expect(importText(store, zoneText(1, signature('A', 60), signature('TXT', 30))).mixedTtls).toBe(0);
    const sets = store.zones.find(origin)?.node(Name.parse('www.shop.test.')) ?? [];
    expect(sets.map(({ ttl, rdatas }) => [ttl, rdatas.length])).toEqual([
      [60, 1],
      [30, 1],
    ]);
  });
});

describe('what makes no zone', () => {
  const soa = '@ 60 SOA ns1 h 1 2 3 4 5\n';
  const unchecked = (text: string) => parseMasterFile([text], { file: 'test.zone', origin: Name.root });

  test.each([
    ['without a SOA', 'ns1.shop.test. 60 A 192.0.2.1\n', 'dns.bad_zone', /no SOA for shop\.test\./],
    [
      'with the SOA of another name',
      'a.shop.test. 60 SOA ns1 h 1 2 3 4 5\n',
      'dns.bad_zone',
      /SOA record stands at a\.shop/,
    ],
    ['with two SOAs', `$ORIGIN shop.test.\n${soa}@ 60 SOA ns1 h 2 2 3 4 5\n`, 'dns.bad_zone', /several SOA.*line 3/],
  ])('is refused: %s', (_, text, code, message) => {
    const store = openTestStore();
    const run = () => store.zones.import(origin, unchecked(text), { source: '', serial: 'bump' });
    expect(run).toThrow(failsWith(code, message));
    expect(store.zones.list()).toEqual([]);
  });

  test('is refused: with a record outside, whose place in its file is told', () => {
    const store = openTestStore();
    const outside = { ...record('www.workshop.test. 60 A 192.0.2.1'), line: 3, file: 'a.zone' };
    const run = () => store.zones.import(origin, [...parseZone(zoneText(1)), outside], { source: '', serial: 'bump' });
    expect(run).toThrow(failsWith('dns.outside_zone', /www\.workshop\.test\. .* \(a\.zone, line 3\)/));
    expect(run).toThrow(expect.objectContaining({ details: expect.objectContaining({ file: 'a.zone', line: 3 }) }));
  });

  test('is refused: records of another class', () => {
    const store = openTestStore();
    const records = [...parseZone(zoneText(1)), { ...record(WWW), class: RRClass.CH }];
    const run = () => store.zones.import(origin, records, { source: '', serial: 'bump' });
    expect(run).toThrow(failsWith('dns.bad_zone', /www\.shop\.test\. CH is not of class IN/));
  });

  test('leaves what is there when the records end with an error, and what comes next works', () => {
    const store = openTestStore();
    importText(store, zoneText(1, WWW));
    const failing = function* () {
      yield* parseZone(zoneText(2));
      throw new Error('the file ends here');
    };
    expect(() => store.zones.import(origin, failing(), { source: '', serial: 'bump' })).toThrow('the file ends here');
    expect(recordsIn(store).at(-1)).toBe('www.shop.test. 60 A 192.0.2.80');
    expect(importText(store, zoneText(2))).toMatchObject({ removed: 1, added: 0, serial: 2 });
  });
});

describe('a zone that is there', () => {
  test('gets only what differs, as one change', () => {
    const store = openTestStore();
    importText(store, zoneText(1, WWW, 'gone 60 A 192.0.2.5', 'ttl 60 A 192.0.2.6', 'case 60 A 192.0.2.7'));
    const report = importText(
      store,
      zoneText(2, WWW, 'ttl 61 A 192.0.2.6', 'CASE 60 A 192.0.2.7', 'new 60 A 192.0.2.8'),
    );
    expect(report).toMatchObject({ added: 3, removed: 3, unchanged: 4, serialBefore: 1, serial: 2 });
    const [change] = store.zones.history(origin);
    expect(change).toMatchObject({
      kind: 'import',
      serialBefore: 1,
      serial: 2,
      added: 3,
      removed: 3,
      source: 'test.zone',
    });
    const { removedRecords, addedRecords } = store.zones.change(origin, 2) ?? expect.unreachable();
    expect(removedRecords.map(show)).toEqual([
      'shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 1 3600 900 86400 300',
      'case.shop.test. 60 A 192.0.2.7',
      'gone.shop.test. 60 A 192.0.2.5',
      'ttl.shop.test. 60 A 192.0.2.6',
    ]);
    expect(addedRecords.map(show)).toEqual([
      'shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 2 3600 900 86400 300',
      'CASE.shop.test. 60 A 192.0.2.7',
      'new.shop.test. 60 A 192.0.2.8',
      'ttl.shop.test. 61 A 192.0.2.6',
    ]);
    expect(store.zones.get(origin)?.records).toBe(recordsIn(store).length);
  });

  test.each([
    ['a later serial is taken', 7, 9, 9],
    ['also when nothing else changed in the file but', 7, 8, 8],
    ['an equal one is raised', 7, 7, 8],
    ['an older one is raised above the stored', 7, 3, 8],
    ['one half the circle away is not known to be later', 7, 7 + 2 ** 31, 8],
    ['across the wrap the smaller number is later', 2 ** 32 - 10, 5, 5],
    ['the next of the last is 1', 2 ** 32 - 1, 2 ** 32 - 1, 1],
  ])('serial: %s (RFC 1982)', (_, stored, given, expected) => {
    const store = openTestStore();
    importText(store, zoneText(stored));
    const report = importText(store, zoneText(given, WWW));
    expect(report).toMatchObject({ serialBefore: stored, serial: expected, serialGiven: given, changed: true });
    expect(store.zones.get(origin)?.serial).toBe(expected);
    expect(recordsIn(store)[0]).toContain(` ${expected} 3600 `);
  });

  test.each([7, 3])('that has the same content stays as it is, with serial %i in the file', (given) => {
    const store = openTestStore();
    importText(store, zoneText(7, WWW));
    const version = store.zones.version();
    store.clock.advance(1000);
    expect(importText(store, zoneText(given, WWW))).toMatchObject({
      changed: false,
      serial: 7,
      unchanged: 4,
      added: 0,
    });
    expect(store.zones.history(origin)).toHaveLength(1);
    expect(store.zones.version()).toBe(version);
  });

  test('gets a serial alone when that is all that is later', () => {
    const store = openTestStore();
    importText(store, zoneText(7));
    expect(importText(store, zoneText(8))).toMatchObject({
      changed: true,
      serial: 8,
      added: 0,
      removed: 0,
      unchanged: 3,
    });
    expect(store.zones.history(origin)[0]).toMatchObject({ added: 0, removed: 0, serial: 8 });
  });

  test('gets the other fields of the SOA, under the next serial', () => {
    const store = openTestStore();
    importText(store, zoneText(7));
    const report = importText(store, zoneText(7).replace('86400 300', '86400 60'));
    expect(report).toMatchObject({ changed: true, serial: 8, added: 1, removed: 1, unchanged: 2 });
    expect(recordsIn(store)[0]).toMatch(/ 8 3600 900 86400 60$/);
  });
});

describe('a secondary', () => {
  test('has the serial of its primary, whatever it was', () => {
    const store = openTestStore();
    importText(store, zoneText(7), { serial: 'keep' });
    expect(store.zones.get(origin)?.kind).toBe('secondary');
    expect(importText(store, zoneText(3, WWW), { serial: 'keep' })).toMatchObject({ serial: 3, changed: true });
    expect(importText(store, zoneText(3, WWW), { serial: 'keep' })).toMatchObject({ serial: 3, changed: false });
    expect(store.zones.history(origin).map(({ kind }) => kind)).toEqual(['transfer', 'baseline']);
  });

  test('is not overwritten by a file, nor a primary zone by a transfer', () => {
    const store = openTestStore();
    importText(store, zoneText(1), { serial: 'keep' });
    expect(() => importText(store, zoneText(2))).toThrow(failsWith('dns.secondary_zone'));
    store.zones.delete(origin);
    importText(store, zoneText(1));
    expect(() => importText(store, zoneText(2), { serial: 'keep' })).toThrow(failsWith('dns.zone_exists'));
  });
});

describe('an import', () => {
  test('shows the zone as it will be to a check, which may refuse it', () => {
    const store = openTestStore();
    importText(store, zoneText(1));
    const seen: string[] = [];
    const verify = (zone: { records(): Iterable<Parameters<typeof show>[0]> }) => {
      seen.push(...[...zone.records()].map(show));
      throw new Error('not so');
    };
    expect(() => importText(store, zoneText(2, WWW), { verify })).toThrow('not so');
    expect(seen).toContain('www.shop.test. 60 A 192.0.2.80');
    expect(seen[0]).toContain(' 2 3600 ');
    expect(store.zones.get(origin)).toMatchObject({ serial: 1, records: 3 });
  });

  test('can be tried without doing it', () => {
    const store = openTestStore();
    const version = store.zones.version();
    expect(importText(store, zoneText(1, WWW), { dryRun: true })).toMatchObject({ changed: true, added: 4 });
    expect(store.zones.list()).toEqual([]);
    importText(store, zoneText(1));
    expect(importText(store, zoneText(2, WWW), { dryRun: true })).toMatchObject({ added: 1, serial: 2 });
    expect(store.zones.get(origin)).toMatchObject({ serial: 1, records: 3 });
    expect(store.zones.version()).toBe(version + 1);
  });

  test('that comes bit by bit lets others come and go meanwhile', () => {
    const store = openTestStore();
    const other = Name.parse('other.test.');
    const first = store.zones.beginImport(origin, { source: 'a', serial: 'bump' });
    const second = store.zones.beginImport(other, { source: 'b', serial: 'bump' });
    const dropped = store.zones.beginImport(origin, { source: 'c', serial: 'bump' });
    for (const one of parseZone(zoneText(1, WWW))) {
      first.add(one);
      dropped.add(one);
    }
    for (const one of parseZone(zoneText(1), other)) second.add(one);
    dropped.abort();
    store.zones.addZone(Name.parse('third.test.'), { primaryServer: Name.parse('ns.'), mailbox: Name.parse('h.') });
    expect([second.finish().added, first.finish().added]).toEqual([3, 4]);
    expect(recordsIn(store, other)).toHaveLength(3);
    expect(store.zones.list().map((zone) => zone.origin.toString())).toEqual([
      'other.test.',
      'shop.test.',
      'third.test.',
    ]);
    expect(() => first.add(record(WWW))).toThrow('the import is over');
  });

  test('of more records than are written at a time has them all', () => {
    const store = openTestStore();
    const hosts = Array.from({ length: 5000 }, (_, index) => `h${index} 60 A 10.0.${index >> 8}.${index & 255}`);
    expect(importText(store, zoneText(1, ...hosts)).added).toBe(5003);
    expect(recordsIn(store)).toHaveLength(5003);
    expect(importText(store, zoneText(1, ...hosts.slice(1)))).toMatchObject({ removed: 1, added: 0, unchanged: 5002 });
  });
});
