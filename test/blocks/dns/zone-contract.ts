/**
 * What zones must be and how they must be answered from, whatever keeps them:
 *
 *     zoneDataContract('memory', async (text, origin) => ({ zones, close }))       ZoneData and ZoneSet, in this process
 *     answersContract('BIND', async (text, origin) => ({ ask, close }))            a server of any kind, asked over its protocol
 *
 * `text` is the master file of one zone. Where name servers of the field legitimately differ (what else is in the additional
 * section, NS records beside a positive answer, loops of aliases), nothing is expected.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Name } from '../../../src/blocks/dns/name.js';
import { printRdata } from '../../../src/blocks/dns/rdata/index.js';
import { type Question, type ResourceRecord, recordsOf } from '../../../src/blocks/dns/record.js';
import { type Message, makeMessage, parseType, RRClass, rcodeName, typeName } from '../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../src/blocks/dns/zone/master-file/index.js';
import type { ZoneData, ZoneSet } from '../../../src/blocks/dns/zone/zone-data.js';
import { respond } from './zone/respond.js';

export interface ZonesSubject {
  readonly zones: ZoneSet;
  close(): Promise<void> | void;
}

export interface AnsweringSubject {
  /** Asks without RD and takes the whole answer. */
  ask(question: Question): Promise<Message>;
  close(): Promise<void> | void;
}

const ORIGIN = 'shop.test.';

/** Everything that RFC 1034, 4592 and 6672 tell apart, in one zone that BIND, Knot and NSD load. */
const CONTRACT_ZONE = String.raw`$ORIGIN shop.test.
$TTL 3600
@               SOA   ns1 hostmaster 7 3600 900 86400 300
@               NS    ns1
@               NS    ns2.sub
@               MX    10 mail
ns1             A     192.0.2.1
                AAAA  2001:db8::1
mail            A     192.0.2.2
WWW       600   CNAME web
web       60    A     192.0.2.80
          60    A     192.0.2.81
          60    AAAA  2001:db8::80
          60    TXT   "Quick" "Fox"
one             CNAME two
two             CNAME www
tonowhere       CNAME nowhere
toent           CNAME ent
towild          CNAME any.wild
tosub           CNAME host.sub
outside         CNAME www.elsewhere.invalid.
a.b.ent         A     192.0.2.3
sub             NS    ns2.sub
sub             NS    ns.sibling
sub             NS    ns.elsewhere.invalid.
sub       300   DS    12345 13 2 0000000000000000000000000000000000000000000000000000000000000001
ns2.sub   300   A     192.0.2.9
host.sub        TXT   "occluded by the cut"
deeper.sub      NS    ns2.sub
sibling         NS    ns.sibling
ns.sibling      A     192.0.2.11
*.wild    100   A     192.0.2.100
*.wild    100   MX    10 web
exists.wild     TXT   "no wildcard here"
x.ent.wild      TXT   "nor at ent.wild"
*.cname         CNAME web
x.*.entwild     TXT   "the wildcard is an empty non-terminal"
tree      222   DNAME forest
tree            TXT   "the owner of a DNAME is no alias"
oak.forest      A     192.0.2.77
elm.forest      CNAME web
away            DNAME elsewhere.invalid.
_sip._udp       SRV   0 0 5060 web
foobar          A     192.0.2.5
\000x           A     192.0.2.6
dot\.ted        A     192.0.2.7
\001            A     192.0.2.8
unknown         TYPE65280 \# 3 abcdef
`;

const SOA = 'shop.test. 300 SOA ns1.shop.test. hostmaster.shop.test. 7 3600 900 86400 300';
const REFERRAL = [
  'sub.shop.test. 3600 NS ns2.sub.shop.test.',
  'sub.shop.test. 3600 NS ns.sibling.shop.test.',
  'sub.shop.test. 3600 NS ns.elsewhere.invalid.',
];
const GLUE = 'ns2.sub.shop.test. 300 A 192.0.2.9';
const WEB = ['web.shop.test. 60 A 192.0.2.80', 'web.shop.test. 60 A 192.0.2.81'];
const TREE = 'tree.shop.test. 222 DNAME forest.shop.test.';

interface Expected {
  /** Default NOERROR. */
  readonly rcode?: 'NXDOMAIN';
  /** AA; default true. */
  readonly authoritative?: false;
  readonly answers?: readonly string[];
  /** Compared when given. */
  readonly authorities?: readonly string[];
  /** That must be there, beside others. */
  readonly additionals?: readonly string[];
}

type Case = readonly [question: string, expected: Expected];

