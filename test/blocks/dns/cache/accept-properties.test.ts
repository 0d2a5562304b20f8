/** Whatever an upstream sends: names of a small pool, so that chains, loops and contradictions come up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AcceptedResponse, acceptResponse } from '../../../../src/blocks/dns/cache/accept.js';
import { defaultLimits } from '../../../../src/blocks/dns/cache/lifetime.js';
import { makeEntry, openEntry } from '../../../../src/blocks/dns/cache/make-entry.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { type Message, Rcode, RRType } from '../../../../src/blocks/dns/wire.js';
import { keyOf, respond } from './messages.js';

const names = [
  '.',
  'test.',
  'shop.test.',
  'www.shop.test.',
  'a.www.shop.test.',
  '_x.shop.test.',
  'bank.test.',
  'b.test.',
];
const name = fc.constantFrom(...names);
const ttl = fc.oneof(fc.constantFrom(0, 1, 2 ** 31 - 1), fc.integer({ min: 0, max: 100_000 }));
const data = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((octet) => `A 192.0.2.${octet}`),
  name.map((target) => `CNAME ${target}`),
  name.map((target) => `DNAME ${target}`),
  name.map((target) => `NS ${target}`),
  name.map((target) => `SRV 0 0 80 ${target}`),
  fc.tuple(name, fc.nat(100)).map(([next, minimum]) => `SOA ${next} ${next} 1 2 3 4 ${minimum}`),
  name.map((next) => `NSEC ${next} A`),
  fc
    .tuple(fc.constantFrom('A', 'CNAME', 'NSEC', 'SOA'), name)
    .map(([type, signer]) => `RRSIG ${type} 8 3 300 20300101000000 20250101000000 1 ${signer} AAAA`),
);
const records = fc.array(
  fc.tuple(name, ttl, data).map(([owner, seconds, rest]) => `${owner} ${seconds} ${rest}`),
  { maxLength: 8 },
);
const key = fc
  .tuple(name, fc.constantFrom('A', 'CNAME', 'DNAME', 'SRV', 'ANY', 'NS'), fc.boolean())
  .map(([owner, type, dnssecOk]) => keyOf(owner, type, { dnssecOk }));
const response = fc.record({
  answers: records,
  authorities: records,
  additionals: records,
  rcode: fc.constantFrom(Rcode.NOERROR, Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.YXDOMAIN, Rcode.SERVFAIL),
});

const sections = ({ answers, authorities, additionals }: Pick<Message, 'answers' | 'authorities' | 'additionals'>) => [
  answers,
  authorities,
  additionals,
];

/** From the same section, with a TTL that did not grow. */
function comesFrom(kept: ResourceRecord, sent: readonly ResourceRecord[]): boolean {
  return sent.some(
    (one) =>
      one.type === kept.type &&
      one.name.equals(kept.name) &&
      Buffer.compare(one.rdata, kept.rdata) === 0 &&
      kept.ttl <= one.ttl,
  );
}

function check(accepted: AcceptedResponse, sent: Message): void {
  for (const [index, section] of sections(accepted).entries()) {
    for (const kept of section) {
      const isMade =
        index === 0 && kept.type === RRType.CNAME && sent.answers.some(({ type }) => type === RRType.DNAME);
      expect(isMade || comesFrom(kept, sections(sent)[index] ?? [])).toBe(true);
      expect(accepted.ttl === 0 || kept.ttl >= accepted.ttl).toBe(true);
    }
  }
  const [question] = sent.questions;
  expect(question !== undefined && accepted.names[0]?.equals(question.name)).toBe(true);
  for (const { name: owner, type } of accepted.answers) {
    const isOnChain = accepted.names.some((one) => owner.equals(one) || one.isWithin(owner));
    expect(isOnChain || type === RRType.RRSIG).toBe(true);
  }
}

test('what is kept came in the same section, belongs to the chain, and lives no longer than it was to', () => {
  let kept = 0;
  fc.assert(
    fc.property(key, response, (asked, { rcode, ...texts }) => {
      const sent = respond(asked.question, texts, { rcode });
      const accepted = acceptResponse(asked.question, sent, asked.dnssecOk, defaultLimits);
      if (typeof accepted === 'string') return;
      check(accepted, sent);
      const provenance = { upstream: 'x', extendedErrors: [], now: 0 };
      const entry = makeEntry(asked, accepted, provenance, defaultLimits);
      expect(entry === undefined).toBe(accepted.ttl === 0);
      if (entry === undefined) return;
      kept++;
      // It is read again as it was written, and is accepted as the same.
      const again = openEntry(entry);
      expect(again && sections(again).map((section) => section.length)).toEqual(
        sections(accepted).map((section) => section.length),
      );
    }),
    { numRuns: 3_000 },
  );
  expect(kept).toBeGreaterThan(100);
});
