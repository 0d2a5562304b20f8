/** Records of every type that has a form of its own, and of some that have none, with arbitrary names and octets. */
import fc from 'fast-check';
import { LONGEST_NAME, Name } from '../../../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';

const SIGNATURE = 'MX 8 2 {seconds} 20380119031407 20260101000000 {u16} {name} {base64}';

/** By type the text of its data, with holes. */
export const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  A: ['{ipv4}'],
  NS: ['{name}'],
  MD: ['{name}'],
  MF: ['{name}'],
  CNAME: ['{name}'],
  SOA: ['{name} {name} {u32} {seconds} {seconds} {seconds} {seconds}'],
  MB: ['{name}'],
  MG: ['{name}'],
  MR: ['{name}'],
  NULL: ['\\# 3 {hex3}'],
  PTR: ['{name}'],
  NSAP: ['0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00'],
  'NSAP-PTR': ['{name}'],
  HINFO: ['{string} {string}'],
  MINFO: ['{name} {name}'],
  MX: ['{u16} {name}'],
  TXT: ['{string}', '{string} {string} {string}'],
  RP: ['{name} {name}'],
  AFSDB: ['{u16} {name}'],
  X25: ['{string}'],
  ISDN: ['{string}', '{string} {string}'],
  RT: ['{u16} {name}'],
  SIG: [SIGNATURE],
  KEY: ['256 3 8 {base64}'],
  PX: ['{u16} {name} {name}'],
  GPOS: ['"-32.6882" "116.8652" "10.0"'],
  AAAA: ['{ipv6}'],
  LOC: ['51 30 12.748 N 0 7 39.611 W 0.00m', '0 0 0 S 180 E -100000m 0m 90000000m 0.01m'],
  SRV: ['{u16} {u16} {u16} {name}'],
  NAPTR: ['{u16} {u16} {string} {string} {string} {name}'],
  KX: ['{u16} {name}'],
  CERT: ['PKIX {u16} 8 {base64}', '65000 {u16} 0 {base64}'],
  DNAME: ['{name}'],
  APL: ['', '1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8::/32'],
  DS: ['{u16} 8 2 {hex32}'],
  SSHFP: ['4 2 {hex32}'],
  IPSECKEY: ['10 0 2 . {base64}', '10 1 2 {ipv4} {base64}', '10 2 2 {ipv6} {base64}', '10 3 2 {name} {base64}'],
  RRSIG: [SIGNATURE],
  NSEC: ['{name} A MX TYPE1234', '{name} NSEC'],
  DNSKEY: ['256 3 8 {base64}'],
  DHCID: ['{base64}'],
  NSEC3: ['1 0 10 {hex3} 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG', '1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR'],
  NSEC3PARAM: ['1 0 10 {hex3}', '1 0 0 -'],
  TLSA: ['3 1 1 {hex32}'],
  SMIMEA: ['3 1 1 {hex32}'],
  HIP: ['2 {hex32} {base64}', '2 {hex32} {base64} {name} {name}'],
  CDS: ['{u16} 8 2 {hex32}'],
  CDNSKEY: ['256 3 8 {base64}'],
  OPENPGPKEY: ['{base64}'],
  CSYNC: ['{u32} 3 A NS AAAA'],
  ZONEMD: ['{u32} 1 1 {hex48}'],
  SVCB: ['0 {name}', '1 {name} alpn="h2,h3" port=53 key667="hello\\210qoo"'],
  HTTPS: ['1 {name}', '16 {name} mandatory=ipv4hint,alpn alpn=h2 ipv4hint={ipv4} ipv6hint={ipv6}'],
  NINFO: ['{string}'],
  RKEY: ['0 3 8 {base64}'],
  TALINK: ['{name} {name}'],
  DSYNC: ['CDS NOTIFY 5300 {name}'],
  WALLET: ['{string} {string}'],
  TA: ['{u16} 8 2 {hex32}'],
  SPF: ['{string}'],
  NID: ['{u16} 14:4fff:ff20:ee64'],
  L32: ['{u16} {ipv4}'],
  L64: ['{u16} 2001:db8:1140:1000'],
  LP: ['{u16} {name}'],
  EUI48: ['00-00-5e-00-53-2a'],
  EUI64: ['00-00-5e-ef-10-00-00-2a'],
  URI: ['{u16} {u16} "https://www.example.com/a;b?c=\\"d\\""'],
  CAA: ['0 issue {string}', '128 iodef "mailto:security@example.com"'],
  AVC: ['{string}'],
  AMTRELAY: ['10 0 0 .', '10 1 1 {ipv4}', '10 0 2 {ipv6}', '10 1 3 {name}'],
  RESINFO: ['qnamemin exterr=15-17 {string}'],
  DLV: ['{u16} 8 2 {hex32}'],
  TYPE65280: ['\\# 32 {hex32}', '\\# 0'],
};

