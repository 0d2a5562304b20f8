import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { DifferenceSequence } from '../../../../src/blocks/dns/store/zone-store.js';
import type { DnsStore } from '../../../../src/blocks/dns/store.js';
import { failsWith, importText, openTestStore, origin, record, recordsIn, show, zoneText } from './test-zones.js';

const www = (octet: number) => record(`www 60 A 192.0.2.${octet}`);
const soa = (serial: number) => record(`@ 3600 SOA ns1 hostmaster ${serial} 3600 900 86400 300`);

/** Serials 1 to 4: www gets 1, 2, loses 1. */
function grownZone(options = {}) {
  const store = openTestStore(options);
  importText(store, zoneText(1), { comment: 'first' });
  store.zones.edit(origin, [{ op: 'add', record: www(1) }], { comment: 'one' });
  store.zones.edit(origin, [{ op: 'add', record: www(2) }]);
  store.zones.edit(origin, [{ op: 'remove', record: www(1) }]);
  return store;
}

const diff = (store: DnsStore, from: number, to: number) =>
  store.zones.diff(origin, from, to).map(({ op, record: one }) => `${op === 'added' ? '+' : '-'} ${show(one)}`);
const addresses = (store: DnsStore) => recordsIn(store).filter((line) => line.startsWith('www'));

describe('the history', () => {
  test('tells each change, the newest first', () => {
    const store = grownZone();
    expect(store.zones.history(origin)).toMatchObject([
      { number: 4, kind: 'edit', serialBefore: 3, serial: 4, added: 0, removed: 1, journalled: true },
      { number: 3, kind: 'edit', serialBefore: 2, serial: 3, added: 1, removed: 0, journalled: true },
      { number: 2, kind: 'edit', serialBefore: 1, serial: 2, comment: 'one', source: '' },
      { number: 1, kind: 'baseline', serial: 1, added: 3, removed: 0, comment: 'first', source: 'test.zone' },
    ]);
    expect(store.zones.history(origin).at(-1)).toMatchObject({ serialBefore: undefined, journalled: false });
  });
});

describe('the difference of two serials', () => {
  const SOA1 = show(soa(1));
  const SOA4 = show(soa(4));

  test('leaves out what came and went in between', () => {
    expect(diff(grownZone(), 1, 4)).toEqual([`- ${SOA1}`, `+ ${SOA4}`, '+ www.shop.test. 60 A 192.0.2.2']);
  });

  test('can be read backwards, removed before added', () => {
    const store = grownZone();
    store.zones.edit(origin, [{ op: 'set', name: www(2).name, type: 1, ttl: 5, rdatas: [www(2).rdata] }]);
    expect(diff(store, 5, 4).slice(2)).toEqual(['- www.shop.test. 5 A 192.0.2.2', '+ www.shop.test. 60 A 192.0.2.2']);
    expect(diff(grownZone(), 4, 1)).toEqual([`+ ${SOA1}`, `- ${SOA4}`, '- www.shop.test. 60 A 192.0.2.2']);
  });

  test('is nothing for a serial and itself', () => {
    expect(diff(grownZone(), 2, 2)).toEqual([]);
  });

  test('is refused for a serial that never was', () => {
    const store = grownZone();
    for (const [from, to] of [
      [9, 4],
      [4, 9],
    ] as const)
      expect(() => diff(store, from, to)).toThrow(failsWith('dns.no_such_serial', /no serial 9/));
    expect(() => store.zones.rollback(origin, 9)).toThrow(failsWith('dns.no_such_serial'));
  });
});

