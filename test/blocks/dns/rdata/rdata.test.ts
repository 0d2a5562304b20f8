import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { checkRdata, parseRdata, printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { parseType, RRClass, RRType } from '../../../../src/blocks/dns/wire.js';
import { samples } from '../samples.js';
import { words } from '../words.js';

const origin = Name.parse('example.com.');
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const parse = (type: string, text: string) => hexOf(parseRdata(parseType(type), words(text), origin));
const print = (type: string, hex: string) => printRdata(parseType(type), octets(hex));

describe.each(samples.map(({ mnemonic, text, ...rest }) => [`${mnemonic} ${text}`.slice(0, 100), text, rest] as const))(
  '%s',
  (_, text, { type, rdata }) => {
    test('is printed', () => {
      expect(printRdata(type, rdata)).toBe(text);
    });

    test('is read from text, into memory of its own', () => {
      const parsed = parseRdata(type, words(text), origin);
      expect(hexOf(parsed)).toBe(hexOf(rdata));
      expect(parsed.constructor).toBe(Uint8Array);
    });

    test('is read from the form of unknown types (RFC 3597, section 5)', () => {
      const unknown = `\\# ${rdata.length} ${hexOf(rdata)}`;
      expect(hexOf(parseRdata(type, words(unknown), origin))).toBe(hexOf(rdata));
    });

    test('is malformed when it is cut short or goes on', () => {
      // What ends in text, digits or a list has other ends that are right.
      for (let length = 0; length < rdata.length; length++) {
        const cut = rdata.slice(0, length);
        if (accepts(type, cut)) expect(parseRdata(type, words(printRdata(type, cut)), origin)).toEqual(cut);
      }
      const longer = Uint8Array.from([...rdata, 1]);
      if (accepts(type, longer)) expect(parseRdata(type, words(printRdata(type, longer)), origin)).toEqual(longer);
    });

    test('stands in memory of its own when it was printed from a part of a Buffer', () => {
      expect(printRdata(type, Buffer.concat([Buffer.from('xx'), rdata, Buffer.from('yy')]).subarray(2, -2))).toBe(text);
    });
  },
);

/** Whether the octets are data of the type; anything but `dns.malformed` is thrown on. */
function accepts(type: number, rdata: Uint8Array): boolean {
  try {
    checkRdata(type, rdata);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'dns.malformed' });
    return false;
  }
}

describe('spellings that mean the same', () => {
  test.each([
    ['MX', '10 mail', '10 mail.example.com.'],
    ['MX', '10 @', '10 example.com.'],
    ['SOA', 'ns1 hostmaster 1 2h 1h 2w 5m', 'ns1.example.com. hostmaster.example.com. 1 7200 3600 1209600 300'],
    ['TXT', 'v=spf1 -all', '"v=spf1" "-all"'],
    ['TXT', '\\065\\"b', '"A\\"b"'],
    ['TXT', '""', '""'],
    ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['AAAA', '::ffff:c000:201', '::ffff:192.0.2.1'],
    ['DS', '60485 RSASHA1 1 ( 2bb183af5f22 588179a53b0a98631fad1a292118 )'.replace(/[()] ?/g, ''), undefined],
    ['LOC', '42 21 54 N 71 06 18 W -24m 30m', '42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m'],
    ['LOC', '42 N 71 W 0', '42 0 0.000 N 71 0 0.000 W 0.00m 1m 10000m 10m'],
    ['LOC', '52 14 05 N 00 08 50 E 10m', '52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m'],
    ['LOC', '32 7 19 S 116 2 25 E 10m', '32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m'],
    ['RRSIG', 'A RSASHA1 3 1d 1048354263 20030220173103 2642 example.com. AQID', undefined],
    ['NSEC', 'host.example.com. TYPE1234 NSEC RRSIG MX A A', 'host.example.com. A MX RRSIG NSEC TYPE1234'],
    ['CERT', '1 12179 DSA MI IB', 'PKIX 12179 DSA MIIB'],
    ['NSAP', '0x47.0005.80', '0x47000580'],
    ['CAA', '0 ISSUE ca1.example.net', '0 ISSUE "ca1.example.net"'],
    ['SVCB', '1 foo port=53 alpn=h2 key667=hello', '1 foo.example.com. alpn="h2" port=53 key667="hello"'],
    ['SVCB', '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2', '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"'],
    ['SVCB', '1 . key1=h2 key3=53', undefined],
    ['HTTPS', '1 . "alpn=h2,h3"', '1 . alpn="h2,h3"'],
    ['APL', '1:10.0.0.0/32 2:::/0 !2:1234:5678::/32', '1:10.0.0.0/32 2:::/0 !2:1234:5678::/32'],
    ['TYPE1', '192.0.2.1', undefined],
    ['TYPE65280', '\\# 4 0a00 0001', '\\# 4 0A000001'],
    ['TYPE65280', '\\# 0', '\\# 0'],
    ['A', '\\# 4 0A000001', '10.0.0.1'],
  ])('%s %s', (type, text, printed) => {
    const rdata = parseRdata(parseType(type), words(text), origin);
    const again = printRdata(parseType(type), rdata);
    if (printed !== undefined) expect(again).toBe(printed);
    expect(parseRdata(parseType(type), words(again), origin)).toEqual(rdata);
  });
});

