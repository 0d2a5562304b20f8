import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import {
  type Edns,
  type Message,
  makeMessage,
  parseType,
  RRClass,
  readMessage,
  responseTo,
  writeMessage,
} from '../../../../src/blocks/dns/wire.js';
import { octets, packet, record } from './packets.js';
import { plain } from './plain.js';

const edns: Edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
const ask = (name: string, type: string) => ({ name: Name.parse(name), type: parseType(type), class: RRClass.IN });
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const write = (parts: Partial<Message>, limit?: number) =>
  writeMessage(makeMessage({ id: 0x1234, ...parts }), limit === undefined ? {} : { limit });

describe('form', () => {
  test('a query as RFC 1035, section 4.1, has it', () => {
    const query = write({ recursionDesired: true, questions: [ask('Example.com.', 'MX')] });
    expect(hexOf(query)).toBe('123401000001000000000000' + '074578616d706c6503636f6d00000f0001');
  });

  test('every flag has its bit', () => {
    const bits: [Partial<Message>, number][] = [
      [{ response: true }, 0x8000],
      [{ opcode: 15 }, 0x7800],
      [{ authoritative: true }, 0x0400],
      [{ truncated: true }, 0x0200],
      [{ recursionDesired: true }, 0x0100],
      [{ recursionAvailable: true }, 0x0080],
      [{ zero: true }, 0x0040],
      [{ authenticData: true }, 0x0020],
      [{ checkingDisabled: true }, 0x0010],
      [{ rcode: 15 }, 0x000f],
    ];
    for (const [parts, flags] of bits) {
      expect(Buffer.from(write(parts)).readUInt16BE(2)).toBe(flags);
      expect(readMessage(write(parts))).toMatchObject(parts);
    }
  });

  test('OPT stands last, with the upper bits of the response code (RFC 6891, section 6.1.3)', () => {
    const options = [{ code: 10, data: Uint8Array.of(1, 2) }];
    const bytes = write({ rcode: 23, edns: { ...edns, version: 1, dnssecOk: true, options } });
    expect(hexOf(bytes)).toBe('123400070000000000000001' + '00002904d0010180000006000a00020102');
  });

  test('a response takes over id, opcode, question, RD and CD', () => {
    const query = makeMessage({
      id: 7,
      opcode: 4,
      recursionDesired: true,
      checkingDisabled: true,
      authenticData: true,
      questions: [ask('a.', 'A')],
      edns,
    });
    const response = responseTo(query, { rcode: 5 });
    expect(response).toMatchObject({
      id: 7,
      opcode: 4,
      response: true,
      recursionDesired: true,
      checkingDisabled: true,
    });
    expect(response).toMatchObject({ rcode: 5, authenticData: false, questions: query.questions });
    expect(response).not.toHaveProperty('edns');
  });
});

describe('values that have no place in a message are refused', () => {
  test.each([
    [{ id: 65_536 }, 'id is 65536, not a whole number from 0 to 65535'],
    [{ id: -1 }, 'id is -1'],
    [{ opcode: 16 }, 'opcode is 16'],
    [{ rcode: 16 }, 'rcode without EDNS is 16, not a whole number from 0 to 15'],
    [{ rcode: 4096, edns }, 'rcode is 4096, not a whole number from 0 to 4095'],
    [{ answers: [{ ...record('a. 1 A 192.0.2.1'), ttl: 2 ** 31 }] }, 'TTL is 2147483648'],
    [{ answers: [{ ...record('a. 1 A 192.0.2.1'), ttl: -1 }] }, 'TTL is -1'],
    [{ answers: [{ ...record('a. 1 A 192.0.2.1'), ttl: 1.5 }] }, 'TTL is 1.5'],
    [{ answers: [{ ...record('a. 1 A 192.0.2.1'), ttl: Number.NaN }] }, 'TTL is NaN'],
  ])('%o', (parts, message) => {
    expect(() => write(parts)).toThrow(
      expect.objectContaining({ code: 'dns.unwritable', message: expect.stringContaining(message) }),
    );
  });
});

