import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { Edit } from '../../../../src/blocks/dns/store/zone-store.js';
import type { DnsStore } from '../../../../src/blocks/dns/store.js';
import { parseType } from '../../../../src/blocks/dns/wire.js';
import { wordsOf } from '../../../../src/blocks/dns/zone/master-file/lexer.js';
import { failsWith, importText, openTestStore, origin, record, recordsIn, show, zoneText } from './test-zones.js';

const name = (text: string) => Name.parse(text, origin);
const add = (line: string): Edit => ({ op: 'add', record: record(line) });
const remove = (line: string): Edit => ({ op: 'remove', record: record(line) });
const clear = (text: string, type?: string): Edit => ({
  op: 'clear',
  name: name(text),
  ...(type === undefined ? {} : { type: parseType(type) }),
});
function set(text: string, ttl: number, type: string, ...datas: readonly string[]): Edit {
  const number = parseType(type);
  const rdatas = datas.map((data) => parseRdata(number, wordsOf(data), origin));
  return { op: 'set', name: name(text), type: number, ttl, rdatas };
}

function zoneWith(...lines: readonly string[]) {
  const store = openTestStore();
  importText(store, zoneText(10, ...lines));
  return store;
}

/** What else the zone has than that of zoneText(). */
const rest = (store: DnsStore) =>
  recordsIn(store).filter((line) => !/^(shop\.test\. 3600 (SOA|NS ns1)|ns1\.)/.test(line));
const edit = (store: DnsStore, ...edits: readonly Edit[]) => store.zones.edit(origin, edits);

describe('an edit', () => {
  test('adds, removes, sets and clears, as one change under the next serial', () => {
    const store = zoneWith(
      'a 60 A 192.0.2.1',
      'b 60 A 192.0.2.1',
      'c 60 A 192.0.2.1',
      'c 60 TXT x',
      'd 60 A 192.0.2.1',
    );
    store.clock.advance(5000);
    const result = store.zones.edit(
      origin,
      [add('a 60 A 192.0.2.2'), remove('b 0 A 192.0.2.1'), set('c', 5, 'A', '192.0.2.9', '192.0.2.8'), clear('d')],
      { comment: 'moved' },
    );
    expect(rest(store)).toEqual([
      'a.shop.test. 60 A 192.0.2.1',
      'a.shop.test. 60 A 192.0.2.2',
      'c.shop.test. 5 A 192.0.2.8',
      'c.shop.test. 5 A 192.0.2.9',
      'c.shop.test. 60 TXT "x"',
    ]);
    expect(result).toMatchObject({ changed: true, kind: 'edit', serialBefore: 10, serial: 11, added: 3, removed: 3 });
    if (!result.changed) return;
    expect(result.removedRecords.map(show)[0]).toMatch(/SOA .* 10 3600/);
    expect(result.addedRecords.map(show)[0]).toMatch(/SOA .* 11 3600/);
    expect(store.zones.history(origin)[0]).toMatchObject({ comment: 'moved', at: store.clock.now(), number: 2 });
    expect(store.zones.get(origin)).toMatchObject({ serial: 11, records: 8, changedAt: store.clock.now() });
  });

  test.each([
    ['adds what is there, in any case', add('WWW 60 A 192.0.2.80')],
    ['removes what is not', remove('www 60 A 192.0.2.81')],
    ['removes from a name that is not', remove('nowhere 60 A 192.0.2.81')],
    ['sets what is', set('www', 60, 'A', '192.0.2.80')],
    ['clears what is not', clear('www', 'TXT')],
    ['sets nothing where nothing is', set('nowhere', 60, 'A')],
    ['sets the SOA as it is, with an older serial', set('@', 3600, 'SOA', 'ns1 hostmaster 3 3600 900 86400 300')],
    ['clears the origin, where SOA and NS stay', clear('@')],
  ])('that %s changes nothing', (_, one) => {
    const store = zoneWith('www 60 A 192.0.2.80');
    const version = store.zones.version();
    expect(edit(store, one)).toEqual({ changed: false, serial: 10 });
    expect(store.zones.version()).toBe(version);
    expect(store.zones.history(origin)).toHaveLength(1);
  });

  test('of several that cancel out changes nothing', () => {
    const store = zoneWith();
    expect(edit(store, add('www 60 A 192.0.2.80'), clear('www')).changed).toBe(false);
  });

  test('gives a set the TTL of what is added to it (RFC 2181, section 5.2)', () => {
    const store = zoneWith('www 60 A 192.0.2.80', 'www 60 TXT x');
    expect(edit(store, add('www 30 A 192.0.2.81'))).toMatchObject({ added: 2, removed: 1 });
    expect(rest(store)).toEqual([
      'www.shop.test. 30 A 192.0.2.80',
      'www.shop.test. 30 A 192.0.2.81',
      'www.shop.test. 60 TXT "x"',
    ]);
  });

  test('keeps the case that a name has', () => {
    const store = zoneWith('WWW 60 A 192.0.2.80', 'alias 60 CNAME WWW');
    edit(
      store,
      add('www 60 A 192.0.2.81'),
      set('www', 30, 'A', '192.0.2.80', '192.0.2.81'),
      set('alias', 5, 'CNAME', 'www'),
    );
    expect(rest(store)).toEqual([
      'alias.shop.test. 5 CNAME WWW.shop.test.',
      'WWW.shop.test. 30 A 192.0.2.80',
      'WWW.shop.test. 30 A 192.0.2.81',
    ]);
  });

  test('wraps the serial past the end, and leaves 0 out (RFC 1982)', () => {
    const store = openTestStore();
    importText(store, zoneText(2 ** 32 - 1));
    expect(edit(store, add('www 60 A 192.0.2.80')).serial).toBe(1);
    expect(store.zones.changesSince(origin, 2 ** 32 - 1)).toHaveLength(1);
  });
});