describe('rolling back', () => {
  test('makes the zone what it was, under a new serial', () => {
    const store = grownZone();
    expect(store.zones.rollback(origin, 2)).toMatchObject({
      changed: true,
      kind: 'rollback',
      serial: 5,
      added: 1,
      removed: 1,
      comment: 'back to 2',
    });
    expect(addresses(store)).toEqual(['www.shop.test. 60 A 192.0.2.1']);
    expect(diff(store, 2, 5).filter((line) => !line.includes(' SOA '))).toEqual([]);
  });

  test('can be rolled back', () => {
    const store = grownZone();
    store.zones.rollback(origin, 1);
    expect(addresses(store)).toEqual([]);
    expect(store.zones.rollback(origin, 4, { comment: 'a mistake' })).toMatchObject({
      serial: 6,
      comment: 'a mistake',
    });
    expect(addresses(store)).toEqual(['www.shop.test. 60 A 192.0.2.2']);
  });

  test('brings back the other fields of the SOA, never its serial', () => {
    const store = openTestStore();
    importText(store, zoneText(1));
    importText(store, zoneText(20).replace('86400 300', '86400 60'));
    expect(store.zones.rollback(origin, 1)).toMatchObject({ serial: 21, added: 1, removed: 1 });
    expect(recordsIn(store)[0]).toMatch(/ 21 3600 900 86400 300$/);
  });

  test('to the present changes nothing', () => {
    expect(grownZone().zones.rollback(origin, 4)).toEqual({ changed: false, serial: 4 });
  });

  test('of an import brings everything back, TTLs and case, too', () => {
    const store = openTestStore();
    importText(store, zoneText(1, 'WWW 60 A 192.0.2.1', 'x 60 TXT a', 'y 60 TXT b'));
    const before = recordsIn(store).slice(1);
    importText(store, zoneText(2, 'www 60 A 192.0.2.1', 'x 30 TXT a', 'z 60 TXT c'));
    store.zones.rollback(origin, 1);
    expect(recordsIn(store).slice(1)).toEqual(before);
  });
});

describe('changes since a serial (RFC 1995)', () => {
  test('are those that lead to the present, oldest first, each with its SOAs in front', () => {
    const store = grownZone();
    const changes = store.zones.changesSince(origin, 2) ?? [];
    expect(changes.map(({ serialBefore, serial }) => [serialBefore, serial])).toEqual([
      [2, 3],
      [3, 4],
    ]);
    const change = store.zones.change(origin, changes[1]?.number ?? 0);
    expect(change?.removedRecords.map(show)).toEqual([show(soa(3)), show(www(1))]);
    expect(change?.addedRecords.map(show)).toEqual([show(soa(4))]);
  });

  test('are none at the present serial, and undefined at one that never was', () => {
    const store = grownZone();
    expect(store.zones.changesSince(origin, 4)).toEqual([]);
    expect(store.zones.changesSince(origin, 5)).toBeUndefined();
    expect(store.zones.change(origin, 1)).toBeUndefined();
    expect(store.zones.change(origin, 5)).toBeUndefined();
  });
});

describe('the journal', () => {
  const text = (length: number, letter: string) =>
    record(`big 60 TXT ${`"${letter.repeat(250)}" `.repeat(length)}`.trim());

  test('forgets its oldest changes beyond so many', () => {
    const store = grownZone({ journal: { mostChanges: 2 } });
    expect(store.zones.history(origin).map(({ serial }) => serial)).toEqual([4, 3]);
    expect(store.zones.changesSince(origin, 2)).toBeUndefined();
    expect(store.zones.changesSince(origin, 3)).toHaveLength(1);
    expect(() => diff(store, 1, 4)).toThrow(failsWith('dns.no_such_serial'));
    expect(diff(store, 3, 4)).toHaveLength(3);
  });

  test('lets the records of its oldest changes go beyond so many octets; the history stays', () => {
    const store = openTestStore({ journal: { mostBytes: 3000 } });
    importText(store, zoneText(1));
    for (const letter of 'abc') store.zones.edit(origin, [{ op: 'add', record: text(4, letter) }]);
    expect(store.zones.history(origin).map(({ journalled }) => journalled)).toEqual([true, true, false, false]);
    expect(store.zones.changesSince(origin, 1)).toBeUndefined();
    expect(store.zones.changesSince(origin, 2)).toHaveLength(2);
    expect(() => diff(store, 4, 1)).toThrow(failsWith('dns.journal_gone', /after serial 1/));
    expect(() => store.zones.rollback(origin, 1)).toThrow(failsWith('dns.journal_gone'));
    expect(store.zones.rollback(origin, 2)).toMatchObject({ changed: true, removed: 2 });
  });

  test('keeps nothing of a change that is larger than all of it', () => {
    const store = openTestStore({ journal: { mostBytes: 3000 } });
    importText(store, zoneText(1));
    store.zones.edit(origin, [{ op: 'add', record: www(1) }]);
    const result = store.zones.edit(origin, [{ op: 'add', record: text(40, 'x') }]);
    expect(result).toMatchObject({ changed: true, added: 1 });
    expect(store.zones.history(origin).map(({ journalled }) => journalled)).toEqual([false, false, false]);
    store.zones.edit(origin, [{ op: 'add', record: www(2) }]);
    expect(store.zones.changesSince(origin, 3)).toHaveLength(1);
  });
});

