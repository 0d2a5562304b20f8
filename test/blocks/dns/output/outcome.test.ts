import { describe, expect, test } from 'vitest';
import { isMet, readFailOn } from '../../../../src/blocks/dns/output/fail-on.js';
import { outcomeOf, sayOutcome } from '../../../../src/blocks/dns/output/outcome.js';
import { type Message, Rcode } from '../../../../src/blocks/dns/wire.js';
import { answerTo, question, record } from '../client/fake-server.js';

const SOA = 'shop.test. 600 SOA ns1.shop.test. admin.shop.test. 7 1 2 3 300';
const soa = { authorities: [record(SOA)] };
const to = (type: string, records: readonly string[], parts: Partial<Message> = {}) =>
  answerTo(question('www.shop.test', type), records, parts);
const extended = (code: number, text: string) => ({
  edns: {
    udpSize: 1232,
    version: 0,
    dnssecOk: false,
    options: [{ code: 15, data: Uint8Array.from([0, code, ...Buffer.from(text)]) }],
  },
});

const cases: readonly (readonly [name: string, kind: string, text: string | undefined, message: Message])[] = [
  ['an answer has nothing to be said', 'answer', undefined, to('A', ['www.shop.test. 60 A 192.0.2.1'])],
  [
    'an answer at the end of a chain',
    'answer',
    undefined,
    to('A', ['www.shop.test. 60 CNAME a.test.', 'a.test. 60 A 192.0.2.1']),
  ],
  ['anything answers ANY', 'answer', undefined, to('ANY', ['www.shop.test. 60 TXT "x"'])],
  ['a truncated answer', 'answer', 'TRUNCATED: the answer is not whole', to('A', [], { truncated: true })],
  [
    'RFC 2308, section 2.1: a name that does not exist',
    'nxdomain',
    'NXDOMAIN: www.shop.test does not exist (zone shop.test, serial 7, kept for 5m)',
    to('A', [], { rcode: Rcode.NXDOMAIN, ...soa }),
  ],
  [
    'a chain that leads to a name that does not exist',
    'nxdomain',
    'NXDOMAIN: www.shop.test is an alias of gone.test, which does not exist',
    to('A', ['www.shop.test. 60 CNAME x.test.', 'x.test. 60 CNAME gone.test.'], { rcode: Rcode.NXDOMAIN }),
  ],
  [
    'section 2.2: a name without such a record',
    'nodata',
    'NODATA: www.shop.test has no AAAA record (zone shop.test, serial 7, kept for 5m)',
    to('AAAA', [], soa),
  ],
  [
    'a chain without such a record at its end',
    'nodata',
    'NODATA: www.shop.test is an alias of a.test, which has no AAAA record',
    to('AAAA', ['www.shop.test. 60 CNAME a.test.']),
  ],
  [
    'a chain in a circle comes to an end',
    'nodata',
    'NODATA: www.shop.test has no A record',
    to('A', ['www.shop.test. 60 CNAME a.test.', 'a.test. 60 CNAME www.shop.test.']),
  ],
  [
    'RFC 1034, section 4.3.1: a referral',
    'referral',
    'REFERRAL: www.shop.test is answered by ns1.shop.test, ns2.shop.test (zone shop.test)',
    to('A', [], { authorities: ['ns1', 'ns2'].map((ns) => record(`shop.test. 60 NS ${ns}.shop.test.`)) }),
  ],
  ['a failure', 'servfail', 'SERVFAIL: the server failed to answer for www.shop.test', to('A', [], { rcode: 2 })],
  [
    'a refusal',
    'refused',
    'REFUSED: the server does not answer for www.shop.test, or not for you',
    to('A', [], { rcode: Rcode.REFUSED }),
  ],
  ['another rcode', 'failure', 'NOTIMP: the server answers nothing for www.shop.test', to('A', [], { rcode: 4 })],
  [
    'a response without a question',
    'failure',
    'FORMERR: the server answers nothing for the name',
    {
      ...to('A', [], { rcode: 1 }),
      questions: [],
    },
  ],
  [
    'RFC 8914: what the server says of a failure',
    'servfail',
    'SERVFAIL: the server failed to answer for www.shop.test; the server says: DNSSEC Bogus (signature expired)',
    to('A', [], { rcode: 2, ...extended(6, 'signature expired\0') }),
  ],
  [
    'what the server says of an answer',
    'answer',
    'the server says: Stale Answer',
    to('A', ['www.shop.test. 60 A 192.0.2.1'], extended(3, '')),
  ],
];

describe('what a response means', () => {
  test.each(cases)('%s', (_name, kind, text, message) => {
    const outcome = outcomeOf(message);
    expect({ kind: outcome.kind, text: sayOutcome(outcome) }).toEqual({ kind, text });
  });
});

describe('--fail-on', () => {
  const nxdomain = to('A', [], { rcode: Rcode.NXDOMAIN });
  const notimp = to('A', [], { rcode: Rcode.NOTIMP });
  const answer = to('A', ['www.shop.test. 60 A 192.0.2.1']);

  test.each([
    ['', nxdomain, false],
    ['nxdomain', nxdomain, true],
    ['NXDOMAIN,nodata', nxdomain, true],
    ['nodata,servfail', nxdomain, false],
    ['any', nxdomain, true],
    ['any', answer, false],
    ['failure', notimp, true],
    ['notimp', notimp, true],
    ['nodata', to('AAAA', []), true],
    ['nxdomain', to('AAAA', []), false],
  ] as const)('%s', (words, message, met) => {
    expect(isMet(readFailOn(words), message)).toBe(met);
  });

  test('a word that is no kind of answer is refused', () => {
    expect(() => readFailOn('nxdomian')).toThrow(
      expect.objectContaining({ code: 'dns.bad_word', kind: 'usage', hint: 'did you mean nxdomain?' }),
    );
  });
});