describe('the SOA', () => {
  const SOA = 'ns1 hostmaster';

  test('has its other fields set, and its serial raised', () => {
    const store = zoneWith();
    expect(edit(store, set('@', 60, 'SOA', `${SOA} 3 1 2 3 4`))).toMatchObject({ serial: 11, added: 1, removed: 1 });
    expect(recordsIn(store)[0]).toBe('shop.test. 60 SOA ns1.shop.test. hostmaster.shop.test. 11 1 2 3 4');
  });

  test('takes a serial that is later', () => {
    const store = zoneWith();
    expect(edit(store, add('@ 3600 SOA ns1 hostmaster 99 3600 900 86400 300'))).toMatchObject({ serial: 99, added: 0 });
    expect(edit(store, add('www 60 A 192.0.2.80')).serial).toBe(100);
  });

  test.each([
    ['removed', remove(`@ 3600 SOA ${SOA} 10 3600 900 86400 300`), 'dns.apex_required'],
    ['cleared', clear('@', 'SOA'), 'dns.apex_required'],
    ['doubled', set('@', 60, 'SOA', `${SOA} 1 2 3 4 5`, `${SOA} 2 2 3 4 5`), 'dns.bad_zone'],
    ['put elsewhere', add('www 60 SOA ns1 h 1 2 3 4 5'), 'dns.bad_zone'],
  ])('cannot be %s', (_, one, code) => {
    expect(() => edit(zoneWith(), one)).toThrow(failsWith(code));
  });
});