describe('an incremental transfer', () => {
  const step = (from: number, to: number, removed: string[], added: string[]): DifferenceSequence => ({
    removed: [soa(from), ...removed.map(record)],
    added: [soa(to), ...added.map(record)],
  });
  const secondary = () => {
    const store = openTestStore();
    importText(store, zoneText(1, 'www 60 A 192.0.2.1'), { serial: 'keep', source: '192.0.2.53' });
    return store;
  };
  const apply = (store: DnsStore, ...steps: readonly DifferenceSequence[]) =>
    store.zones.applyTransfer(origin, steps, { source: '192.0.2.53' });

  test('is taken over, a change for each step', () => {
    const store = secondary();
    const steps = [
      step(1, 5, ['www 60 A 192.0.2.1'], ['www 60 A 192.0.2.2', 'a 60 TXT x']),
      step(5, 6, ['a 60 TXT x'], []),
    ];
    expect(apply(store, ...steps)).toMatchObject({ serial: 6, records: 4 });
    expect(addresses(store)).toEqual(['www.shop.test. 60 A 192.0.2.2']);
    expect(store.zones.history(origin)).toMatchObject([
      { kind: 'transfer', serialBefore: 5, serial: 6, removed: 1, added: 0, source: '192.0.2.53' },
      { kind: 'transfer', serialBefore: 1, serial: 5, removed: 1, added: 2 },
      { kind: 'baseline' },
    ]);
    expect(store.zones.changesSince(origin, 1)).toHaveLength(2);
  });

  test.each([
    ['begins at another serial', step(2, 3, [], [])],
    ['removes what is not there', step(1, 3, ['nowhere 60 A 192.0.2.1'], [])],
    ['adds what is there', step(1, 3, [], ['www 60 A 192.0.2.1'])],
    ['has no SOA', { removed: [], added: [] }],
  ])('that %s changes nothing', (_, broken) => {
    const store = secondary();
    const before = recordsIn(store);
    const good = step(1, 2, [], ['good 60 A 192.0.2.1']);
    const steps = broken.removed[0] === undefined ? [good, broken] : [broken];
    expect(() => apply(store, ...steps)).toThrow(failsWith('dns.transfer_mismatch'));
    expect(recordsIn(store)).toEqual(before);
    expect(store.zones.history(origin)).toHaveLength(1);
  });

  test('is not taken by a primary zone', () => {
    expect(() => apply(grownZone(), step(4, 5, [], []))).toThrow(failsWith('dns.zone_exists'));
  });
});

describe('a snapshot', () => {
  test('is of one state, while the zone goes on', () => {
    const store = grownZone();
    const snapshot = store.zones.snapshot(origin);
    const before = recordsIn(store);
    store.zones.edit(origin, [{ op: 'add', record: www(9) }]);
    const other = store.zones.snapshot(origin);
    store.zones.delete(origin);
    expect(snapshot.zone).toMatchObject({ serial: 4, records: 4 });
    expect([...snapshot.records()].map(show)).toEqual(before);
    expect(snapshot.changesSince(3)).toHaveLength(1);
    expect(snapshot.change(4)?.removedRecords).toHaveLength(2);
    expect([...other.records()].map(show)).toContain(show(www(9)));
    for (const one of [snapshot, other]) one.close();
    snapshot.close();
    expect(() => store.zones.snapshot(origin)).toThrow(failsWith('dns.no_such_zone'));
  });

  test('reads record by record, with writes in between', () => {
    const store = openTestStore();
    const hosts = Array.from({ length: 4500 }, (_, index) => `h${index} 60 A 10.0.0.1`);
    importText(store, zoneText(1, ...hosts));
    let read = 0;
    for (const _ of store.zones.records(origin)) {
      if (read % 1000 === 0) store.zones.edit(origin, [{ op: 'clear', name: Name.parse(`h${read}`, origin) }]);
      read++;
    }
    expect(read).toBe(4503);
    expect(store.zones.get(origin)?.records).toBe(4503 - 5);
  });
});