describe('text that is refused', () => {
  test.each([
    ['A', '192.0.2', '"192.0.2" is no IPv4 address'],
    ['A', '192.0.2.256', '"192.0.2.256" is no IPv4 address'],
    ['A', '192.0.2.01', '"192.0.2.01" is no IPv4 address'],
    ['A', '192.0.2.1 192.0.2.2', '"192.0.2.2" is one word too many'],
    ['A', '', 'IPv4 address is missing'],
    ['A', '\\# 3 0a0000', 'IPv4 address is cut short'],
    ['A', '\\# 4 0a0000', 'the data has 3 octets, not the 4 it says'],
    ['A', '\\# 4 0a00000', 'data is no hexadecimal: "0a00000"'],
    ['A', '\\#', 'length is "", not a number from 0 to 65535'],
    ['TYPE65280', '1.2.3.4', 'the data of this type is written \\# LENGTH HEX'],
    ['AAAA', '2001:db8', '"2001:db8" is no IPv6 address'],
    ['AAAA', '2001:db8::1::2', '"2001:db8::1::2" is no IPv6 address'],
    ['MX', 'mail', 'preference is "mail", not a number from 0 to 65535'],
    ['MX', '65536 mail', 'preference is "65536", not a number from 0 to 65535'],
    ['MX', '10 a..b', '"a..b" is no domain name: a label is empty'],
    ['SOA', 'a b 1 2 3 4', 'minimum is missing'],
    ['SOA', 'a b 1 2 3 4 4294967296', 'minimum is "4294967296", not a number from 0 to 4294967295'],
    ['SOA', 'a b 1 2 3 4 1x', 'minimum is "1x", not seconds or a time such as 1h30m'],
    ['TXT', `"${'a'.repeat(256)}"`, 'text has 256 octets, not at most 255'],
    ['TXT', '\\25', 'text has a broken escape: "\\25"'],
    ['TXT', '\\256', 'text has a broken escape: "\\256"'],
    ['TXT', 'ünï\u0100', 'text has a character beyond one octet: "ünï\u0100"'],
    ['ISDN', '1 2 3', '"3" is one word too many'],
    ['DS', '1 8 2', 'digest is missing'],
    ['DS', '1 8 2 AB', 'digest of type 2 has 1 octets, not 32'],
    ['DS', '1 8 9 ABC', 'digest is no hexadecimal: "ABC"'],
    ['ZONEMD', '1 1 240 ABCD', 'digest has 2 octets, not at least 12'],
    ['SSHFP', '1 1 ABCD', 'fingerprint of type 1 has 2 octets, not 20'],
    ['DNSKEY', '256 3 RSASHA3 AQID', 'algorithm is "RSASHA3", not a number from 0 to 255'],
    ['OPENPGPKEY', 'AQI', 'key is no base64: "AQI"'],
    ['OPENPGPKEY', 'A===', 'key is no base64: "A==="'],
    ['RRSIG', 'A 5 3 1 20030230000000 1 1 . AQID', 'expiration is "20030230000000", which is no time'],
    ['RRSIG', 'NOTYPE 5 3 1 1 1 1 . AQID', '"NOTYPE" is no record type'],
    ['NSEC', 'a. A NOTYPE', '"NOTYPE" is no record type'],
    ['NSEC3', '1 0 0 - 0', 'hash is empty'],
    ['NSEC3', '1 0 0 - WXYZ', 'hash is no base 32: "WXYZ"'],
    ['LOC', '91 N 0 E 0', '"91" stands where an angle has a number, N or S'],
    ['LOC', '90 0 1 N 0 E 0', 'an angle is beyond 90 degrees'],
    ['LOC', '42.5 N 0 E 0', '"42.5" stands where an angle has a number, N or S'],
    ['LOC', '42 60 N 0 E 0', '"60" stands where an angle has a number, N or S'],
    ['LOC', '42 1 2 3 N 0 E 0', '"3" stands where an angle has a number, N or S'],
    ['LOC', '42 N 0 E -100000.01', '"-100000.01" is no length in metres'],
    ['EUI48', '00-00-5e-00-53', 'address is "00-00-5e-00-53", not 6 octets such as 00-00-5e-00-53-2a'],
    ['NID', '10 14:4fff:ff20', 'locator "14:4fff:ff20" is not four groups'],
    ['APL', '3:192.0.2.0/24', '"3:192.0.2.0/24" is no address prefix such as 1:192.0.2.0/24'],
    ['APL', '1:192.0.2.0/33', '"1:192.0.2.0/33" is no address prefix such as 1:192.0.2.0/24'],
    ['CAA', '0 is-sue x', 'tag is "is-sue", not letters and digits'],
    ['URI', '1 1 ""', 'target is empty'],
    ['HIP', '2 2001 ""', 'a host identity is empty or too long'],
    ['IPSECKEY', '10 4 2 . AQID', 'gateway type is "4", not a number from 0 to 3'],
    ['IPSECKEY', '10 0 2 a. AQID', 'a gateway of type 0 is written ".", not "a."'],
    ['AMTRELAY', '10 2 0 .', 'discovery-optional is "2", not a number from 0 to 1'],
    ['TSIG', 'a. 1 1 5 AQIDBA== 1 0 0', 'signature has not the length it says'],
  ])('%s %s', (type, text, message) => {
    expect(() => parse(type, text)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
    expect(() => parse(type, text)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^dns\.bad_/) }));
  });
});

