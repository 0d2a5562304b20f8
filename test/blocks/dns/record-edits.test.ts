import { describe, expect, test } from 'vitest';
import { Name } from '../../../src/blocks/dns/name.js';
import {
  deleteRecords,
  type RecordSet,
  recordsAt,
  selectRecords,
  setRecords,
  zoneOf,
} from '../../../src/blocks/dns/record-edits.js';
import { changedRecords, differenceFields, soaFirst } from '../../../src/blocks/dns/record-fields.js';
import type { DnsStore } from '../../../src/blocks/dns/store.js';
import { readTypedValues } from '../../../src/blocks/dns/typed-values.js';
import { parseType } from '../../../src/blocks/dns/wire.js';
import { failsWith, importText, openTestStore, origin, recordsIn, show, zoneText } from './store/test-zones.js';

const HINT = 'ds dns zone list';

function set(store: DnsStore, name: string, type: string, values: readonly string[], more: Partial<RecordSet> = {}) {
  const number = parseType(type);
  const { rdatas } = readTypedValues(number, values);
  const change = setRecords(store.zones, { name: Name.parse(name), type: number, rdatas, ...more }, HINT);
  return { ...change, zone: change.zone.toString() };
}

function zoneWith(...lines: readonly string[]) {
  const store = openTestStore();
  importText(store, zoneText(10, ...lines));
  return store;
}

const differences = (change: ReturnType<typeof set>) =>
  changedRecords(change.result)
    .map(differenceFields)
    .map(({ op, name, ttl, type, data }) => `${op} ${name} ${ttl} ${type} ${data}`);

describe('a set of records', () => {
  test('replaces what was there, and says from which serial to which', () => {
    const store = zoneWith('www 60 A 192.0.2.1');
    const change = set(store, 'www.shop.test', 'A', ['192.0.2.2', '192.0.2.3'], { comment: 'moved' });
    expect(change).toMatchObject({
      zone: 'shop.test.',
      created: false,
      serialBefore: 10,
      result: { serial: 11, comment: 'moved' },
    });
    expect(differences(change)).toEqual([
      'removed www.shop.test. 60 A 192.0.2.1',
      'added www.shop.test. 60 A 192.0.2.2',
      'added www.shop.test. 60 A 192.0.2.3',
    ]);
  });

  test('that is there already changes nothing', () => {
    const store = zoneWith('www 60 A 192.0.2.1');
    const change = set(store, 'WWW.shop.test', 'A', ['192.0.2.1']);
    expect(change).toMatchObject({ serialBefore: 10, result: { changed: false, serial: 10 } });
    expect(differences(change)).toEqual([]);
  });

  test('keeps the TTL that it had, and has that of the SOA when it is new', () => {
    const store = zoneWith('www 60 A 192.0.2.1');
    set(store, 'www.shop.test', 'A', ['192.0.2.2']);
    set(store, 'api.shop.test', 'A', ['192.0.2.2']);
    set(store, 'low.shop.test', 'A', ['192.0.2.2'], { ttl: 0 });
    expect(recordsIn(store)).toEqual(
      expect.arrayContaining([
        'www.shop.test. 60 A 192.0.2.2',
        'api.shop.test. 3600 A 192.0.2.2',
        'low.shop.test. 0 A 192.0.2.2',
      ]),
    );
  });

  test('can be added to, under the TTL of the set', () => {
    const store = zoneWith('www 60 A 192.0.2.1');
    expect(differences(set(store, 'www.shop.test', 'A', ['192.0.2.1', '192.0.2.2'], { add: true }))).toEqual([
      'added www.shop.test. 60 A 192.0.2.2',
    ]);
  });

  test('a SOA that is set shows itself; otherwise only its serial is new, and that is said apart', () => {
    const store = zoneWith();
    expect(
      differences(set(store, 'shop.test', 'SOA', ['ns1.shop.test', 'root.shop.test', '1', '1h', '15m', '1d', '5m'])),
    ).toEqual([
      'removed shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 10 3600 900 86400 300',
      'added shop.test. 3600 SOA ns1.shop.test. root.shop.test. 11 3600 900 86400 300',
    ]);
  });
});

