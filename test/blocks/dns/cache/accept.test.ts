/** What of a response is believed. */
import { describe, expect, test } from 'vitest';
import { type AcceptedResponse, acceptResponse } from '../../../../src/blocks/dns/cache/accept.js';
import { defaultLimits } from '../../../../src/blocks/dns/cache/lifetime.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { Question } from '../../../../src/blocks/dns/record.js';
import { type Message, Rcode } from '../../../../src/blocks/dns/wire.js';
import { ask, nxdomain, respond, SOA, shown } from './messages.js';

function accept(response: Message, { dnssecOk = false, limits = defaultLimits } = {}): AcceptedResponse {
  const [question] = response.questions;
  if (question === undefined) throw new Error('no question');
  const accepted = acceptResponse(question, response, dnssecOk, limits);
  if (typeof accepted === 'string') throw new Error(accepted);
  return accepted;
}

function refusal(response: Message, question: Question | undefined = response.questions[0]): string {
  if (question === undefined) throw new Error('no question');
  const accepted = acceptResponse(question, response, false, defaultLimits);
  return typeof accepted === 'string' ? accepted : 'accepted';
}

const www = ask('www.shop.test.');

describe('the chain from the question (RFC 1034, section 3.6.2)', () => {
  test('records that no alias leads to are left out', () => {
    const accepted = accept(
      respond(www, {
        answers: [
          'bank.test. 300 A 203.0.113.66',
          'www.shop.test. 300 CNAME web.shop.test.',
          'web.shop.test. 200 A 192.0.2.7',
          'other.shop.test. 300 CNAME bank.test.',
          'web.shop.test. 200 AAAA 2001:db8::7',
        ],
      }),
    );
    expect(shown(accepted.answers)).toEqual([
      'www.shop.test. 300 CNAME web.shop.test.',
      'web.shop.test. 200 A 192.0.2.7',
    ]);
    expect(accepted).toMatchObject({ kind: 'answer', ttl: 200 });
    expect(accepted.names.map(String)).toEqual(['www.shop.test.', 'web.shop.test.']);
  });

  test('it is put in order, whatever the order it came in, and without regard to case', () => {
    const accepted = accept(
      respond(www, {
        answers: ['c.test. 60 A 192.0.2.1', 'B.Shop.test. 60 CNAME c.test.', 'WWW.shop.TEST. 60 CNAME b.shop.test.'],
      }),
    );
    expect(accepted.answers.map(({ name }) => String(name))).toEqual(['WWW.shop.TEST.', 'B.Shop.test.', 'c.test.']);
  });

  test('an alias itself may be asked for', () => {
    const accepted = accept(
      respond(ask('www.shop.test.', 'CNAME'), {
        answers: ['www.shop.test. 300 CNAME web.shop.test.', 'web.shop.test. 200 A 192.0.2.7'],
      }),
    );
    expect(shown(accepted.answers)).toEqual(['www.shop.test. 300 CNAME web.shop.test.']);
  });

  test('ANY takes all records of the name and follows no alias', () => {
    const accepted = accept(
      respond(ask('www.shop.test.', 'ANY'), {
        answers: ['www.shop.test. 300 A 192.0.2.1', 'www.shop.test. 300 TXT "x"', 'web.shop.test. 300 A 192.0.2.2'],
      }),
    );
    expect(accepted.answers).toHaveLength(2);
  });

  test.each([
    ['a loop', ['www.shop.test. 60 CNAME a.test.', 'a.test. 60 CNAME www.shop.test.'], /lead back to www.shop.test./],
    ['an alias of two names', ['www.shop.test. 60 CNAME a.test.', 'www.shop.test. 60 CNAME b.test.'], /two names/],
    [
      'a chain without end',
      [
        'www.shop.test. 60 CNAME 0.test.',
        ...Array.from({ length: 30 }, (_, i) => `${i}.test. 60 CNAME ${i + 1}.test.`),
        '30.test. 60 A 192.0.2.1',
      ],
      /longer than 16/,
    ],
  ])('%s is of no use', (_, answers, why) => {
    expect(refusal(respond(www, { answers }))).toMatch(why);
  });

  test('a chain of 16 aliases is followed', () => {
    const links = Array.from({ length: 15 }, (_, i) => `${i}.test. 60 CNAME ${i + 1}.test.`);
    const answers = ['www.shop.test. 60 CNAME 0.test.', ...links, '15.test. 60 A 192.0.2.1'];
    expect(accept(respond(www, { answers })).answers).toHaveLength(17);
  });
});