const noData: Expected = { authorities: [SOA] };
const noName: Expected = { rcode: 'NXDOMAIN', authorities: [SOA] };
const referral: Expected = { authoritative: false, authorities: REFERRAL, additionals: [GLUE] };

const cases: Readonly<Record<string, readonly Case[]>> = {
  'names that exist (RFC 1034, section 4.3.2, step 3a)': [
    ['web A', { answers: WEB }],
    ['web TXT', { answers: ['web.shop.test. 60 TXT "Quick" "Fox"'] }],
    ['unknown TYPE65280', { answers: [String.raw`unknown.shop.test. 3600 TYPE65280 \# 3 ABCDEF`] }],
    [String.raw`dot\.ted A`, { answers: [String.raw`dot\.ted.shop.test. 3600 A 192.0.2.7`] }],
    [String.raw`\000x A`, { answers: [String.raw`\000x.shop.test. 3600 A 192.0.2.6`] }],
    [String.raw`\001 A`, { answers: [String.raw`\001.shop.test. 3600 A 192.0.2.8`] }],
    ['@ SOA', { answers: [SOA.replace(' 300 SOA', ' 3600 SOA')] }],
    [
      '@ NS',
      {
        answers: ['shop.test. 3600 NS ns1.shop.test.', 'shop.test. 3600 NS ns2.sub.shop.test.'],
        additionals: ['ns1.shop.test. 3600 A 192.0.2.1', 'ns1.shop.test. 3600 AAAA 2001:db8::1'],
      },
    ],
    ['@ MX', { answers: ['shop.test. 3600 MX 10 mail.shop.test.'], additionals: ['mail.shop.test. 3600 A 192.0.2.2'] }],
    ['_sip._udp SRV', { answers: ['_sip._udp.shop.test. 3600 SRV 0 0 5060 web.shop.test.'], additionals: WEB }],
  ],
  'no data, and no such name (RFC 2308, sections 2.1 and 2.2)': [
    ['web MX', noData],
    ['@ A', noData],
    ['nowhere A', noName],
    ['below.web A', noName],
    ['foo A', noName],
    ['foobarbar A', noName],
    ['ted A', noName],
  ],
  'empty non-terminals (RFC 4592, section 2.2.2)': [
    ['ent A', noData],
    ['b.ent TXT', noData],
    ['_udp SRV', noData],
    ['forest A', noData],
    ['c.ent A', noName],
  ],
  'aliases (RFC 1034, section 3.6.2)': [
    ['www A', { answers: ['www.shop.test. 600 CNAME web.shop.test.', ...WEB] }],
    ['www CNAME', { answers: ['www.shop.test. 600 CNAME web.shop.test.'] }],
    ['www MX', { answers: ['www.shop.test. 600 CNAME web.shop.test.'], authorities: [SOA] }],
    [
      'one A',
      {
        answers: [
          'one.shop.test. 3600 CNAME two.shop.test.',
          'two.shop.test. 3600 CNAME www.shop.test.',
          'www.shop.test. 600 CNAME web.shop.test.',
          ...WEB,
        ],
      },
    ],
    ['tonowhere A', { ...noName, answers: ['tonowhere.shop.test. 3600 CNAME nowhere.shop.test.'] }],
    ['toent A', { ...noData, answers: ['toent.shop.test. 3600 CNAME ent.shop.test.'] }],
    ['outside A', { answers: ['outside.shop.test. 3600 CNAME www.elsewhere.invalid.'] }],
    [
      'tosub A',
      {
        answers: ['tosub.shop.test. 3600 CNAME host.sub.shop.test.'],
        authorities: REFERRAL,
        additionals: [GLUE],
      },
    ],
  ],
  'delegations (RFC 1034, section 4.3.2, step 3b)': [
    ['sub A', referral],
    ['sub NS', referral],
    ['host.sub TXT', referral],
    ['ns2.sub A', referral],
    ['not.there.sub A', referral],
    ['x.deeper.sub A', referral],
  ],
  'DS at a cut (RFC 4035, section 3.1.4.1)': [
    [
      'sub DS',
      {
        answers: ['sub.shop.test. 300 DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000001'],
      },
    ],
    ['sibling DS', noData],
    ['host.sub DS', referral],
    ['@ DS', noData],
  ],
  'wildcards (RFC 4592)': [
    ['any.wild A', { answers: ['any.wild.shop.test. 100 A 192.0.2.100'] }],
    ['deep.below.wild A', { answers: ['deep.below.wild.shop.test. 100 A 192.0.2.100'] }],
    ['any.wild MX', { answers: ['any.wild.shop.test. 100 MX 10 web.shop.test.'], additionals: WEB }],
    ['any.wild TXT', noData],
    ['*.wild A', { answers: ['*.wild.shop.test. 100 A 192.0.2.100'] }],
    ['exists.wild A', noData],
    ['below.exists.wild A', noName],
    ['ent.wild A', noData],
    ['y.ent.wild A', noName],
    ['below.*.wild A', noName],
    ['any.entwild TXT', noData],
    ['any.cname A', { answers: ['any.cname.shop.test. 3600 CNAME web.shop.test.', ...WEB] }],
    [
      'towild A',
      {
        answers: ['towild.shop.test. 3600 CNAME any.wild.shop.test.', 'any.wild.shop.test. 100 A 192.0.2.100'],
      },
    ],
  ],
  'DNAME (RFC 6672)': [
    ['tree TXT', { answers: ['tree.shop.test. 3600 TXT "the owner of a DNAME is no alias"'] }],
    ['tree DNAME', { answers: [TREE] }],
    ['tree A', noData],
    [
      'oak.tree A',
      {
        answers: [
          TREE,
          'oak.tree.shop.test. 222 CNAME oak.forest.shop.test.',
          'oak.forest.shop.test. 3600 A 192.0.2.77',
        ],
      },
    ],
    ['oak.tree CNAME', { answers: [TREE, 'oak.tree.shop.test. 222 CNAME oak.forest.shop.test.'] }],
    [
      'elm.tree A',
      {
        answers: [
          TREE,
          'elm.tree.shop.test. 222 CNAME elm.forest.shop.test.',
          'elm.forest.shop.test. 3600 CNAME web.shop.test.',
          ...WEB,
        ],
      },
    ],
    ['yew.tree A', { ...noName, answers: [TREE, 'yew.tree.shop.test. 222 CNAME yew.forest.shop.test.'] }],
    [
      'x.away A',
      {
        answers: ['away.shop.test. 3600 DNAME elsewhere.invalid.', 'x.away.shop.test. 3600 CNAME x.elsewhere.invalid.'],
      },
    ],
  ],
};