describe('RFC 9460, appendix D.3: service parameters that must be refused', () => {
  test.each([
    ['key123=abc key123=def', 'key123 stands twice'],
    ['mandatory', 'mandatory cannot be ""'],
    ['alpn', 'alpn cannot be ""'],
    ['port', 'port is ""'],
    ['ipv4hint', 'ipv4hint cannot be ""'],
    ['ipv6hint', 'ipv6hint cannot be ""'],
    ['alpn=h2 no-default-alpn=abc', 'no-default-alpn cannot be "abc"'],
    ['mandatory=key123', 'mandatory names key123, which is not there'],
    ['mandatory=mandatory', 'mandatory names mandatory'],
    ['mandatory=key123,key123 key123=abc', 'mandatory names key123'],
    // Not in the appendix.
    ['no-default-alpn', 'no-default-alpn says nothing without alpn'],
    ['alpn=h2,,h3', 'alpn cannot be "h2,,h3"'],
    ['alpn=h2\\\\', 'ends in a backslash'],
    ['port=65536', 'port is "65536"'],
    ['port=a', 'port is "a"'],
    ['key65535=a', '"key65535" is no service parameter'],
    ['key01=a', '"key01" is no service parameter'],
    ['Port=1', '"Port=1" is no service parameter'],
    ['ech=A', 'ech is no base64'],
  ])('%s', (parameters, message) => {
    expect(() => parse('SVCB', `1 foo.example.com. ${parameters}`)).toThrow(
      expect.objectContaining({ code: 'dns.bad_record', message: expect.stringContaining(message) }),
    );
  });
});