describe('DNAME (RFC 6672)', () => {
  const dname = 'shop.test. 600 DNAME store.test.';

  test('section 3.1: the alias that a server made has the TTL of the DNAME', () => {
    const accepted = accept(
      respond(www, { answers: [dname, 'www.shop.test. 0 CNAME www.store.test.', 'www.store.test. 900 A 192.0.2.9'] }),
    );
    expect(shown(accepted.answers)).toEqual([
      dname,
      'www.shop.test. 600 CNAME www.store.test.',
      'www.store.test. 900 A 192.0.2.9',
    ]);
    expect(accepted.ttl).toBe(600);
  });

  test('section 3.4: where it is missing it is made', () => {
    const accepted = accept(respond(www, { answers: [dname, 'www.store.test. 900 A 192.0.2.9'] }));
    expect(shown(accepted.answers)[1]).toBe('www.shop.test. 600 CNAME www.store.test.');
  });

  test('an alias that does not follow from it is refused', () => {
    const answers = [dname, 'www.shop.test. 600 CNAME bank.test.', 'bank.test. 900 A 203.0.113.66'];
    expect(refusal(respond(www, { answers }))).toMatch(/does not follow from the DNAME at shop.test./);
  });

  test('the owner of a DNAME is not below it', () => {
    const accepted = accept(respond(ask('shop.test.', 'DNAME'), { answers: [dname] }));
    expect(shown(accepted.answers)).toEqual([dname]);
  });

  test('section 2.2: a name that becomes too long is YXDOMAIN, and is not kept', () => {
    const label = 'x'.repeat(60);
    const long = ask(`${label}.${label}.${label}.shop.test.`);
    const answers = [`shop.test. 600 DNAME ${label}.${'y'.repeat(30)}.test.`];
    expect(accept(respond(long, { answers }, { rcode: Rcode.YXDOMAIN }))).toMatchObject({ rcode: 6, ttl: 0 });
    expect(refusal(respond(long, { answers }))).toMatch(/length/);
    expect(refusal(respond(www, { answers: [dname] }, { rcode: Rcode.YXDOMAIN }))).toMatch(/length/);
  });
});

