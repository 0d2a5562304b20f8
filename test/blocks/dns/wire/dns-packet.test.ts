/**
 * The codec beside npm's dns-packet 5.6: the same meaning both ways where that one is right, and what it is known to get
 * wrong. Should a later version mend one of these, its test here fails and can go.
 */
import dnsPacket, { type Answer, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { makeMessage, parseType, RRClass, readMessage, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { words } from '../words.js';
import { packet, record } from './packets.js';
import { plain } from './plain.js';

/** A record as dns-packet has it, and its data as text. */
interface Ordinary {
  readonly theirs: Answer;
  readonly text: string;
}

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const uint8 = fc.integer({ min: 0, max: 255 });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint31 = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const address4 = fc.tuple(uint8, uint8, uint8, uint8).map((octets) => octets.join('.'));
/** Groups that no zeros are left out of: the two shorten in their own ways. */
const address6 = fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((groups) => {
  return groups.map((group) => group.toString(16)).join(':');
});
const ascii = fc.stringMatching(/^[a-zA-Z0-9 =;:./_-]{0,60}$/);
const binary = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((octets) => Buffer.from(octets));
const sha1 = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((octets) => Buffer.from(octets));
const types = fc.uniqueArray(fc.constantFrom('A', 'NS', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'NSEC'), { minLength: 1 });

type Make = (name: string, ttl: number) => Ordinary;

const ordinary: Readonly<Record<string, fc.Arbitrary<Make>>> = {
  A: address4.map((data) => (name, ttl) => ({ theirs: { type: 'A', name, ttl, data }, text: data })),
  AAAA: address6.map((data) => (name, ttl) => ({ theirs: { type: 'AAAA', name, ttl, data }, text: data })),
  CNAME: host.map((data) => (name, ttl) => ({ theirs: { type: 'CNAME', name, ttl, data }, text: `${data}.` })),
  NS: host.map((data) => (name, ttl) => ({ theirs: { type: 'NS', name, ttl, data }, text: `${data}.` })),
  PTR: host.map((data) => (name, ttl) => ({ theirs: { type: 'PTR', name, ttl, data }, text: `${data}.` })),
  DNAME: host.map((data) => (name, ttl) => ({ theirs: { type: 'DNAME', name, ttl, data }, text: `${data}.` })),
  MX: fc.tuple(uint16, host).map(([preference, exchange]) => (name, ttl) => ({
    theirs: { type: 'MX', name, ttl, data: { preference, exchange } },
    text: `${preference} ${exchange}.`,
  })),
  TXT: fc.array(ascii, { minLength: 1, maxLength: 3 }).map((strings) => (name, ttl) => ({
    theirs: { type: 'TXT', name, ttl, data: strings.map((each) => Buffer.from(each)) },
    text: strings.map((each) => `"${each}"`).join(' '),
  })),
  SRV: fc.tuple(uint16, uint16, uint16, host).map(([priority, weight, port, target]) => (name, ttl) => ({
    theirs: { type: 'SRV', name, ttl, data: { priority, weight, port, target } },
    text: `${priority} ${weight} ${port} ${target}.`,
  })),
  SOA: fc.tuple(host, host, uint31, uint31, uint31, uint31, uint31).map(([mname, rname, ...numbers]) => (name, ttl) => {
    const [serial, refresh, retry, expire, minimum] = numbers;
    return {
      theirs: { type: 'SOA', name, ttl, data: { mname, rname, serial, refresh, retry, expire, minimum } },
      text: `${mname}. ${rname}. ${numbers.join(' ')}`,
    };
  }),
  CAA: fc.tuple(fc.constantFrom('issue', 'issuewild', 'iodef'), ascii, fc.boolean()).map(([tag, value, critical]) => {
    return (name, ttl) => ({
      theirs: { type: 'CAA', name, ttl, data: { tag, value, flags: critical ? 128 : 0, issuerCritical: critical } },
      text: `${critical ? 128 : 0} ${tag} "${value}"`,
    });
  }),
  HINFO: fc.tuple(ascii, ascii).map(([cpu, os]) => (name, ttl) => ({
    theirs: { type: 'HINFO', name, ttl, data: { cpu, os } },
    text: `"${cpu}" "${os}"`,
  })),
  RP: fc.tuple(host, host).map(([mbox, txt]) => (name, ttl) => ({
    theirs: { type: 'RP', name, ttl, data: { mbox, txt } },
    text: `${mbox}. ${txt}.`,
  })),
  DS: fc.tuple(uint16, uint8, sha1).map(([keyTag, algorithm, digest]) => (name, ttl) => ({
    theirs: { type: 'DS', name, ttl, data: { keyTag, algorithm, digestType: 1, digest } },
    text: `${keyTag} ${algorithm} 1 ${digest.toString('hex')}`,
  })),
  DNSKEY: fc.tuple(uint16, uint8, binary).map(([flags, algorithm, key]) => (name, ttl) => ({
    theirs: { type: 'DNSKEY', name, ttl, data: { flags, algorithm, key } },
    text: `${flags} 3 ${algorithm} ${key.toString('base64')}`,
  })),
  RRSIG: fc.tuple(uint8, uint8, uint31, uint31, uint31, uint16, host, binary).map((parts) => (name, ttl) => {
    const [algorithm, labels, originalTTL, expiration, inception, keyTag, signersName, signature] = parts;
    const data = { algorithm, labels, originalTTL, expiration, inception, keyTag, signersName, signature };
    return {
      theirs: { type: 'RRSIG', name, ttl, data: { ...data, typeCovered: 'A' } },
      text: `A ${parts.slice(0, 6).join(' ')} ${signersName}. ${signature.toString('base64')}`,
    };
  }),
  NSEC: fc.tuple(host, types).map(([nextDomain, rrtypes]) => (name, ttl) => ({
    theirs: { type: 'NSEC', name, ttl, data: { nextDomain, rrtypes } },
    text: `${nextDomain}. ${rrtypes.join(' ')}`,
  })),
  SSHFP: fc.tuple(fc.constantFrom(1, 2, 3, 4), sha1).map(([algorithm, digest]) => (name, ttl) => ({
    theirs: { type: 'SSHFP', name, ttl, data: { algorithm, hash: 1, fingerprint: digest.toString('hex') } },
    text: `${algorithm} 1 ${digest.toString('hex')}`,
  })),
  TLSA: fc.tuple(uint8, uint8, uint8, binary).map(([usage, selector, matchingType, certificate]) => (name, ttl) => ({
    theirs: { type: 'TLSA', name, ttl, data: { usage, selector, matchingType, certificate } },
    text: `${usage} ${selector} ${matchingType} ${certificate.toString('hex')}`,
  })),
  NAPTR: fc.tuple(uint16, uint16, ascii, ascii, ascii, host).map((parts) => (name, ttl) => {
    const [order, preference, flags, services, regexp, replacement] = parts;
    return {
      theirs: { type: 'NAPTR', name, ttl, data: { order, preference, flags, services, regexp, replacement } },
      text: `${order} ${preference} "${flags}" "${services}" "${regexp}" ${replacement}.`,
    };
  }),
};

const make = (name: string, ttl: number, text: string, type: string): ResourceRecord => ({
  name: Name.parse(name),
  ttl,
  type: parseType(type),
  class: RRClass.IN,
  rdata: parseRdata(parseType(type), words(text), Name.root),
});

const record$ = fc.oneof(
  ...Object.entries(ordinary).map(([type, makes]) => {
    return fc.tuple(host, uint31, makes).map(([name, ttl, build]) => ({ type, name, ttl, ...build(name, ttl) }));
  }),
);

const message$ = fc
  .record({
    id: uint16,
    name: host,
    answers: fc.array(record$, { maxLength: 5 }),
    extra: fc.array(record$, { maxLength: 3 }),
  })
  .map(({ id, name, answers, extra }) => {
    const ours = makeMessage({
      id,
      response: true,
      authoritative: true,
      recursionDesired: true,
      questions: [{ name: Name.parse(name), type: parseType('A'), class: RRClass.IN }],
      answers: answers.map((each) => make(each.name, each.ttl, each.text, each.type)),
      authorities: extra.map((each) => make(each.name, each.ttl, each.text, each.type)),
    });
    const theirs: Packet = {
      id,
      type: 'response',
      flags: dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_DESIRED,
      questions: [{ type: 'A', name }],
      answers: answers.map((each) => each.theirs),
      authorities: extra.map((each) => each.theirs),
    };
    return { ours, theirs };
  });

describe('the same meaning', () => {
  test('what dns-packet writes is read', () => {
    fc.assert(
      fc.property(message$, ({ ours, theirs }) => {
        expect(plain(readMessage(dnsPacket.encode(theirs)))).toEqual(plain(ours));
      }),
      { numRuns: 300 },
    );
  });

  test('what is written is read by dns-packet', () => {
    fc.assert(
      fc.property(message$, ({ ours, theirs }) => {
        const decoded = dnsPacket.decode(Buffer.from(writeMessage(ours)));
        const wanted = dnsPacket.decode(dnsPacket.encode(theirs));
        expect(lowerOwners(decoded)).toEqual(lowerOwners(wanted));
      }),
      { numRuns: 300 },
    );
  });

  test('of a query with EDNS', () => {
    const options = [{ code: 12 as const, type: 'PADDING' as const, length: 5 }];
    const theirs = dnsPacket.encode({
      id: 1,
      type: 'query',
      questions: [{ type: 'MX', name: 'example.com' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: dnsPacket.DNSSEC_OK,
          flag_do: true,
          options,
        },
      ],
    });
    const ours = makeMessage({
      id: 1,
      questions: [{ name: Name.parse('example.com.'), type: 15, class: 1 }],
      edns: { udpSize: 1232, version: 0, dnssecOk: true, options: [{ code: 12, data: new Uint8Array(5) }] },
    });
    expect(readMessage(theirs)).toEqual(ours);
    expect(Buffer.from(writeMessage(ours))).toEqual(theirs);
  });
});

/** An owner takes over the case of a name before it (RFC 1035, section 2.3.3). */
function lowerOwners(message: Packet) {
  const lower = (answers: readonly Answer[] = []) =>
    answers.map((each) => ({ ...each, name: each.name.toLowerCase() }));
  return { ...message, answers: lower(message.answers), authorities: lower(message.authorities) };
}

describe('what dns-packet corrupts', () => {
  const query = (name: string) => dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] });
  const refused = (code: string) => expect.objectContaining({ code });

  test('a label of 64 octets becomes something reserved; here it is refused', () => {
    const name = `${'a'.repeat(64)}.com`;
    expect(query(name)[12]).toBe(0x40);
    expect(() => Name.parse(name)).toThrow(refused('dns.bad_name'));
    expect(() => readMessage(query(name))).toThrow(refused('dns.malformed'));
  });

  test('a name of more than 255 octets is written; here it is refused', () => {
    const name = Array.from({ length: 5 }, () => 'a'.repeat(60)).join('.');
    expect(query(name)).toHaveLength(12 + 306 + 4);
    expect(() => Name.parse(name)).toThrow(refused('dns.bad_name'));
    expect(() => readMessage(query(name))).toThrow(refused('dns.malformed'));
  });

  test('a..com ends within the name, and what follows is taken for the type; here it is refused', () => {
    expect(dnsPacket.decode(query('a..com')).questions).toEqual([
      { name: 'a', type: 'UNKNOWN_867', class: 'UNKNOWN_28525' },
    ]);
    expect(() => Name.parse('a..com')).toThrow(refused('dns.bad_name'));
    expect(() => readMessage(query('a..com'))).toThrow(refused('dns.malformed'));
  });

  test.each([
    ['a dot within a label', "'a.b' 'c' 00 0001 0001", 'a\\.b.c.'],
    ['octets that are no UTF-8', "'\xff\x80' 'c' 00 0001 0001", '\\255\\128.c.'],
  ])('%s becomes another name; here it stays', (_, body, text) => {
    const bytes = packet([1, 0, 0, 0], body);
    expect(dnsPacket.encode(dnsPacket.decode(bytes))).not.toEqual(bytes);
    const message = readMessage(bytes);
    expect(message.questions[0]?.name.toString()).toBe(text);
    expect(Buffer.from(writeMessage(message))).toEqual(bytes);
    expect(Name.parse(text).wire).toEqual(message.questions[0]?.name.wire);
  });

  test('a TXT string of 300 octets gets the length 44; here it is refused', () => {
    const answers: Answer[] = [{ type: 'TXT', name: 'a', ttl: 1, data: ['x'.repeat(300)] }];
    const bytes = dnsPacket.encode({ type: 'response', id: 1, answers });
    expect(bytes.includes(Buffer.from('\x2cxxxx'))).toBe(true);
    expect(() => parseRdata(parseType('TXT'), words('x'.repeat(300)), Name.root)).toThrow(refused('dns.bad_record'));
    expect(() => readMessage(bytes)).toThrow(refused('dns.malformed'));
  });

  test('data of a type that it does not know keeps its pointers or none; here they are resolved where the type has them', () => {
    // The exchanger is a pointer to the question, which becomes another.
    const kx = packet([1, 1, 0, 0], "'example' 00 0024 0001 c00c 0024 0001 00000001 0004 000a c00c");
    const theirs = { ...dnsPacket.decode(kx), questions: [{ type: 'A', name: 'elsewhere' } as const] };
    expect(readMessage(dnsPacket.encode(theirs)).answers).toEqual([record('example. 1 KX 10 elsewhere.')]);
    const ours = { ...readMessage(kx), questions: [{ name: Name.parse('elsewhere.'), type: 1, class: RRClass.IN }] };
    expect(readMessage(writeMessage(ours)).answers).toEqual([record('example. 1 KX 10 example.')]);
  });

  test('octets behind the message, wrong lengths and TTLs beyond 2^31 - 1 pass; here they do not', () => {
    const answer = (ttl: string, length: string, data: string) =>
      packet([0, 1, 0, 0], `'a' 00 0001 0001 ${ttl} ${length} ${data}`);
    const trailing = Buffer.concat([answer('00000001', '0004', '0a000001'), Buffer.from([0])]);
    expect(dnsPacket.decode(trailing).answers).toHaveLength(1);
    expect(() => readMessage(trailing)).toThrow(refused('dns.malformed'));
    expect(dnsPacket.decode(answer('00000001', '0005', '0a00000100')).answers).toHaveLength(1);
    expect(() => readMessage(answer('00000001', '0005', '0a00000100'))).toThrow(refused('dns.malformed'));
    expect(dnsPacket.decode(answer('ffffffff', '0004', '0a000001')).answers).toMatchObject([{ ttl: 2 ** 32 - 1 }]);
    expect(readMessage(answer('ffffffff', '0004', '0a000001')).answers).toMatchObject([{ ttl: 2 ** 31 - 1 }]);
  });

  test('an address in another class is taken for one of the internet; here it is nothing but octets', () => {
    const bytes = packet([0, 1, 0, 0], "'a' 00 0001 0003 00000001 0002 aabb");
    expect(dnsPacket.decode(bytes).answers).toMatchObject([{ data: '170.187.undefined.undefined' }]);
    expect(readMessage(bytes).answers).toMatchObject([{ rdata: Uint8Array.of(0xaa, 0xbb) }]);
  });
});