describe('compression (RFC 1035, section 4.1.4)', () => {
  test('the longest suffix that stands before becomes a pointer', () => {
    const bytes = write({
      questions: [ask('www.example.com.', 'A')],
      answers: [record('www.example.com. 60 CNAME web.example.com.'), record('web.example.com. 60 A 192.0.2.1')],
      authorities: [record('com. 60 NS a.gtld.com.')],
    });
    const expected = packet(
      [1, 2, 1, 0],
      `'www' 'example' 'com' 00 0001 0001
       c00c 0005 0001 0000003c 0006 'web' c010
       c02d 0001 0001 0000003c 0004 c0000201
       c018 0002 0001 0000003c 0009 'a' 'gtld' c018`,
    );
    expect(hexOf(bytes)).toBe(hexOf(expected));
    expect(readMessage(bytes).authorities[0]?.rdata).toEqual(Name.parse('a.gtld.com.').wire);
  });

  test('the owner follows the case of the question; data keeps its own', () => {
    const bytes = write({
      questions: [ask('wWw.eXample.', 'MX')],
      answers: [record('www.example. 60 MX 10 www.example.'), record('www.example. 60 MX 20 wWw.eXample.')],
    });
    const { questions, answers } = readMessage(bytes);
    expect([questions[0]?.name, answers[0]?.name, answers[1]?.name].map(String)).toEqual(Array(3).fill('wWw.eXample.'));
    expect(answers.map(({ rdata }) => Buffer.from(rdata.subarray(3)).toString('latin1'))).toEqual([
      'www\x07example\0',
      'wWw\x07eXample\0',
    ]);
    // The first target is written out, the second is a pointer to the question.
    expect(hexOf(bytes).endsWith('0004' + '0014' + 'c00c')).toBe(true);
  });

  test.each(['SRV 1 2 3', 'DNAME', 'RP .', 'NAPTR 1 2 "" "" ""', 'KX 1', 'SVCB 1'])(
    'names in data of %s are never compressed (RFC 3597, section 4)',
    (data) => {
      const answer = record(`www.example.com. 60 ${data} www.example.com.`);
      const bytes = write({ questions: [ask('www.example.com.', 'A')], answers: [answer] });
      expect(hexOf(bytes).endsWith(hexOf(answer.rdata))).toBe(true);
    },
  );

  test('no pointer leads beyond its 14 bits', () => {
    const filler = Array.from({ length: 300 }, (_, i) => record(`n${i}. 60 TXT "${'x'.repeat(60)}"`));
    const late = ['late.example.', 'late.example.', 'n1.'].map((name) => record(`${name} 60 A 192.0.2.1`));
    const message = makeMessage({ answers: [...filler, ...late] });
    const bytes = writeMessage(message);
    expect(bytes.length).toBeGreaterThan(0x4000);
    expect(plain(readMessage(bytes))).toEqual(plain(message));
    // The last owner stands within reach; the two before it do not and are written out.
    expect(hexOf(bytes).split(hexOf(octets("'late' 'example' 00")))).toHaveLength(3);
  });

  test('labels with dots, zeros and letters beyond ASCII are compared as octets', () => {
    const names = ['a\\.b.c.', 'a.b.c.', '\\003abc.', 'abc.', 'À.', 'à.', '\\000.', '.'];
    const message = makeMessage({ answers: names.map((name) => record(`${name} 1 NS ${name}`)) });
    expect(plain(readMessage(writeMessage(message)))).toEqual(plain(message));
  });

  test('one message does not see the names of another', () => {
    const first = makeMessage({ answers: [record('a.example. 1 NS b.example.')] });
    const bytes = writeMessage(first);
    expect(() => write({ rcode: 16 })).toThrow('rcode');
    expect(hexOf(writeMessage(first))).toBe(hexOf(bytes));
  });
});

