import { describe, expect, test } from 'vitest';
import { type AgreementOptions, agreementOf } from '../../../../src/blocks/dns/compare/agreement.js';
import { type Message, makeMessage, Rcode } from '../../../../src/blocks/dns/wire.js';
import { answerTo, question, record } from '../client/fake-server.js';

const asked = question('a.test.', 'MX');
const answer = (records: readonly string[], parts: Partial<Message> = {}) => answerTo(asked, records, parts);
const LENIENT: AgreementOptions = { strict: false };

describe('answers agree', () => {
  const one = answer(['a.test. 60 MX 1 x.test.', 'a.test. 60 MX 2 y.test.']);
  const other = answer(['A.test. 30 MX 2 Y.Test.', 'a.test. 30 MX 1 x.test.'], { authoritative: true });

  test('whatever the order, the TTLs, the case of letters and AA', () => {
    expect(agreementOf([one, other], LENIENT)).toMatchObject({ agree: true, groups: [{ members: [0, 1] }] });
  });

  test('strictly only when those are the same, too', () => {
    expect(agreementOf([one, one], { strict: true }).agree).toBe(true);
    expect(agreementOf([one, other], { strict: true }).agree).toBe(false);
    const reordered = answer(['a.test. 60 MX 2 y.test.', 'a.test. 60 MX 1 x.test.']);
    expect(agreementOf([one, reordered], { strict: true }).agree).toBe(false);
  });

  test('when all say that there is nothing', () => {
    const nosuch = answer([], { rcode: Rcode.NXDOMAIN });
    expect(agreementOf([nosuch, nosuch], LENIENT).agree).toBe(true);
  });
});

describe('answers do not agree', () => {
  test('by a record: the largest group is what others are compared with', () => {
    const common = answer(['a.test. 60 MX 1 x.test.', 'a.test. 60 MX 2 y.test.']);
    const odd = answer(['a.test. 60 MX 1 X.test.', 'a.test. 60 MX 3 z.test.']);
    expect(agreementOf([odd, common, common], LENIENT)).toEqual({
      agree: false,
      groups: [
        { name: 'A', members: [1, 2], missing: [], extra: [] },
        { name: 'B', members: [0], missing: ['a.test. MX 2 y.test.'], extra: ['a.test. MX 3 z.test.'] },
      ],
    });
  });

  test('by what nothing means: no such name, no such data, ask others, refused', () => {
    const soa = record('test. 60 SOA ns. me. 1 1 1 1 1');
    const responses = [
      answer([], { rcode: Rcode.NXDOMAIN, authorities: [soa] }),
      answer([], { authorities: [soa] }),
      answer([], { authorities: [record('test. 60 NS ns.test.')] }),
      answer([], { rcode: Rcode.REFUSED }),
    ];
    expect(agreementOf(responses, LENIENT).groups).toHaveLength(4);
  });

  test('when one of them is silent', () => {
    const one = answer(['a.test. 60 MX 1 x.test.']);
    expect(agreementOf([one, undefined], LENIENT)).toMatchObject({ agree: false, groups: [{ members: [0] }] });
    expect(agreementOf([undefined, undefined], LENIENT)).toEqual({ agree: false, groups: [] });
  });

  test('referrals are compared by where they lead', () => {
    const to = (server: string) => answer([], { authorities: [record(`test. 60 NS ${server}`)] });
    expect(agreementOf([to('a.'), to('A.')], LENIENT).agree).toBe(true);
    expect(agreementOf([to('a.'), to('b.')], LENIENT).agree).toBe(false);
  });
});

test('in data of newer types the case of names counts (RFC 3597, 6)', () => {
  const query = makeMessage({ questions: question('a.test.', 'SVCB').questions });
  const responses = ['b.test.', 'B.test.'].map((target) => answerTo(query, [`a.test. 60 SVCB 1 ${target}`]));
  expect(agreementOf(responses, LENIENT).agree).toBe(false);
});