describe('octets that are malformed', () => {
  const header = '0001 00';
  test.each([
    ['A', '0a0000', 'IPv4 address is cut short'],
    ['A', '0a00000101', '1 octets too many'],
    ['NS', 'c00c', 'compressed or has a too long label'],
    ['NS', '40', 'compressed or has a too long label'],
    ['NS', '0161', 'name is cut short'],
    ['NS', `${'3f'.padEnd(128, '61').repeat(4)}00`, 'more than 255 octets'],
    ['TXT', '', 'text is cut short'],
    ['TXT', '0561', 'text is cut short'],
    ['NSEC', '00 0000', 'a window of a type bitmap has 0 octets'],
    ['NSEC', `00 0021${'01'.repeat(33)}`, 'a window of a type bitmap has 33 octets'],
    ['NSEC', '00 000140 000140', 'windows of a type bitmap do not rise'],
    ['NSEC', '00 0101 40 0001 40', 'windows of a type bitmap do not rise'],
    ['NSEC', '00 00024000', 'ends in a zero octet'],
    ['NSEC', '00 000240', 'type bitmap is cut short'],
    ['NSEC3', '01 00 0000 00 00', 'hash is empty'],
    ['LOC', '01 12 16 13 00000000 00000000 00000000', 'version of a location is not 0'],
    ['LOC', '00 a2 16 13 80000000 80000000 00000000', 'no decimal'],
    ['LOC', '00 02 16 13 80000000 80000000 00000000', 'no decimal'],
    ['LOC', '00 12 16 13 00000000 80000000 00000000', 'an angle of a location is too large'],
    ['APL', '0001 20 05 0102030405', 'an address prefix is too long'],
    ['APL', '0001 21 01 01', 'an address prefix is too long'],
    ['APL', '0001 20 02 0100', 'ends in a zero octet'],
    ['APL', '0003 20 01 01', 'address family 3 of a prefix is unknown'],
    ['CAA', '00 00 61', 'tag is not letters and digits'],
    ['CAA', '00 05 6973', 'tag is cut short'],
    ['URI', '0001 0001', 'target is empty'],
    ['DS', '0001 08 02', 'digest is missing'],
    ['OPENPGPKEY', '', 'key is missing'],
    ['HIP', '00 02 0000', 'a host identity is empty'],
    ['HIP', 'ff 02 ffff 00', 'host identity is cut short'],
    ['IPSECKEY', '0a 04 02 00', 'gateway type 4 is unknown'],
    ['AMTRELAY', '0a 04', 'gateway type 4 is unknown'],
    ['SVCB', `${header} 0003 0002 0035 0001 0003 026832`, 'service parameters do not rise'],
    ['SVCB', `${header} 0003 0002 0035 0003 0002 0035`, 'service parameters do not rise'],
    ['SVCB', `${header} 0003 0003 000035`, 'port has a value of 3 octets'],
    ['SVCB', `${header} 0003 0004 0035`, 'service parameter is cut short'],
    ['SVCB', `${header} 0001 0003 036832`, 'protocol identifier is cut short'],
    ['SVCB', `${header} 0001 0001 00`, 'a protocol identifier is empty'],
    ['SVCB', `${header} 0004 0003 010203`, 'ipv4hint has a value of 3 octets'],
    ['SVCB', `${header} ffff 0000`, 'service parameter key65535 is none'],
    ['SVCB', `${header} 0000 0002 0003`, 'mandatory names port'],
  ])('%s %s', (type, hex, message) => {
    expect(() => print(type, hex)).toThrow(
      expect.objectContaining({ code: 'dns.malformed', message: expect.stringContaining(message) }),
    );
    expect(() => parse(type, `\\# ${octets(hex).length} ${hex}`)).toThrow(
      expect.objectContaining({ code: 'dns.bad_record', message: expect.stringContaining(message) }),
    );
  });
});

describe('classes', () => {
  const chaosAddress = octets('036d697403656475000404');

  test('what a number means in class IN alone is passed on in others (RFC 3597, section 4)', () => {
    expect(printRdata(RRType.A, chaosAddress, RRClass.CH)).toBe('\\# 11 036D697403656475000404');
    expect(() => checkRdata(RRType.A, chaosAddress)).toThrow('too many');
    expect(printRdata(RRType.MX, octets('000a00'), RRClass.CH)).toBe('10 .');
  });

  test('class NONE stands for that of the zone, and an update may have no data (RFC 2136, section 2.4)', () => {
    expect(printRdata(RRType.A, octets('0a000001'), RRClass.NONE)).toBe('10.0.0.1');
    expect(printRdata(RRType.MX, new Uint8Array(), RRClass.ANY)).toBe('');
    expect(() => checkRdata(RRType.MX, new Uint8Array(), RRClass.ANY)).not.toThrow();
    expect(() => checkRdata(RRType.MX, new Uint8Array())).toThrow('preference is cut short');
  });
});

test('every number of a time is a time: 0 and 2^32 - 1', () => {
  const signature = (time: string) => octets(`0001 05 03 00000e10 ${time} ${time} 0001 00 010203`);
  expect(printRdata(RRType.RRSIG, signature('00000000'))).toContain('19700101000000 19700101000000');
  expect(printRdata(RRType.RRSIG, signature('ffffffff'))).toContain('21060207062815 21060207062815');
});
