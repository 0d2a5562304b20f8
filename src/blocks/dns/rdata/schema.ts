/**
 * Which fields the data of each type has, in order. A type that is not here is passed on as it is and written
 * `\# LENGTH HEX` (RFC 3597). What a type is for stands in its RFC, named beside it.
 */

import { RRClass } from '../wire/mnemonics.js';
import { addressPrefixes, amtRelay, ipsecGateway, ipv4, ipv6 } from './addresses.js';
import { type Field, type NameCompression, tooLong } from './field.js';
import { hostIdentity } from './host-identity.js';
import { location } from './location.js';
import { domainName, namesRest } from './name-field.js';
import { coveredType, instant, mnemonic, period, time48, uint } from './numbers.js';
import {
  base64Rest,
  characterString,
  characterStrings,
  counted16,
  digestRest,
  eui,
  hexRest,
  locator64,
  nextHashed,
  nsapRest,
  salt,
  tag,
  textRest,
} from './octet-fields.js';
import { serviceParameters } from './service-parameters.js';
import { typeBitmap } from './type-bitmap.js';

/** DNSSEC algorithm numbers (IANA, dns-sec-alg-numbers). */
const algorithms = {
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  NSEC3DSA: 6,
  'RSASHA1-NSEC3-SHA1': 7,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECCGOST: 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
};
const algorithm = mnemonic(1, 'algorithm', algorithms);

/** RFC 4398, section 2.1. */
const certificateType = mnemonic(
  2,
  'certificate type',
  { PKIX: 1, SPKI: 2, PGP: 3, IPKIX: 4, ISPKI: 5, IPGP: 6, ACPKIX: 7, IACPKIX: 8, URI: 253, OID: 254 },
  true,
);

/** Octets of a digest by its type (IANA, ds-rr-types): SHA-1, SHA-256, GOST, SHA-384, GOST, SM3. */
const digestLengths = { 1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32 };

/** RFC 8945, section 3, and RFC 2930, section 2.6. */
const transactionError = mnemonic(
  2,
  'error',
  {
    NOERROR: 0,
    FORMERR: 1,
    SERVFAIL: 2,
    NXDOMAIN: 3,
    NOTIMP: 4,
    REFUSED: 5,
    BADSIG: 16,
    BADKEY: 17,
    BADTIME: 18,
    BADMODE: 19,
    BADNAME: 20,
    BADALG: 21,
    BADTRUNC: 22,
  },
  true,
);

const digestFields = [uint(2, 'key tag'), algorithm, uint(1, 'digest type'), digestRest('digest', digestLengths)];
const keyFields = [uint(2, 'flags'), uint(1, 'protocol'), algorithm, base64Rest('public key', true)];
const serviceFields = [uint(2, 'priority'), domainName('target', 'never'), serviceParameters];
const certificateFields = [
  uint(1, 'usage'),
  uint(1, 'selector'),
  uint(1, 'matching type'),
  hexRest('certificate association data'),
];
const signatureFields = [
  coveredType,
  algorithm,
  uint(1, 'labels'),
  period('original TTL'),
  instant('expiration'),
  instant('inception'),
  uint(2, 'key tag'),
  domainName('signer', 'never'),
  base64Rest('signature'),
];
/** RFC 9859, section 2.1. */
const dsyncScheme = mnemonic(1, 'scheme', { NOTIFY: 1 }, true);
const target = domainName('name', 'both');
const preference = uint(2, 'preference');
const text = characterStrings('text');

