import { describe, expect, test } from 'vitest';
import { makeQuery } from '../../../../src/blocks/dns/client/make-query.js';
import { hex, readClientSubnet } from '../../../../src/blocks/dns/edns-options.js';
import { readMessage, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { parseNetwork } from '../../../../src/platform/ip-address.js';
import { question } from './fake-server.js';

const asked = question('a.test').questions[0];

/** Codes and data of the options, as they arrive. */
function optionsOf(edns: NonNullable<Parameters<typeof makeQuery>[0]['edns']>) {
  const read = readMessage(writeMessage(makeQuery({ question: asked, edns })));
  return (read.edns?.options ?? []).map(({ code, data }) => [code, hex(data)]);
}

describe('queries', () => {
  test('without EDNS, and without a question', () => {
    expect(makeQuery({ question: asked }).edns).toBeUndefined();
    expect(writeMessage(makeQuery({ question: undefined }))).toHaveLength(12);
  });

  test('EDNS says 1232 octets, version 0 and no DO', () => {
    const { edns } = makeQuery({ question: asked, edns: {} });
    expect(edns).toEqual({ version: 0, udpSize: 1232, dnssecOk: false, options: [] });
  });

  test('options', () => {
    const cookie = Buffer.from('0102030405060708', 'hex');
    expect(
      optionsOf({ nsid: true, cookie, expire: true, keepalive: true, more: [{ code: 65_001, data: cookie }] }),
    ).toEqual([
      [3, ''],
      [10, '0102030405060708'],
      [9, ''],
      [11, ''],
      [65_001, '0102030405060708'],
    ]);
  });

  test.each([
    ['192.0.2.77/24', '00011800c00002', '192.0.2.0'],
    ['192.0.2.255/25', '00011900c0000280', '192.0.2.128'],
    ['0.0.0.0/0', '00010000', '0.0.0.0'],
    ['2001:db8:ffff::/36', '0002240020010db8f0', '2001:db8:f000::'],
  ])('RFC 7871, section 6: client subnet %s has no more octets than it needs', (network, data, address) => {
    const subnet = parseNetwork(network);
    if (subnet === undefined) throw new Error(network);
    expect(optionsOf({ subnet })).toEqual([[8, data]]);
    expect(readClientSubnet(Buffer.from(data, 'hex'))?.address).toBe(address);
  });

  test.each([
    ['0001', undefined],
    ['00012100c0000201ff', undefined],
    ['00011800c0000201', undefined],
    ['000118', undefined],
    ['00630800aa', 'aa'],
  ])('a client subnet %s', (data, address) => {
    expect(readClientSubnet(Buffer.from(data, 'hex'))?.address).toBe(address);
  });

  test.each([32, 128, 468])('RFC 8467: padded to a multiple of %i octets', (padding) => {
    for (const name of ['a.test', 'a-longer-name.test', `${'x'.repeat(60)}.test`]) {
      const query = makeQuery({ question: question(name).questions[0], edns: { padding, nsid: true } });
      expect(writeMessage(query).length % padding).toBe(0);
    }
  });
});
