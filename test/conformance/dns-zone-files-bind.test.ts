/** Zone files between BIND's tools and us, both ways: what we print BIND reads as the same records, and what it prints we do. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import { typeName } from '../../src/blocks/dns/wire.js';
import { parseMasterFile, printMasterFile } from '../../src/blocks/dns/zone/master-file/index.js';
import { arbitraryName, arbitraryRecord, TEMPLATES } from '../blocks/dns/zone/arbitrary-records.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const origin = Name.parse('Shop.test.');
const APEX = '$ORIGIN Shop.test.\n$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.1\n';

/** Types that BIND 9.18 does not know by name, or refuses. */
const NOT_OF_BIND: Readonly<Record<string, string>> = {
  SOA: 'stands at the origin alone',
  MD: 'obsolete, refused',
  MF: 'obsolete, refused',
  DSYNC: 'newer',
  WALLET: 'newer',
};

/** Data that BIND looks into where we do not. */
const STRICTER: Readonly<Record<string, readonly string[]>> = {
  X25: ['"311061700956"'],
  NAPTR: ['{u16} {u16} "U" "E2U+sip" "!^.*$!sip:info@example.com!i" {name}', '{u16} {u16} "" "" "" {name}'],
  RRSIG: ['MX 8 127 {seconds} 20380119031407 20260101000000 {u16} {name} {base64}'],
};

type Style = 'full' | 'relative';

/** The zone as BIND reads it, printed by BIND; undefined where it refuses it. */
function throughBind(
  text: string,
  style: Style = 'full',
): { readonly dump: string | undefined; readonly said: string } {
  const source = join(temporaryFolder(), 'zone');
  writeFileSync(source, text, 'latin1');
  // Only whether it can be read: not whether names are those of hosts, or targets are there.
  const lax = [
    '-i',
    'none',
    '-k',
    'ignore',
    '-n',
    'ignore',
    '-m',
    'ignore',
    '-M',
    'ignore',
    '-S',
    'ignore',
    '-r',
    'ignore',
  ];
  const args = [...lax, '-s', style, '-o', '-', 'Shop.test.', source];
  const { status, stdout, stderr } = spawnSync('named-checkzone', args, { encoding: 'latin1', maxBuffer: 2 ** 26 });
  return { dump: status === 0 ? stdout : undefined, said: stderr };
}

function read(text: string): ResourceRecord[] {
  return [...parseMasterFile([text], { file: 'zone', origin, zone: Name.root })];
}

/** Owners without their case, which BIND keeps once for a name; in no order; each once. */
function plain(records: readonly ResourceRecord[]): string[] {
  const lines = records.map(
    ({ name, ttl, type, rdata }) =>
      `${name.lowerCase()} ${ttl} ${typeName(type)} ${Buffer.from(rdata).toString('hex')}`,
  );
  return [...new Set(lines)].sort();
}

/** What BIND makes of it, read by us. */
function bindReads(text: string, style: Style = 'full'): string[] {
  const { dump, said } = throughBind(text, style);
  if (dump === undefined) throw new Error(`BIND refuses it: ${said}\n${text}`);
  return plain(read(dump));
}