describe('what a zone does not take', () => {
  test.each([
    ['the last name server removed', [clear('@', 'NS')], 'dns.apex_required'],
    ['a name outside', [add('www.workshop.test. 60 A 192.0.2.1')], 'dns.outside_zone'],
    ['a name above', [clear('test.')], 'dns.outside_zone'],
    ['a CNAME beside other data', [add('www 60 CNAME ns1')], 'dns.cname_conflict'],
    ['other data beside a CNAME', [add('alias 60 A 192.0.2.1')], 'dns.cname_conflict'],
    ['a second CNAME', [add('alias 60 CNAME elsewhere')], 'dns.cname_conflict'],
    ['a second DNAME', [add('tree 60 DNAME a'), add('tree 60 DNAME b')], 'dns.cname_conflict'],
    ['a CNAME at the origin', [add('@ 60 CNAME www')], 'dns.cname_conflict'],
  ])('%s', (_, edits, code) => {
    const store = zoneWith('www 60 A 192.0.2.80', 'alias 60 CNAME www');
    const before = recordsIn(store);
    expect(() => edit(store, add('good 60 A 192.0.2.1'), ...edits)).toThrow(failsWith(code));
    expect(recordsIn(store)).toEqual(before);
    expect(store.zones.get(origin)?.serial).toBe(10);
  });

  test.each([
    ['a TTL beyond 31 bits', { ttl: 2 ** 31 }, 'dns.bad_record'],
    ['a fraction of a second', { ttl: 1.5 }, 'dns.bad_record'],
    ['data that does not fit the type', { rdata: Uint8Array.of(1, 2, 3) }, 'dns.malformed'],
    ['a type that only asks', { type: 255 }, 'dns.bad_zone'],
    ['another class', { class: 3 }, 'dns.bad_zone'],
  ])('%s', (_, wrong, code) => {
    const one = { ...record('www 60 A 192.0.2.80'), ...wrong };
    expect(() => edit(zoneWith(), { op: 'add', record: one })).toThrow(failsWith(code));
  });

  test('anything, when it is a secondary or not there', () => {
    const store = openTestStore();
    expect(() => edit(store, clear('www'))).toThrow(failsWith('dns.no_such_zone', /shop\.test\. is not in .*dns\.db/));
    importText(store, zoneText(1), { serial: 'keep' });
    expect(() => edit(store, clear('www'))).toThrow(failsWith('dns.secondary_zone'));
    expect(() => store.zones.rollback(origin, 1)).toThrow(failsWith('dns.secondary_zone'));
  });
});

describe('what a zone takes', () => {
  test('signatures and NSEC beside a CNAME (RFC 4035, section 2.5)', () => {
    const store = zoneWith('alias 60 CNAME www');
    expect(edit(store, add('alias 60 NSEC b.shop.test. CNAME')).changed).toBe(true);
  });

  test('a CNAME in the place of other data, in one edit', () => {
    const store = zoneWith('www 60 A 192.0.2.80');
    edit(store, clear('www'), set('www', 60, 'CNAME', 'ns1'));
    expect(rest(store)).toEqual(['www.shop.test. 60 CNAME ns1.shop.test.']);
  });

  test('another name server in the place of the last one', () => {
    const store = zoneWith();
    edit(store, clear('@', 'NS'), add('@ 3600 NS ns2'));
    expect(rest(store)).toEqual(['shop.test. 3600 NS ns2.shop.test.']);
  });
});

describe('a zone made from nothing', () => {
  const zone = { primaryServer: name('ns1'), mailbox: name('hostmaster') };

  test('has an SOA under the date, and a name server', () => {
    const store = openTestStore();
    expect(store.zones.addZone(origin, zone)).toMatchObject({ serial: 2025061501, records: 2, kind: 'primary' });
    expect(recordsIn(store)).toEqual([
      'shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 2025061501 86400 7200 3600000 300',
      'shop.test. 3600 NS ns1.shop.test.',
    ]);
  });

  test('is not made over one that is there', () => {
    const store = zoneWith('www 60 A 192.0.2.80');
    expect(() => store.zones.addZone(origin, zone)).toThrow(failsWith('dns.zone_exists'));
    expect(rest(store)).toHaveLength(1);
  });
});

describe('deleting', () => {
  test('takes records and history along, and the name can be had again', () => {
    const store = zoneWith('www 60 A 192.0.2.80');
    const other = name('sub.shop.test.');
    store.zones.addZone(other, { primaryServer: name('ns1'), mailbox: name('h') });
    const held = store.zones.find(origin);
    expect(store.zones.delete(origin)).toMatchObject({ serial: 10, records: 4 });
    expect(store.zones.find(name('www'))).toBeUndefined();
    expect(store.zones.find(name('www.sub'))?.origin.equals(other)).toBe(true);
    expect(() => store.zones.history(origin)).toThrow(failsWith('dns.no_such_zone'));
    importText(store, zoneText(1, 'www 60 A 192.0.2.99'));
    expect(store.zones.history(origin)).toHaveLength(1);
    expect(held?.node(name('www'))).toEqual([]);
  });
});