const label = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9-]{1,12}$/).map((text) => Buffer.from(text, 'latin1')),
  fc.uint8Array({ minLength: 1, maxLength: 63 }),
);

/** Names of any octets, many of them below one of `origins` or that itself. */
export function arbitraryName(...origins: readonly Name[]): fc.Arbitrary<Name> {
  const ends = origins.length === 0 ? [Name.root] : origins;
  const parts = fc.tuple(fc.array(label, { maxLength: 4 }), fc.constantFrom(...ends));
  return parts.map(([labels, end]) => {
    const all = [...labels, ...end.labels()];
    while (all.reduce((sum, one) => sum + one.length + 1, 1) > LONGEST_NAME) all.shift();
    return Name.fromLabels(all);
  });
}

const decimals = (octets: Uint8Array) => [...octets].map((octet) => `\\${String(octet).padStart(3, '0')}`).join('');
const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((octets) => Buffer.from(octets).toString('hex'));

function holes(name: fc.Arbitrary<Name>): Readonly<Record<string, fc.Arbitrary<string>>> {
  return {
    name: name.map(String),
    string: fc.oneof(
      fc.stringMatching(/^[ -!#-[\]-~]{0,40}$/).map((text) => `"${text}"`),
      fc.uint8Array({ maxLength: 255 }).map((octets) => `"${decimals(octets)}"`),
    ),
    u16: fc.nat(0xffff).map(String),
    u32: fc.nat(0xffff_ffff).map(String),
    seconds: fc.nat(2 ** 31 - 1).map(String),
    ipv4: fc.ipV4(),
    ipv6: fc.ipV6(),
    base64: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((octets) => Buffer.from(octets).toString('base64')),
    hex3: hex(3),
    hex32: hex(32),
    hex48: hex(48),
  };
}

/** The templates filled, with names from `name`. */
function arbitraryDataText(templates: readonly string[], name: fc.Arbitrary<Name>): fc.Arbitrary<string> {
  const fillings = holes(name);
  const filled = (template: string) => {
    const parts = template.split(/[{}]/);
    const texts = parts.map((part, index) =>
      index % 2 === 1 ? (fillings[part] ?? fc.constant(part)) : fc.constant(part),
    );
    return fc.tuple(...texts).map((one) => one.join(''));
  };
  return fc.oneof(...templates.map(filled));
}

export function arbitraryRecord(
  type: string,
  name: fc.Arbitrary<Name>,
  templates: readonly string[] = TEMPLATES[type] ?? [],
): fc.Arbitrary<ResourceRecord> {
  const ttl = fc.oneof(fc.constantFrom(3600, 300), fc.nat(2 ** 31 - 1));
  return fc.tuple(name, ttl, arbitraryDataText(templates, name)).map(([owner, seconds, text]) => {
    const entry = `${owner} ${seconds} ${type} ${text}`;
    for (const record of parseMasterFile([entry], { file: type, origin: Name.root })) return record;
    throw new Error(`no record: ${entry}`);
  });
}