describe.skipIf(!hasPackages('bind9-utils'))('zone files and BIND', () => {
  const known = Object.keys(TEMPLATES).filter((type) => NOT_OF_BIND[type] === undefined);

  test.each(known)('%s records are the same, printed by us and by BIND', (type) => {
    const name = arbitraryName(origin, Name.parse('other.test.'));
    const records = fc
      .sample(arbitraryRecord(type, name, STRICTER[type]), { numRuns: 12, seed: 4 })
      .map((record, index) => {
        // Types that stand alone have a name each, and all records of a name one TTL.
        const label = Uint8Array.from([...Buffer.from(`r${index}`), 0x2e, 0x00, 0xff, 0x22, 0x5c, 0x40, 0x24]);
        return { ...record, name: origin.child(label) };
      });
    const text = `${APEX}${[...printMasterFile(records, { origin })].join('\n')}\n`;
    const ours = plain([...read(APEX), ...records]);
    expect(plain(read(text))).toEqual(ours);
    for (const style of ['full', 'relative'] as const) expect(bindReads(text, style)).toEqual(ours);
  });

  test('a whole zone that we print is the same for BIND', () => {
    const text = `${APEX}www 60 A 192.0.2.2\n  TXT "a b" "c\\"d;e"\n*.pool CNAME www\n_sip._tcp SRV 0 5 5060 ns\n@ MX 10 mail.other.test.\nsub NS ns.sub\nns.sub AAAA 2001:db8::1\n`;
    const printed = [...printMasterFile(read(text), { origin })].join('\n');
    expect(bindReads(`${printed}\n`)).toEqual(plain(read(text)));
  });

  test.each([
    '1-3 h$ A 192.0.2.$',
    `1-9/4 h\${10,4,x} 30 IN A 192.0.2.\${-1}`,
    `0-20/5 h\${0,3,d} IN 60 AAAA 2001:db8::\${0,0,X}`,
    `0-2 h$ TXT "a\${-1} \${-1,4,d} \${-1,4,x} \${-3,0,o}"`,
    `250-260 h$ TXT "\${0,0,n} \${0,1,n} \${0,2,n} \${0,3,N} \${1,4,n} \${300,8,N} \${300,9,N} \${17,1,n}"`,
    `0-1 h$ TXT "\\"a $ b\\" \${0} $;c"`,
    '0-1 h$$ TXT \\$',
    `0-1 h\\$$ TXT "$$ \\\\$ \\\\\\\\$ \${0,2}"`,
    '1-2 h$ HTTPS "$ . alpn=h2"',
    '1-2 h$ TYPE1 "\\# 4 0102030$"',
    '1-2 $.sub CNAME $.h',
    '1-2 @ A 192.0.2.$',
  ])('$GENERATE %s makes the same records', (directive) => {
    const text = `${APEX}$GENERATE ${directive}\n`;
    expect(plain(read(text))).toEqual(bindReads(text));
  });

  test.each([
    ['RFC 1035 TTLs', '@ 100 SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\na 5 A 192.0.2.1\nb A 192.0.2.1\n'],
    ['TTLs of the SOA minimum', '@ SOA ns h 1 2 3 4 500\n@ NS ns\nns A 192.0.2.1\na 5 A 192.0.2.1\nb A 192.0.2.1\n'],
    ['$TTL that changes', `${APEX}a A 192.0.2.1\n$TTL 1h30m\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd A 192.0.2.1\n`],
    ['TTLs with units', `${APEX}a 1w2d A 192.0.2.1\nb IN 1H A 192.0.2.1\nc 2m3s IN A 192.0.2.1\n`],
    [
      'origins',
      `${APEX}$ORIGIN sub\nx A 192.0.2.1\n$ORIGIN deeper\n@ A 192.0.2.1\n$ORIGIN test.\nshop A 192.0.2.9\ny.shop A 192.0.2.1\n`,
    ],
    ['blank owners and comments', `${APEX}a A 192.0.2.1 ; x\n\n; y\n  TXT z\n\tTXT "; no comment"\n`],
    ['parentheses', `${APEX}a ( A\n 192.0.2.1 ) ; x\nb (\n  60 IN TXT ; y\n\n a "b ( c" ( d )\n )\nc A (192.0.2.1)\n`],
    [
      'escapes',
      `${APEX}a\\.b\\032c\\;\\"\\@ TXT a\\"b\\;c\\ d\\\\e\\065 "\\"\\\\\\200"\n\\$x A 192.0.2.1\n\\097\\098 A 192.0.2.1\n`,
    ],
    ['strings without quotes, glued and empty', `${APEX}a TXT a"b"c "" "d""e"\n`],
    [
      'unknown types and data',
      `${APEX}a TYPE731 \\# 6 abcd ( ef 01 23 45 )\nb CLASS1 TYPE1 \\# 4 0A 00 00 01\nc TYPE62347 \\# 0\n`,
    ],
    [
      'split base64 and hexadecimal',
      `${APEX}a DNSKEY 256 3 8 ( AQ\n  AB )\nb SSHFP 1 1 ( 00112233445566778899\n aabbccddeeff00112233 )\n`,
    ],
    ['owners like types and numbers', `${APEX}in IN A 192.0.2.1\nA A 192.0.2.1\n10 A 192.0.2.1\n`],
    ['carriage returns', `${APEX}a A 192.0.2.1\n  TXT "x"\nb A ( 192.0.2.1\n )\n`.replaceAll('\n', '\r\n')],
    [
      'service parameters',
      `${APEX}a HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 key999="a b\\"c" mandatory=alpn\n`,
    ],
    ['octets beyond ASCII', `${APEX}m\xfcller TXT "gr\xfc\xdfe" \xe4\n`],
  ])('both read alike: %s', (_, text) => {
    expect(plain(read(text))).toEqual(bindReads(text));
  });

  test.each([
    ['an unknown type', 'a AAA 192.0.2.1'],
    ['no type', 'a 60 IN'],
    ['a bad address', 'a A 192.0.2'],
    ['missing data', 'a MX 10'],
    ['data too many', 'a A 192.0.2.1 192.0.2.2'],
    ['a string that stays open', 'a TXT "x'],
    ['a string over two lines', 'a TXT "x\ny"'],
    ['a parenthesis that stays open', 'a A ( 192.0.2.1'],
    ['a parenthesis too many', 'a A 192.0.2.1 )'],
    ['an empty label', 'a..b A 192.0.2.1'],
    ['a label of 64 octets', `${'a'.repeat(64)} A 192.0.2.1`],
    ['a name of more than 255 octets', `${'a.'.repeat(123)}a A 192.0.2.1`],
    ['an escape beyond an octet', 'a\\256 A 192.0.2.1'],
    ['another class', 'a CH TXT x'],
    ['a type to ask for', 'a ANY x'],
    ['a TTL of 33 bits', 'a 4294967296 A 192.0.2.1'],
    ['an unknown directive', '$ORIGON a'],
    ['a directive without its word', '$TTL'],
    ['a string of 256 octets', `a TXT ${'x'.repeat(256)}`],
    ['unknown data of another length', 'a TYPE731 \\# 2 AB'],
    ['odd hexadecimal digits', 'a TYPE731 \\# 2 ABC'],
    ['a range that goes down', '$GENERATE 5-1 h$ A 192.0.2.$'],
    ['an unknown base', `$GENERATE 1-5 h\${0,2,q} A 192.0.2.$`],
  ])('both refuse %s', (_, entry) => {
    const text = `${APEX}${entry}\n`;
    expect(throughBind(text).dump).toBeUndefined();
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'dns.bad_zone_file' }));
  });
});