describe('negative answers (RFC 2308)', () => {
  test('section 5: the TTL is the lesser of that of the SOA record and its MINIMUM', () => {
    expect(accept(nxdomain(www))).toMatchObject({ kind: 'nxdomain', rcode: 3, ttl: 60 });
    const long = 'shop.test. 30 SOA ns.shop.test. admin.shop.test. 1 3600 600 86400 7200';
    const accepted = accept(nxdomain(www, long));
    expect(accepted.ttl).toBe(30);
    expect(shown(accept(nxdomain(www)).authorities)).toEqual([SOA.replace(' 900 ', ' 60 ')]);
  });

  test('section 5: it is capped', () => {
    const long = 'shop.test. 86400 SOA ns.shop.test. admin.shop.test. 1 3600 600 86400 86400';
    expect(accept(nxdomain(www, long)).ttl).toBe(10_800);
    expect(accept(nxdomain(www, long), { limits: { ...defaultLimits, maxNegativeTtl: 5 } }).ttl).toBe(5);
  });

  test('section 2.2: NODATA is NOERROR without the type', () => {
    expect(accept(respond(www, { authorities: [SOA] }))).toMatchObject({ kind: 'nodata', rcode: 0, ttl: 60 });
  });

  test('section 5: without SOA it is given, but not kept', () => {
    expect(accept(respond(www, {}, { rcode: Rcode.NXDOMAIN }))).toMatchObject({ kind: 'nxdomain', ttl: 0 });
    expect(accept(respond(www))).toMatchObject({ kind: 'nodata', ttl: 0 });
  });

  test('an SOA of a zone that the name is not in counts for nothing', () => {
    const accepted = accept(nxdomain(www, SOA.replace('shop.test. 900', 'bank.test. 900')));
    expect(accepted).toMatchObject({ ttl: 0, authorities: [] });
  });

  test('section 2.1: at the end of a chain, the zone is that of the last name (RFC 6604)', () => {
    const answers = ['www.shop.test. 40 CNAME gone.store.test.'];
    const soa = SOA.replace('shop.test. 900', 'store.test. 900');
    const accepted = accept(nxdomain(www, soa, answers));
    expect(accepted).toMatchObject({ kind: 'nxdomain', ttl: 40 });
    expect(accepted.names.at(-1)?.equals(Name.parse('gone.store.test.'))).toBe(true);
    expect(accept(nxdomain(www, SOA, answers)).ttl).toBe(0);
  });

  test('section 2.2: a referral is no answer', () => {
    const authorities = ['test. 900 NS ns.test.'];
    expect(refusal(respond(www, { authorities }))).toMatch(/referred/);
    expect(refusal(respond(www, { authorities }, { authoritative: true }))).toBe('accepted');
  });

  test('an NXDOMAIN with an answer contradicts itself', () => {
    const response = respond(www, { answers: ['www.shop.test. 60 A 192.0.2.1'] }, { rcode: Rcode.NXDOMAIN });
    expect(refusal(response)).toMatch(/denied www.shop.test. and answered/);
  });
});

describe('whether it is an answer to the question (RFC 5452, section 9.1)', () => {
  const response = respond(www, { answers: ['www.shop.test. 60 A 192.0.2.1'] });

  test.each([
    ['another name', ask('web.shop.test.')],
    ['another type', ask('www.shop.test.', 'AAAA')],
    ['another class', { ...www, class: 3 }],
  ])('not when it asks for %s', (_, question) => {
    expect(refusal(response, question)).toMatch(/another question/);
  });

  test('not when it has no question, is a query, or was cut', () => {
    expect(refusal({ ...response, questions: [] }, www)).toMatch(/another question/);
    expect(refusal({ ...response, response: false })).toMatch(/another question/);
    expect(refusal({ ...response, truncated: true })).toMatch(/cut short/);
  });

  test('records of another class are left out', () => {
    const chaos = { ...response, answers: response.answers.map((record) => ({ ...record, class: 3 })) };
    expect(accept(chaos)).toMatchObject({ kind: 'nodata', answers: [] });
  });

  test.each([Rcode.SERVFAIL, Rcode.REFUSED, Rcode.NOTIMP, Rcode.FORMERR])('nor is response code %i', (rcode) => {
    expect(refusal(respond(www, {}, { rcode }))).toMatch(/^it answered [A-Z]+$/);
  });
});

describe('additional data (RFC 2181, section 5.4.1)', () => {
  const service = ask('_http._tcp.shop.test.', 'SRV');
  const answers = [
    '_http._tcp.shop.test. 300 SRV 0 0 80 web.shop.test.',
    '_http._tcp.shop.test. 300 SRV 1 0 80 web.cloud.test.',
  ];

  test('addresses of servers that are named, within the domain of the service', () => {
    const accepted = accept(
      respond(service, {
        answers,
        additionals: [
          'web.shop.test. 300 A 192.0.2.7',
          'web.shop.test. 300 TXT "not an address"',
          'web.cloud.test. 300 A 203.0.113.66',
          'mail.shop.test. 300 A 192.0.2.8',
        ],
      }),
    );
    expect(shown(accepted.additionals)).toEqual(['web.shop.test. 300 A 192.0.2.7']);
  });

  test('they do not shorten the life of the answer', () => {
    const accepted = accept(respond(service, { answers, additionals: ['web.shop.test. 20 A 192.0.2.7'] }));
    expect(accepted).toMatchObject({ ttl: 300, additionals: [] });
  });

  test('NS records in the authority section are left out', () => {
    const accepted = accept(
      respond(www, {
        answers: ['www.shop.test. 300 A 192.0.2.1'],
        authorities: ['shop.test. 300 NS ns.bank.test.'],
        additionals: ['ns.bank.test. 300 A 203.0.113.66'],
      }),
    );
    expect(accepted).toMatchObject({ authorities: [], additionals: [] });
  });
});

