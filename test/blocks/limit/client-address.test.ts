import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ForwardingHeader, readTrustedProxies } from '../../../src/blocks/limit/client-address.js';
import { formatIp, isWithin, networkText, parseIp, parseNetwork } from '../../../src/platform/ip-address.js';

const text = (address: string) => {
  const parsed = parseIp(address);
  return parsed === undefined ? undefined : formatIp(parsed);
};

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1::1', '2001:0:0:1::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['fe80::1%eth0', 'fe80::1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s is %s', (given, canonical) => {
    expect(text(given)).toBe(canonical);
  });

  test.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7:8:9',
    '::%',
    `::${'1'.repeat(200)}`,
  ])('%j is none', (given) => {
    expect(parseIp(given)).toBeUndefined();
  });

  test('is read where Node reads one, and nowhere else', () => {
    const nearly = fc.stringMatching(/^[0-9a-f:.]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly), (address) => {
        expect(parseIp(address) !== undefined).toBe(isIPv4(address) || isIPv6(address));
      }),
    );
  });

  test('is written so that it is read back as itself, in one form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const written = text(address) ?? '';
        expect(text(written)).toBe(written);
        expect(text(address.toUpperCase())).toBe(written);
      }),
    );
  });

  test.each([
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2ff:3:4:5:6', 56, '2001:db8:1:200::/56'],
    ['2001:db8::1', 128, '2001:db8::1'],
    ['2001:db8::1', 0, '::/0'],
    ['203.0.113.77', 24, '203.0.113.0/24'],
    ['203.0.113.77', 28, '203.0.113.64/28'],
    ['203.0.113.77', 32, '203.0.113.77'],
  ])('%s lies in its /%i, %s', (address, prefix, network) => {
    const parsed = parseIp(address);
    expect(parsed && networkText(parsed, prefix)).toBe(network);
  });

  test('lies in each of its own networks, and in none that differs within the prefix', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 1, max: 128 }), (address, prefix) => {
        const parsed = parseIp(address);
        if (parsed === undefined || parsed.family === 4) return;
        const bit = prefix - 1;
        const flipped = parsed.parts.map((part, index) => (index === bit >> 4 ? part ^ (0x8000 >> (bit & 15)) : part));
        expect(isWithin(parsed, { address: parsed, prefix })).toBe(true);
        expect(isWithin({ family: 6, parts: flipped }, { address: parsed, prefix })).toBe(false);
      }),
    );
  });

  test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '/8', 'example.com/8', '10.0.0.0/-1', '::ffff:10.0.0.0/95'])(
    '%j is no network',
    (given) => {
      expect(parseNetwork(given)).toBeUndefined();
    },
  );

  test('a mapped network is the IPv4 one', () => {
    expect(parseNetwork('::ffff:10.0.0.0/104')).toEqual(parseNetwork('10.0.0.0/8'));
  });
});

describe('the client', () => {
  const client = (
    peer: string | undefined,
    headers: Record<string, string>,
    trusted: string | undefined = '127.0.0.1,10.0.0.0/8,2001:db8:cafe::/48',
    header: ForwardingHeader = 'x-forwarded-for',
  ) => {
    const address = readTrustedProxies(trusted, 'none', header).clientOf(peer, (name) => headers[name]);
    return address === undefined ? undefined : formatIp(address);
  };
  const xff = (value: string) => ({ 'x-forwarded-for': value });

  test('is the peer, whatever it says, unless it is trusted', () => {
    expect(client('203.0.113.9', xff('198.51.100.1'))).toBe('203.0.113.9');
    expect(client('203.0.113.9', { forwarded: 'for=198.51.100.1' }, undefined, 'forwarded')).toBe('203.0.113.9');
  });

  test.each([
    ['198.51.100.1', '198.51.100.1'],
    ['1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['1.1.1.1, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['198.51.100.1:4711', '198.51.100.1'],
    ['2001:db8::7,2001:db8:cafe::1', '2001:db8::7'],
    ['1.1.1.1, unknown', '127.0.0.1'],
    ['1.1.1.1, unknown, 10.0.0.7', '10.0.0.7'],
    ['1.1.1.1, not an address', '127.0.0.1'],
    ['1.1.1.1,,', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('behind trusted proxies is found in %j from the right: %s', (value, expected) => {
    expect(client('::ffff:127.0.0.1', xff(value))).toBe(expected);
  });

  test.each([
    ['for=198.51.100.1', '198.51.100.1'],
    ['for="[2001:db8::7]:4711";proto=https;by=10.0.0.1', '2001:db8::7'],
    ['For="198.51.100.1:80", proto=http;for=10.1.2.3', '198.51.100.1'],
    ['for=1.1.1.1, for=_hidden', '127.0.0.1'],
    ['for="1.1.1.1, for=198.51.100.1', '127.0.0.1'],
    ['for=1.1.1.1;note="a, for=2.2.2.2", for=198.51.100.1', '198.51.100.1'],
    ['proto=https', '127.0.0.1'],
  ])('is read from Forwarded (RFC 7239) too: %j', (forwarded, expected) => {
    expect(client('127.0.0.1', { forwarded, ...xff('9.9.9.9') }, undefined, 'forwarded')).toBe(expected);
  });

  test('cannot choose the header: the one that proxies do not write is not read', () => {
    expect(client('127.0.0.1', { forwarded: 'for=9.9.9.9', ...xff('198.51.100.1') })).toBe('198.51.100.1');
    expect(client('127.0.0.1', { forwarded: 'for=9.9.9.9' })).toBe('127.0.0.1');
  });

  test('is never what a client wrote to the left of itself', () => {
    const anything = fc.string({ maxLength: 200 }).map((written) => written.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(anything, fc.ipV4(), (written, address) => {
        fc.pre(!address.startsWith('10.') && address !== '127.0.0.1');
        expect(client('127.0.0.1', xff(`${written}, ${address}, 10.0.0.1`))).toBe(address);
      }),
    );
  });

  test('of a chain without end is the last proxy that is followed', () => {
    expect(client('127.0.0.1', xff(`198.51.100.1,${'10.0.0.1,'.repeat(40)}10.0.0.2`))).toBe('10.0.0.1');
  });

  test('is unknown when the connection is gone', () => {
    expect(client(undefined, xff('198.51.100.1'))).toBeUndefined();
  });

  test('trusted proxies are none or loopback unless told', () => {
    expect(readTrustedProxies(undefined, 'none', 'forwarded').trusts('127.0.0.1')).toBe(false);
    expect(readTrustedProxies(undefined, 'loopback', 'forwarded').trusts('::1')).toBe(true);
    expect(readTrustedProxies(undefined, 'loopback', 'forwarded').trusts('10.0.0.1')).toBe(false);
    expect(() => readTrustedProxies('10.0.0.0/8,nonsense', 'none', 'forwarded')).toThrow(
      expect.objectContaining({ code: 'limit.bad_network', message: expect.stringContaining('nonsense') }),
    );
  });
});