const schema: Readonly<Record<number, readonly Field[]>> = {
  1: [ipv4], // A, RFC 1035
  2: [target], // NS
  3: [target], // MD
  4: [target], // MF
  5: [target], // CNAME
  6: [
    domainName('primary server', 'both'),
    domainName('mailbox', 'both'),
    uint(4, 'serial'),
    period('refresh'),
    period('retry'),
    period('expire'),
    period('minimum'),
  ], // SOA
  7: [target], // MB
  8: [target], // MG
  9: [target], // MR
  12: [target], // PTR
  13: [characterString('CPU'), characterString('operating system')], // HINFO
  14: [domainName('mailbox', 'both'), domainName('error mailbox', 'both')], // MINFO
  15: [preference, domainName('exchange', 'both')], // MX
  16: [text], // TXT
  17: [domainName('mailbox', 'read'), domainName('text name', 'read')], // RP, RFC 1183
  18: [uint(2, 'subtype'), domainName('host', 'read')], // AFSDB, RFC 1183
  19: [characterString('address')], // X25, RFC 1183
  20: [characterStrings('address', 2)], // ISDN, RFC 1183
  21: [preference, domainName('host', 'read')], // RT, RFC 1183
  22: [nsapRest], // NSAP, RFC 1706
  23: [domainName('name', 'read')], // NSAP-PTR, RFC 1348
  24: signatureFields.map((field) => (field.compression ? domainName('signer', 'read') : field)), // SIG, RFC 2535
  25: keyFields, // KEY, RFC 2535
  26: [preference, domainName('RFC 822 name', 'read'), domainName('X.400 name', 'read')], // PX, RFC 2163
  27: [characterString('longitude'), characterString('latitude'), characterString('altitude')], // GPOS, RFC 1712
  28: [ipv6], // AAAA, RFC 3596
  29: [location], // LOC, RFC 1876
  33: [uint(2, 'priority'), uint(2, 'weight'), uint(2, 'port'), domainName('target', 'read')], // SRV, RFC 2782
  35: [
    uint(2, 'order'),
    preference,
    characterString('flags'),
    characterString('services'),
    characterString('regular expression'),
    domainName('replacement', 'read'),
  ], // NAPTR, RFC 3403
  36: [preference, domainName('exchanger', 'read')], // KX, RFC 2230
  37: [certificateType, uint(2, 'key tag'), mnemonic(1, 'algorithm', algorithms, true), base64Rest('certificate')], // CERT, RFC 4398
  39: [domainName('target', 'read')], // DNAME, RFC 6672
  42: [addressPrefixes], // APL, RFC 3123
  43: digestFields, // DS, RFC 4034
  44: [uint(1, 'algorithm'), uint(1, 'fingerprint type'), digestRest('fingerprint', { 1: 20, 2: 32 })], // SSHFP, RFC 4255
  45: [ipsecGateway, base64Rest('public key', true)], // IPSECKEY, RFC 4025
  46: signatureFields, // RRSIG, RFC 4034
  47: [domainName('next name', 'never'), typeBitmap], // NSEC, RFC 4034
  48: keyFields, // DNSKEY, RFC 4034
  49: [base64Rest('digest')], // DHCID, RFC 4701
  50: [uint(1, 'hash algorithm'), uint(1, 'flags'), uint(2, 'iterations'), salt, nextHashed, typeBitmap], // NSEC3, RFC 5155
  51: [uint(1, 'hash algorithm'), uint(1, 'flags'), uint(2, 'iterations'), salt], // NSEC3PARAM, RFC 5155
  52: certificateFields, // TLSA, RFC 6698
  53: certificateFields, // SMIMEA, RFC 8162
  55: [hostIdentity, namesRest], // HIP, RFC 8005
  56: [text], // NINFO
  57: keyFields, // RKEY
  58: [domainName('start', 'never'), domainName('end', 'never')], // TALINK
  59: digestFields, // CDS, RFC 7344
  60: keyFields, // CDNSKEY, RFC 7344
  61: [base64Rest('key')], // OPENPGPKEY, RFC 7929
  62: [uint(4, 'serial'), uint(2, 'flags'), typeBitmap], // CSYNC, RFC 7477
  63: [uint(4, 'serial'), uint(1, 'scheme'), uint(1, 'hash algorithm'), digestRest('digest', { 1: 48, 2: 64 }, 12)], // ZONEMD, RFC 8976
  64: serviceFields, // SVCB, RFC 9460
  65: serviceFields, // HTTPS, RFC 9460
  66: [coveredType, dsyncScheme, uint(2, 'port'), domainName('target', 'never')], // DSYNC, RFC 9859
  99: [text], // SPF, RFC 7208
  104: [preference, locator64], // NID, RFC 6742
  105: [preference, ipv4], // L32, RFC 6742
  106: [preference, locator64], // L64, RFC 6742
  107: [preference, domainName('name', 'never')], // LP, RFC 6742
  108: [eui(6, 'address')], // EUI48, RFC 7043
  109: [eui(8, 'address')], // EUI64, RFC 7043
  249: [
    domainName('algorithm', 'never'),
    instant('inception'),
    instant('expiration'),
    uint(2, 'mode'),
    transactionError,
    counted16('key'),
    counted16('other data'),
  ], // TKEY, RFC 2930
  250: [
    domainName('algorithm', 'never'),
    time48,
    uint(2, 'fudge'),
    counted16('signature'),
    uint(2, 'original id'),
    transactionError,
    counted16('other data'),
  ], // TSIG, RFC 8945
  256: [uint(2, 'priority'), uint(2, 'weight'), textRest('target', false)], // URI, RFC 7553
  257: [uint(1, 'flags'), tag, textRest('value', true)], // CAA, RFC 8659
  258: [text], // AVC
  260: [amtRelay], // AMTRELAY, RFC 8777
  261: [text], // RESINFO, RFC 9606
  262: [text], // WALLET
  32768: digestFields, // TA
  32769: digestFields, // DLV, RFC 4431
};

/** What the wire format has to know of a type's data. */
export interface Layout {
  readonly fields: readonly Field[];
  /** A name in it may be read compressed. */
  readonly mayPoint: boolean;
  /** A name in it may be written compressed. */
  readonly compresses: boolean;
}

function layoutFrom(fields: readonly Field[]): Layout {
  const has = (...kinds: readonly NameCompression[]) => {
    return fields.some(({ compression }) => compression !== undefined && kinds.includes(compression));
  };
  return { fields, mayPoint: has('both', 'read'), compresses: has('both') };
}

const layouts: ReadonlyMap<number, Layout> = new Map(
  Object.entries(schema).map(([type, fields]) => [Number(type), layoutFrom(fields)]),
);

/** Types that only the class IN defines; in another class the number may mean something else (RFC 3597, section 4). */
const ofInternet: ReadonlySet<number> = new Set([1, 11, 22, 23, 26, 28, 33, 36, 42, 49, 64, 65]);

/** Undefined for data of no known form. Class NONE stands for the zone's own (RFC 2136, section 2.4). */
export function layoutOf(type: number, rrClass: number): Layout | undefined {
  const isKnown = rrClass === RRClass.IN || rrClass === RRClass.NONE || !ofInternet.has(type);
  return isKnown ? layouts.get(type) : undefined;
}

/** Updates have records without data; their class says so (RFC 2136, section 2.4). */
export function hasData(length: number, rrClass: number): boolean {
  return length > 0 || (rrClass !== RRClass.NONE && rrClass !== RRClass.ANY);
}

/** Checks uncompressed data. Error: `dns.malformed`. */
export function checkFields({ fields }: Layout, bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  for (const field of fields) at = field.end(bytes, at, end);
  if (at !== end) throw tooLong(end - at);
}