function questionOf(text: string): Question {
  const [name = '', type = ''] = text.split(' ');
  return { name: Name.parse(name, Name.parse(ORIGIN)), type: parseType(type), class: RRClass.IN };
}

/** Names without case, data as it stands in a master file. */
function show({ name, ttl, type, rdata }: ResourceRecord): string {
  return `${name.lowerCase()} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`;
}

const shown = (records: readonly ResourceRecord[]) => records.map(show).sort();

function expectAnswer(message: Message, expected: Expected): void {
  const { answers = [], authorities, additionals = [] } = expected;
  expect({
    rcode: rcodeName(message.rcode),
    authoritative: message.authoritative,
    answers: shown(message.answers),
  }).toEqual({
    rcode: expected.rcode ?? 'NOERROR',
    authoritative: expected.authoritative ?? true,
    answers: [...answers].sort(),
  });
  if (authorities !== undefined) expect(shown(message.authorities)).toEqual([...authorities].sort());
  expect(shown(message.additionals)).toEqual(expect.arrayContaining([...additionals]));
}

/** A server that has the zone and no other. */
export function answersContract(name: string, open: (text: string, origin: string) => Promise<AnsweringSubject>): void {
  describe(`the contract of answers on ${name}`, () => {
    let subject: AnsweringSubject;
    beforeAll(async () => {
      subject = await open(CONTRACT_ZONE, ORIGIN);
    });
    afterAll(() => subject.close());

    describe.each(Object.entries(cases))('%s', (_, list) => {
      test.each(list)('%s', async (question, expected) => {
        expectAnswer(await subject.ask(questionOf(question)), expected);
      });
    });

    test('a name of no zone here is refused', async () => {
      const message = await subject.ask(questionOf('www.elsewhere.invalid. A'));
      expect(rcodeName(message.rcode)).toBe('REFUSED');
      expect(message.authoritative).toBe(false);
      expect([...message.answers, ...message.authorities, ...message.additionals]).toEqual([]);
    });
  });
}