describe('TTLs', () => {
  test('RFC 2181, section 5.2: an RRset has one, the least; and no record twice (section 5)', () => {
    const accepted = accept(
      respond(www, {
        answers: ['www.shop.test. 300 A 192.0.2.1', 'www.shop.test. 100 A 192.0.2.2', 'www.shop.test. 200 A 192.0.2.1'],
      }),
    );
    expect(shown(accepted.answers)).toEqual(['www.shop.test. 100 A 192.0.2.1', 'www.shop.test. 100 A 192.0.2.2']);
  });

  test('a day at most, unless told otherwise', () => {
    const response = respond(www, { answers: ['www.shop.test. 2147483647 A 192.0.2.1'] });
    expect(accept(response).answers[0]?.ttl).toBe(86_400);
    expect(accept(response, { limits: { ...defaultLimits, maxTtl: 10 } }).ttl).toBe(10);
  });

  test('raised to the least one, but RFC 1035, section 3.2.1: 0 is for this answer only', () => {
    const limits = { ...defaultLimits, minTtl: 30 };
    const of = (ttl: number) => respond(www, { answers: [`www.shop.test. ${ttl} A 192.0.2.1`] });
    expect(accept(of(5), { limits }).answers[0]?.ttl).toBe(30);
    expect(accept(of(0), { limits })).toMatchObject({ ttl: 0, answers: [{ ttl: 0 }] });
  });
});

describe('signatures and proofs (RFC 4035, section 3.2.1)', () => {
  const signature = (type: string, signer: string) =>
    `RRSIG ${type} 8 3 300 20300101000000 20250101000000 1 ${signer} AAAA`;
  const positive = respond(www, {
    answers: ['www.shop.test. 300 A 192.0.2.1', `www.shop.test. 300 ${signature('A', 'shop.test.')}`],
    authorities: [
      'a.shop.test. 300 NSEC x.shop.test. A',
      `a.shop.test. 300 ${signature('NSEC', 'shop.test.')}`,
      'bank.test. 300 NSEC x.bank.test. A',
    ],
  });

  test('with DO they are kept, as far as they belong to a zone that signed', () => {
    const accepted = accept(positive, { dnssecOk: true });
    expect(accepted.answers).toHaveLength(2);
    expect(accepted.authorities.map(({ name }) => String(name))).toEqual(['a.shop.test.', 'a.shop.test.']);
  });

  test('without DO they are not', () => {
    expect(accept(positive)).toMatchObject({ answers: [{ type: 1 }], authorities: [] });
  });

  test('of a negative answer, those of the zone of the SOA', () => {
    const response = respond(
      www,
      {
        authorities: [
          SOA,
          `shop.test. 900 ${signature('SOA', 'shop.test.')}`,
          'a.shop.test. 300 NSEC x.shop.test. A',
          'x.bank.test. 300 NSEC y.bank.test. A',
        ],
      },
      { rcode: Rcode.NXDOMAIN },
    );
    expect(accept(response, { dnssecOk: true }).authorities.map(({ type, ttl }) => [type, ttl])).toEqual([
      [6, 60],
      [46, 60],
      [47, 60],
    ]);
    expect(accept(response).authorities).toHaveLength(1);
  });
});