describe('a message that does not fit', () => {
  const many = (owner: string, count: number) =>
    Array.from({ length: count }, (_, i) => record(`${owner} 60 A 192.0.2.${i + 1}`));
  const counts = ({ answers, authorities, additionals, truncated }: Message) => ({
    answers: answers.length,
    authorities: authorities.length,
    additionals: additionals.length,
    truncated,
  });
  const cut = (parts: Partial<Message>, limit: number) => {
    const bytes = write({ response: true, questions: [ask('a.', 'A')], ...parts }, limit);
    expect(bytes.length).toBeLessThanOrEqual(limit);
    return counts(readMessage(bytes));
  };

  // Header and question have 19 octets, each of the addresses 16 (the owner is a pointer) or, first of its owner, 17.
  test('loses whole RRsets, and says so (RFC 2181, sections 5 and 9)', () => {
    const answers = [...many('a.', 4), ...many('b.', 4)];
    expect(cut({ answers }, 512)).toMatchObject({ answers: 8, truncated: false });
    expect(cut({ answers }, 19 + 64 + 17 + 48)).toMatchObject({ answers: 8, truncated: false });
    expect(cut({ answers }, 19 + 64 + 17 + 47)).toMatchObject({ answers: 4, truncated: true });
    expect(cut({ answers }, 19 + 64)).toMatchObject({ answers: 4, truncated: true });
    expect(cut({ answers }, 19 + 63)).toMatchObject({ answers: 0, truncated: true });
    expect(cut({ answers }, 19)).toMatchObject({ answers: 0, truncated: true });
  });

  test('loses everything behind an answer or authority that is missing', () => {
    const parts = { answers: many('a.', 1), authorities: [record('a. 1 TXT "x"')], additionals: many('c.', 1) };
    expect(cut(parts, 512)).toEqual({ answers: 1, authorities: 1, additionals: 1, truncated: false });
    expect(cut(parts, 19 + 16 + 13)).toEqual({ answers: 1, authorities: 0, additionals: 0, truncated: true });
    expect(cut({ ...parts, answers: many('a.', 9) }, 19 + 20)).toMatchObject({ answers: 0, truncated: true });
  });

  test('may lose additional records without a word (RFC 2181, section 9)', () => {
    const parts = { answers: many('a.', 1), additionals: [...many('b.', 2), ...many('c.', 1)] };
    expect(cut(parts, 19 + 16 + 40)).toEqual({ answers: 1, authorities: 0, additionals: 2, truncated: false });
    expect(cut(parts, 19 + 16 + 20)).toEqual({ answers: 1, authorities: 0, additionals: 0, truncated: false });
  });

  test('a referral says when an address below the delegation is missing (RFC 9471, section 3)', () => {
    const delegation = [record('sub.a. 60 NS ns.sub.a.'), record('sub.a. 60 NS ns.other.')];
    const inside = record('ns.sub.a. 60 A 192.0.2.1');
    const sibling = record('ns.other. 60 A 192.0.2.2');
    const octetsOf = (parts: Partial<Message>) => write({ questions: [ask('a.', 'A')], ...parts }).length;
    const whole = octetsOf({ authorities: delegation, additionals: [inside] });
    const bare = octetsOf({ authorities: delegation });
    const both = { authorities: delegation, additionals: [inside, sibling] };
    expect(cut(both, whole)).toMatchObject({ additionals: 1, truncated: false });
    expect(cut(both, bare)).toMatchObject({ additionals: 0, truncated: true });
    expect(cut({ authorities: delegation, additionals: [sibling] }, bare)).toMatchObject({ truncated: false });
    // With authority it is no referral.
    expect(cut({ ...both, authoritative: true }, bare)).toMatchObject({ additionals: 0, truncated: false });
  });

  test('keeps OPT, whatever is lost', () => {
    const options = [{ code: 15, data: new Uint8Array(40) }];
    const bytes = write(
      { questions: [ask('a.', 'A')], answers: many('a.', 30), edns: { ...edns, options }, rcode: 16 },
      80,
    );
    const message = readMessage(bytes);
    expect(counts(message)).toEqual({ answers: 0, authorities: 0, additionals: 0, truncated: true });
    expect(message).toMatchObject({ rcode: 16, edns: { options } });
  });

  test('is an error when even question and OPT do not fit', () => {
    const tooLong = expect.objectContaining({ code: 'dns.message_too_long' });
    expect(() => write({ questions: [ask('a.', 'A')] }, 18)).toThrow(tooLong);
    expect(() => write({ questions: [ask('a.', 'A')], edns }, 29)).toThrow(tooLong);
    expect(() => write({ edns: { ...edns, options: [{ code: 12, data: new Uint8Array(65_530) }] } })).toThrow(tooLong);
  });

  test('never has more than 65,535 octets', () => {
    const big = Array.from({ length: 400 }, (_, i) => record(`n${i}. 1 TXT "${'x'.repeat(250)}"`));
    const message = readMessage(write({ answers: big }, 100_000));
    expect(message.truncated).toBe(true);
    expect(message.answers.length).toBeGreaterThan(240);
    const huge: ResourceRecord = { ...record('a. 1 TXT "x"'), type: 65_280, rdata: new Uint8Array(70_000) };
    expect(readMessage(write({ answers: [huge] }))).toMatchObject({ truncated: true, answers: [] });
  });

  test('an RRset of any size is given up as soon as it is too long', () => {
    const one = record('a. 1 TXT "x"');
    let asked = 0;
    const answers = new Proxy(
      Array.from({ length: 50_000 }, () => one),
      {
        get(records, key, receiver) {
          if (typeof key === 'string' && /^\d+$/.test(key)) asked++;
          return Reflect.get(records, key, receiver);
        },
      },
    );
    expect(readMessage(write({ answers }, 512))).toMatchObject({ truncated: true, answers: [] });
    expect(asked).toBeLessThan(100);
  });
});