/** Answers, and the reads that they are made of. */
export function zoneDataContract(
  name: string,
  makeZone: (text: string, origin: string) => Promise<ZonesSubject>,
): void {
  answersContract(name, async (text, origin) => {
    const { zones, close } = await makeZone(text, origin);
    const ask = async (question: Question) => respond(zones, makeMessage({ questions: [question] }));
    return { ask, close };
  });

  describe(`the contract of zone data on ${name}`, () => {
    let subject: ZonesSubject;
    let zone: ZoneData;
    beforeAll(async () => {
      subject = await makeZone(CONTRACT_ZONE, ORIGIN);
      zone = zoneWith(subject.zones, 'shop.test.');
    });
    afterAll(() => subject.close());

    const at = (text: string) => Name.parse(text, Name.parse(ORIGIN));
    const node = (text: string) => zone.node(at(text)).flatMap(recordsOf).map(show).sort();
    const encloser = (text: string) => zone.closestEncloser(at(text)).lowerCase().toString();

    test('the zone is found by its origin and everything below, in any case', () => {
      for (const text of ['shop.test.', 'a.b.c.shop.test.', 'SUB.Shop.TEST.'])
        expect(zoneWith(subject.zones, text).origin.equals(at('@'))).toBe(true);
    });

    test('no zone is found above the origin, beside it, or by a part of a label', () => {
      for (const text of ['.', 'test.', 'other.test.', 'workshop.test.', 'shop.test.invalid.'])
        expect(subject.zones.find(Name.parse(text))).toBeUndefined();
    });

    test('a node has every record of its owner and of nobody else', () => {
      const all = [...parseMasterFile([CONTRACT_ZONE], { file: 'zone', origin: at('@') })];
      for (const owner of all.map(({ name: one }) => one)) {
        const expected = shown(all.filter((record) => record.name.equals(owner)));
        expect(zone.node(owner).flatMap(recordsOf).map(show).sort()).toEqual(expected);
      }
    });

    test('a node has one RRset a type, with one TTL', () => {
      const sets = zone.node(at('web'));
      expect(sets.map(({ type, ttl, rdatas }) => [typeName(type), ttl, rdatas.length]).sort()).toEqual([
        ['A', 60, 2],
        ['AAAA', 60, 1],
        ['TXT', 60, 1],
      ]);
    });

    test('names are found in any case, and keep the case they were stored in', () => {
      const [set] = zone.node(at('wWw'));
      expect(set?.name.toString()).toBe('WWW.shop.test.');
      expect(set?.rdatas.map((rdata) => printRdata(5, rdata))).toEqual(['web.shop.test.']);
    });

    test('empty non-terminals and names that do not exist have no sets', () => {
      for (const text of ['ent', 'b.ent', 'nowhere', 'x.web', 'any.wild']) expect(node(text)).toEqual([]);
    });

    test('data is found below cuts and DNAMEs, too: what it is worth is not the zone data’s to say', () => {
      expect(node('ns2.sub')).toEqual([GLUE]);
      expect(encloser('x.host.sub')).toBe('host.sub.shop.test.');
    });

    test.each([
      ['@', 'shop.test.'],
      ['web', 'web.shop.test.'],
      ['WEB', 'web.shop.test.'],
      ['a.b.web', 'web.shop.test.'],
      ['nowhere', 'shop.test.'],
      ['x.y.z.nowhere', 'shop.test.'],
      ['ent', 'ent.shop.test.'],
      ['b.ent', 'b.ent.shop.test.'],
      ['c.ent', 'ent.shop.test.'],
      ['c.b.ent', 'b.ent.shop.test.'],
      ['z.a.b.ent', 'a.b.ent.shop.test.'],
      ['any.wild', 'wild.shop.test.'],
      ['*.wild', '*.wild.shop.test.'],
      ['*.entwild', '*.entwild.shop.test.'],
    ])('the closest encloser of %s is %s', (text, expected) => {
      expect(encloser(text)).toBe(expected);
    });

    test('labels count as a whole for the closest encloser, whatever octets they have', () => {
      expect(encloser('foo')).toBe('shop.test.');
      expect(encloser('x.foobarbar')).toBe('shop.test.');
      expect(encloser('ted')).toBe('shop.test.');
      expect(encloser('x.dot\\.ted')).toBe('dot\\.ted.shop.test.');
      expect(encloser('x.\\000x')).toBe('\\000x.shop.test.');
      expect(encloser('\\000')).toBe('shop.test.');
      expect(encloser('x.\\001')).toBe('\\001.shop.test.');
      expect(encloser('\\001\\001')).toBe('shop.test.');
      expect(encloser('\\255')).toBe('shop.test.');
    });
  });
}

function zoneWith(zones: ZoneSet, text: string): ZoneData {
  const zone = zones.find(Name.parse(text));
  if (zone === undefined) throw new Error(`no zone for ${text}`);
  return zone;
}
