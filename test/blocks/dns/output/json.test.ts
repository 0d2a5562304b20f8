import { describe, expect, test } from 'vitest';
import { type JsonObject, messageJson } from '../../../../src/blocks/dns/output/json.js';
import type { EdnsOption } from '../../../../src/blocks/dns/wire.js';
import { answerTo, question } from '../client/fake-server.js';

const octets = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const ednsOf = (...options: EdnsOption[]) =>
  messageJson(answerTo(question('a.test'), [], { edns: { udpSize: 1232, version: 0, dnssecOk: true, options } }))[
    'EDNS'
  ];

function recordJson(text: string): JsonObject {
  const { answerRRs } = messageJson(answerTo(question('a.test'), [text]));
  if (!Array.isArray(answerRRs)) throw new Error('no records');
  return answerRRs[0];
}

describe('RFC 8427', () => {
  test('section 2.1: a message', () => {
    const query = { ...question('a.test', 'MX'), id: 4711 };
    expect(messageJson(answerTo(query, ['a.test. 60 MX 10 m.test.'], { authoritative: true, rcode: 0 }))).toEqual({
      ID: 4711,
      QR: 1,
      Opcode: 0,
      AA: 1,
      TC: 0,
      RD: 1,
      RA: 0,
      AD: 0,
      CD: 0,
      RCODE: 0,
      RCODEname: 'NOERROR',
      QDCOUNT: 1,
      ANCOUNT: 1,
      NSCOUNT: 0,
      ARCOUNT: 0,
      QNAME: 'a.test.',
      QTYPE: 15,
      QTYPEname: 'MX',
      QCLASS: 1,
      QCLASSname: 'IN',
      answerRRs: [
        {
          NAME: 'a.test.',
          TYPE: 15,
          TYPEname: 'MX',
          CLASS: 1,
          CLASSname: 'IN',
          TTL: 60,
          rdataMX: '10 m.test.',
          RDLENGTH: 10,
          RDATAHEX: '000A016D047465737400',
        },
      ],
    });
  });

  test('section 2.3: data by its type; of an unknown type its octets alone', () => {
    expect(recordJson('a.test. 60 TXT "x\\"y"')).toMatchObject({ rdataTXT: '"x\\"y"' });
    const unknown = recordJson('a.test. 60 TYPE65280 \\# 2 abcd');
    expect(unknown).toMatchObject({ TYPEname: 'TYPE65280', RDLENGTH: 2, RDATAHEX: 'ABCD' });
    expect(Object.keys(unknown).filter((key) => key.startsWith('rdata'))).toEqual([]);
  });

  test('section 2.6: a name is in ASCII, odd octets escaped', () => {
    expect(recordJson('a\\.b\\007\\200.test. 60 A 192.0.2.1')['NAME']).toBe('a\\.b\\007\\200.test.');
  });
});

describe('EDNS, as draft-peltan-edns-presentation-format has it', () => {
  test('without options; ARCOUNT counts it', () => {
    const json = messageJson(
      answerTo(question('a.test'), [], {
        rcode: 16,
        edns: { udpSize: 4096, version: 0, dnssecOk: false, options: [] },
      }),
    );
    expect(json).toMatchObject({ ARCOUNT: 1, EDNS: { version: 0, flags: [], rcode: 'BADVERS', udpsize: 4096 } });
  });

  test.each([
    [3, '6e7331', { NSID: { HEX: '6e7331', TEXT: 'ns1' } }],
    [3, '6e1b', { NSID: { HEX: '6e1b', TEXT: '' } }],
    [8, '00011810c00002', { ECS: '192.0.2.0/24/16' }],
    [8, '00012000c0000201', { ECS: '192.0.2.1/32' }],
    [8, '0001', { ECS: '0001' }],
    [9, '00093a80', { EXPIRE: 604_800 }],
    [9, '', { EXPIRE: 'NONE' }],
    [10, '0102030405060708', { COOKIE: ['0102030405060708'] }],
    [10, '010203040506070809', { COOKIE: ['0102030405060708', '09'] }],
    [11, '012c', { KEEPALIVE: 300 }],
    [12, '0000', { PADDING: { LENGTH: 2 } }],
    [12, '0001', { PADDING: { LENGTH: 2, HEX: '0001' } }],
    [15, '0012', { EDE: { CODE: 18, Purpose: 'Prohibited' } }],
    [15, 'c80078', { EDE: { CODE: 51_200, TEXT: 'x' } }],
    [65_001, 'beef', { OPT65001: 'beef' }],
  ])('option %i %s', (code, hex, expected) => {
    expect(ednsOf({ code, data: octets(hex) })).toEqual({
      version: 0,
      flags: ['DO'],
      rcode: 'NOERROR',
      udpsize: 1232,
      ...expected,
    });
  });

  test('several extended errors are an array, so that none is lost', () => {
    expect(ednsOf({ code: 15, data: octets('0003') }, { code: 15, data: octets('0012') })).toMatchObject({
      EDE: [{ CODE: 3 }, { CODE: 18 }],
    });
  });
});
