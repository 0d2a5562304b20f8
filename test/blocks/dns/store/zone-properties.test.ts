/** Zones of arbitrary names and octets: whatever is done to them, they are as if they had been kept in memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { canonicalRdata } from '../../../../src/blocks/dns/rdata/canonical.js';
import type { ResourceRecord, RRset } from '../../../../src/blocks/dns/record.js';
import type { Edit } from '../../../../src/blocks/dns/store/zone-store.js';
import type { DnsStore } from '../../../../src/blocks/dns/store.js';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';
import { arbitraryName, arbitraryRecord, TEMPLATES } from '../zone/arbitrary-records.js';
import { openTestStore, origin, parseZone, show, zoneText } from './test-zones.js';

const names = arbitraryName(origin, Name.parse('a.shop.test.'), Name.parse('*.b.\\000.SHOP.test.'));
const within = names.filter((name) => name.isWithin(origin));
const types = Object.keys(TEMPLATES).filter((type) => type !== 'SOA');
const record = fc.constantFrom(...types).chain((type) => arbitraryRecord(type, within));
/** Equal data in another case is one record to the store, two to MemoryZone. */
const records = fc.uniqueArray(record, { maxLength: 25, selector: identity });

function identity({ name, type, rdata }: ResourceRecord): string {
  return `${name.key} ${type} ${Buffer.from(canonicalRdata(type, rdata)).toString('latin1')}`;
}

const base = parseZone(zoneText(1));

/** In the form that both agree on: names without case, since sets in memory take the case of their first record. */
const shownSets = (sets: readonly RRset[]) =>
  sets.flatMap(({ name, type, ttl, rdatas }) =>
    rdatas.map((rdata) => show({ name: name.lowerCase(), type, ttl, rdata, class: 1 })),
  );

test('nodes, closest enclosers and order are those of the same zone in memory', () => {
  const store = openTestStore();
  let serial = 1;
  fc.assert(
    fc.property(records, fc.array(within, { maxLength: 10 }), (some, asked) => {
      const all = [...parseZone(zoneText(++serial)), ...some];
      store.zones.import(origin, all, { source: 'property', serial: 'bump' });
      const memory = MemoryZone.fromRecords(all, origin);
      const stored = store.zones.find(origin);
      if (stored === undefined) throw new Error('the zone is gone');
      for (const name of [...asked, ...some.map((one) => one.name)]) {
        expect(shownSets(stored.node(name)).sort()).toEqual(shownSets(memory.node(name)).sort());
        expect(stored.closestEncloser(name).key).toBe(memory.closestEncloser(name).key);
      }
      const owners = (zone: Iterable<ResourceRecord>) =>
        [...zone].map(({ name, type }) => `${name.lowerCase()} ${type}`);
      expect(owners(store.zones.records(origin))).toEqual(owners(memory.records()));
    }),
    { numRuns: 60 },
  );
});

const edit = fc.oneof(
  record.map((one) => ({ op: 'add', record: one }) as const),
  record.map(({ name, type, ttl, rdata }) => ({ op: 'set', name, type, ttl, rdatas: [rdata] }) as const),
  within.map((name) => ({ op: 'clear', name }) as const),
);

test('the journal that is replayed from any serial gives what is there, and what was there comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(edit, records), { minLength: 1, maxLength: 8 }), fc.nat(7), (steps, back) => {
      const store = openTestStore();
      store.zones.import(origin, base, { source: 'base', serial: 'bump' });
      const states = new Map([[serialOf(store), stateOf(store)]]);
      for (const step of steps) {
        attempt(store, step);
        states.set(serialOf(store), stateOf(store));
      }
      const present = serialOf(store);
      for (const [serial, state] of states) {
        expect(replay(state, store, serial)).toEqual(stateOf(store));
        expect(differ(state, store, serial, present)).toEqual(stateOf(store));
        expect(differ(stateOf(store), store, present, serial)).toEqual(state);
      }
      const [serial, state] = [...states][back % states.size] ?? [present, []];
      const isSame = withoutSoa(stateOf(store)).join() === withoutSoa(state).join();
      store.zones.rollback(origin, serial);
      expect(withoutSoa(stateOf(store))).toEqual(withoutSoa(state));
      expect(serialOf(store)).toBe(isSame ? present : present + 1);
      expect(store.file.quickCheck()).toEqual([]);
      store.close();
    }),
    { numRuns: 40 },
  );
});

type Step = Edit | readonly ResourceRecord[];

/** Edits that break a rule change nothing. */
function attempt(store: DnsStore, step: Step): void {
  if (!('op' in step)) {
    store.zones.import(origin, [...base, ...step], { source: 'step', serial: 'bump' });
    return;
  }
  const before = stateOf(store);
  try {
    store.zones.edit(origin, [step]);
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^dns\.(cname_conflict|apex_required|bad_zone)$/) });
    expect(stateOf(store)).toEqual(before);
  }
}

const serialOf = (store: DnsStore) => store.zones.get(origin)?.serial ?? 0;
const stateOf = (store: DnsStore) => [...store.zones.records(origin)].map(show).sort();
const withoutSoa = (state: readonly string[]) => state.filter((line) => !line.includes(' SOA '));

/** As a secondary does with an incremental transfer: takes away what has to be there, adds what must not. */
function apply(state: Set<string>, removed: readonly string[], added: readonly string[]): void {
  for (const line of removed) expect(state.delete(line)).toBe(true);
  for (const line of added) {
    expect(state.has(line)).toBe(false);
    state.add(line);
  }
}

function replay(from: readonly string[], store: DnsStore, serial: number): string[] {
  const state = new Set(from);
  for (const { number } of store.zones.changesSince(origin, serial) ?? expect.unreachable('the journal is gone')) {
    const change = store.zones.change(origin, number) ?? expect.unreachable('the change is gone');
    expect([change.removedRecords[0]?.type, change.addedRecords[0]?.type]).toEqual([RRType.SOA, RRType.SOA]);
    apply(state, change.removedRecords.map(show), change.addedRecords.map(show));
  }
  return [...state].sort();
}

function differ(from: readonly string[], store: DnsStore, serial: number, to: number): string[] {
  const state = new Set(from);
  const lines = (op: string) =>
    store.zones
      .diff(origin, serial, to)
      .filter((difference) => difference.op === op)
      .map((difference) => show(difference.record));
  apply(state, lines('removed'), lines('added'));
  return [...state].sort();
}
