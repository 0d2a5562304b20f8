/** What holds of every answer, whatever the zone: over zones of few labels, where everything meets everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { type RRset, recordsOf } from '../../../../src/blocks/dns/record.js';
import { Rcode, RRType } from '../../../../src/blocks/dns/wire.js';
import type { LookupResult } from '../../../../src/blocks/dns/zone/lookup.js';
import type { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';
import { ask, serve, show, zoneOf } from './zones.js';

const name = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const target = fc.oneof(name, fc.constantFrom('@', 'elsewhere.invalid.'));
const record = fc.oneof(
  fc.tuple(name, fc.constantFrom('A 192.0.2.1', 'TXT "x"')),
  fc.tuple(
    name,
    fc.tuple(fc.constantFrom('NS', 'CNAME', 'DNAME', 'MX 10'), target).map((words) => words.join(' ')),
  ),
);
const zone = fc
  .array(record, { maxLength: 8 })
  .map((records) => zoneOf('z.', records.map((words) => words.join(' ')).join('\n')));
const question = fc
  .tuple(name, fc.constantFrom('A', 'TXT', 'NS', 'CNAME', 'DNAME', 'MX', 'DS', 'ANY'))
  .map(([owner, type]) => `${owner}.z. ${type}`);

const isBelow = (owner: Name, above: Name) => owner.isWithin(above) && !owner.equals(above);

/** The last name of the chain, by the CNAME records of the answer alone. */
function lastName(asked: Name, { answers }: LookupResult): Name {
  const aliases = answers.filter(({ type }) => type === RRType.CNAME);
  let last = asked;
  for (let left = aliases.length; left > 0; left--) {
    const rdata = aliases.find((alias) => alias.name.equals(last))?.rdatas[0];
    if (rdata !== undefined) last = Name.fromValidWire(rdata);
  }
  return last;
}

/** By the text of owners, without the code under test: neither the name nor the wildcard in its place. */
function isNowhere(owners: readonly string[], asked: string): boolean {
  const exists = (text: string) => owners.some((owner) => owner === text || owner.endsWith(`.${text}`));
  if (exists(asked)) return false;
  const labels = asked.split('.');
  const encloser = labels.findIndex((_, index) => exists(labels.slice(index).join('.')));
  return !exists(['*', ...labels.slice(encloser)].join('.'));
}

/** Whether the zone has the record, under this owner or under a wildcard; a CNAME may also come of a DNAME. */
function isOf(served: MemoryZone, set: RRset): boolean {
  const lines = new Set([...served.records()].map((one) => show({ ...one, ttl: 0 })));
  const isStored = (owner: Name) => recordsOf({ ...set, name: owner, ttl: 0 }).every((one) => lines.has(show(one)));
  const ancestors = Array.from({ length: set.name.labelCount }, (_, up) => set.name.parent(up + 1));
  if (isStored(set.name) || ancestors.some((above) => isStored(above.wildcardChild()))) return true;
  const hasDname = (above: Name) => served.node(above).some(({ type }) => type === RRType.DNAME);
  return set.type === RRType.CNAME && ancestors.some(hasDname);
}

const answered = (property: (served: MemoryZone, asked: Name, result: LookupResult) => void) =>
  fc.assert(
    fc.property(zone, question, (served, text) => {
      property(served, Name.parse(text.split(' ')[0] ?? ''), ask(serve(served), text));
    }),
    { numRuns: 1_000 },
  );

describe('every answer', () => {
  test('is made of records of the zone, each set once', () => {
    answered((served, _, { answers, authorities, additionals }) => {
      const sets = [...answers, ...authorities, ...additionals];
      expect(sets.filter((set) => !isOf(served, set))).toEqual([]);
      const ids = [...answers, ...additionals].map(({ name: owner, type }) => `${owner.key} ${type}`);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  test('says NXDOMAIN only of a name that does not exist', () => {
    answered((served, asked, result) => {
      const owners = [...served.records()].map(({ name: owner }) => owner.toString());
      if (result.rcode === Rcode.NXDOMAIN) expect(isNowhere(owners, lastName(asked, result).toString())).toBe(true);
    });
  });

  test('has a SOA beside it when it is negative, and the servers of a cut above the name when it is a referral', () => {
    answered((served, asked, result) => {
      const { rcode, authoritative, answers, authorities } = result;
      const types = authorities.map(({ type }) => type);
      if (rcode === Rcode.NXDOMAIN) expect(types).toEqual([RRType.SOA]);
      if (!authoritative) expect({ types, answers }).toEqual({ types: [RRType.NS], answers: [] });
      if (authoritative && answers.length === 0) expect(types).toEqual([RRType.SOA]);
      for (const { name: cut, type } of authorities) {
        if (type === RRType.NS) expect(lastName(asked, result).isWithin(cut) && !cut.equals(served.origin)).toBe(true);
      }
    });
  });

  test('has nothing from below a cut', () => {
    answered((served, _, { answers }) => {
      const all = [...served.records()];
      const isBelowDname = (owner: Name) =>
        all.some(({ name: above, type }) => type === RRType.DNAME && isBelow(owner, above));
      const cuts = all
        .filter(({ name: owner, type }) => type === RRType.NS && owner.labelCount > 1 && !isBelowDname(owner))
        .map(({ name: cut }) => cut);
      expect(answers.filter(({ name: owner }) => cuts.some((cut) => isBelow(owner, cut)))).toEqual([]);
    });
  });
});