describe('the zone', () => {
  test('is the one with the longest origin, unless it is named', () => {
    const store = openTestStore();
    const names = ['shop.test', 'eu.shop.test'].map((text) => Name.parse(text));
    for (const zone of names) {
      store.zones.addZone(zone, { primaryServer: Name.parse('ns.test'), mailbox: Name.parse('root.test') });
    }
    const [shop, eu] = names;
    expect(set(store, 'www.eu.shop.test', 'A', ['192.0.2.1']).zone).toBe('eu.shop.test.');
    expect(set(store, 'eu.shop.test', 'NS', ['ns1.eu.shop.test'], { zone: shop }).zone).toBe('shop.test.');
    expect(set(store, 'eu.shop.test', 'DS', [`1 13 2 ${'ab'.repeat(32)}`]).zone).toBe('shop.test.');
    expect(() => set(store, 'www.shop.test', 'A', ['192.0.2.1'], { zone: eu })).toThrow(failsWith('dns.outside_zone'));
  });

  test('has to be here', () => {
    const store = openTestStore();
    expect(() => set(store, 'api.shop.test', 'A', ['192.0.2.1'])).toThrow(
      expect.objectContaining({ code: 'dns.no_such_zone', message: 'no zone here holds api.shop.test.', hint: HINT }),
    );
    importText(store, zoneText(10));
    const inside = { name: origin, zone: Name.parse('eu.shop.test') };
    expect(() => zoneOf(store.zones, inside, HINT)).toThrow('the zone eu.shop.test. is not here');
  });

  test('is made on demand, of an SOA and an NS, and holds the records', () => {
    const store = openTestStore();
    const change = set(store, 'api.shop.test', 'A', ['192.0.2.1'], { create: true });
    expect(change).toMatchObject({
      zone: 'shop.test.',
      created: true,
      serialBefore: 2025061501,
      result: { serial: 2025061502 },
    });
    expect(recordsIn(store)).toEqual([
      'shop.test. 3600 SOA localhost. hostmaster.shop.test. 2025061502 86400 7200 3600000 300',
      'shop.test. 3600 NS localhost.',
      'api.shop.test. 3600 A 192.0.2.1',
    ]);
    expect(set(store, 'a.b.shop.test', 'A', ['192.0.2.1'], { create: true })).toMatchObject({ created: false });
    const named = set(store, 'a.b.other.test', 'A', ['192.0.2.1'], { create: true, zone: Name.parse('other.test') });
    expect(named.zone).toBe('other.test.');
  });

  test('that was made for records which it cannot take is gone again', () => {
    const store = openTestStore();
    expect(() => set(store, 'shop.test', 'CNAME', ['www.test'], { create: true })).toThrow(
      failsWith('dns.cname_conflict'),
    );
    expect(store.zones.list()).toEqual([]);
  });
});

describe('records to delete', () => {
  const remove = (store: DnsStore, name: string, type?: string, ...values: string[]) => {
    const number = type === undefined ? undefined : parseType(type);
    const rdatas = number === undefined || values.length === 0 ? undefined : readTypedValues(number, values).rdatas;
    const place = { name: Name.parse(name), type: number };
    const zone = zoneOf(store.zones, place, HINT);
    const records = selectRecords(zone, { ...place, rdatas });
    return { records: records.map(show), change: deleteRecords(store.zones, zone, records) };
  };

  test('are those of a name, of a type, or with the data', () => {
    const store = zoneWith('www 60 A 192.0.2.1', 'www 60 A 192.0.2.2', 'www 60 MX 1 Mail', 'a.www 60 A 192.0.2.1');
    expect(remove(store, 'www.shop.test', 'A', '192.0.2.1', '192.0.2.9').records).toEqual([
      'www.shop.test. 60 A 192.0.2.1',
    ]);
    expect(remove(store, 'www.shop.test', 'MX', '1', 'mail.shop.test').records).toEqual([
      'www.shop.test. 60 MX 1 Mail.shop.test.',
    ]);
    expect(remove(store, 'www.shop.test').records).toEqual(['www.shop.test. 60 A 192.0.2.2']);
    expect(remove(store, 'www.shop.test')).toEqual({ records: [], change: { changed: false, serial: 13 } });
    expect(recordsIn(store)).toContain('a.www.shop.test. 60 A 192.0.2.1');
  });

  test('what a zone needs stays when its origin is cleared, and is refused when it is named', () => {
    const store = zoneWith('@ 60 TXT x');
    expect(remove(store, 'shop.test').records).toEqual(['shop.test. 60 TXT "x"']);
    expect(() => remove(store, 'shop.test', 'NS')).toThrow(failsWith('dns.apex_required'));
  });
});

test('what a name has is read as it is kept', () => {
  const store = zoneWith('*.www 60 A 192.0.2.1');
  const zone = zoneOf(store.zones, { name: origin }, HINT);
  expect(recordsAt(zone, { name: Name.parse('a.www.shop.test') })).toEqual([]);
  expect(recordsAt(zone, { name: Name.parse('*.www.shop.test'), type: 1 })).toHaveLength(1);
  expect(() => recordsAt(zone, { name: Name.parse('www.other.test') })).toThrow(failsWith('dns.outside_zone'));
});

test('a difference of two serials begins with the SOA', () => {
  const store = zoneWith('www 60 A 192.0.2.1');
  set(store, 'shop.test', 'A', ['192.0.2.2']);
  set(store, 'www.shop.test', 'A', ['192.0.2.2']);
  const types = soaFirst([...store.zones.diff(origin, 10, 12)]).map(({ op, record }) => `${op} ${record.type}`);
  expect(types).toEqual(['removed 6', 'added 6', 'added 1', 'removed 1', 'added 1']);
});
