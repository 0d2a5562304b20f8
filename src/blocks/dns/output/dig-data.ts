/** The data of records as dig prints it: long base64 and hexadecimal in pieces, in several lines with +multiline. */

import { hex } from '../edns-options.js';
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { readUint16 } from '../wire/octets.js';
import { typeName } from '../wire.js';
import { type DigStyle, digPeriod } from './dig-style.js';

const USUAL_PIECE = 56;
const PIECE_IN_LINES = 44;
const IN_LINES = '\n\t\t\t\t';

/** By type: how many words stand before base64 or hexadecimal, which is the rest. */
const WORDS_BEFORE_OCTETS: Readonly<Record<number, number>> = {
  24: 8, // SIG
  25: 3, // KEY
  37: 3, // CERT
  43: 3, // DS
  44: 2, // SSHFP
  45: 4, // IPSECKEY
  46: 8, // RRSIG
  48: 3, // DNSKEY
  49: 0, // DHCID
  52: 3, // TLSA
  53: 3, // SMIMEA
  59: 3, // CDS
  60: 3, // CDNSKEY
  61: 0, // OPENPGPKEY
  63: 3, // ZONEMD
  32769: 3, // DLV
};

const SIGNATURES = new Set([24, 46]);
const KEYS = new Set([48, 60]);
/** What +nocrypto leaves out. */
const CRYPTO = new Set([43, 46, 48, 59, 60, 61, 63, 32769]);
/** Begin their bracket before the first word. */
const BRACKET_FIRST = new Set([45, 49, 61]);
const SOA = 6;
const AAAA = 28;
const NSEC3 = 50;
const HIP = 55;
const DHCID = 49;

export function digData(record: ResourceRecord, style: DigStyle): string {
  const { type, rdata } = record;
  const text = printRdata(type, rdata, record.class);
  // UPDATE has records without data, in classes NONE and ANY (RFC 2136, section 2.4).
  if (text === '') return '';
  if (style.unknownFormat) return unknownData(rdata, style);
  if (text.startsWith('\\# ')) return unknownData(rdata, style);
  const before = WORDS_BEFORE_OCTETS[type];
  if (before !== undefined) return octetsData(record, text.split(' '), before, style);
  if (type === AAAA && style.expandAaaa) return hex(rdata).replace(/.{4}(?!$)/g, '$&:');
  if (!style.multiline) return text;
  if (type === SOA) return soaInLines(text.split(' '), style);
  if (type === NSEC3) return nsec3InLines(text.split(' '));
  return type === HIP ? hipInLines(text.split(' ')) : text;
}

/** `\# 40 0011…` (RFC 3597, section 5). */
function unknownData(rdata: Uint8Array, style: DigStyle): string {
  const head = `\\# ${rdata.length}`;
  if (rdata.length === 0) return head;
  const parts = pieces(hex(rdata).toUpperCase(), style);
  return style.multiline ? `${head} ( ${parts.join(IN_LINES)} )` : `${head} ${parts.join(' ')}`;
}

function octetsData(record: ResourceRecord, words: readonly string[], before: number, style: DigStyle): string {
  const { type } = record;
  const head = words.slice(0, before);
  const octets = words.slice(before).join('');
  if (octets === '') return head.join(' ');
  const omitted = !style.crypto && CRYPTO.has(type);
  const parts = omitted ? [KEYS.has(type) ? `[key id = ${keyTag(record.rdata)}]` : '[omitted]'] : pieces(octets, style);
  if (!style.multiline) return [...head, ...parts].join(' ') + commentOf(record, style, '  ');
  return inLines(record, head, parts, style);
}

function inLines(record: ResourceRecord, head: readonly string[], parts: readonly string[], style: DigStyle): string {
  const { type } = record;
  const lines = parts.join(IN_LINES);
  if (BRACKET_FIRST.has(type)) {
    const first = head.length > 0 ? `${head.join(' ')}${IN_LINES}` : '';
    return `( ${first}${lines} )${commentOf(record, style, ' ')}`;
  }
  if (SIGNATURES.has(type)) {
    return `${head.slice(0, 4).join(' ')} (${IN_LINES}${head.slice(4).join(' ')}${IN_LINES}${lines} )`;
  }
  const comment = KEYS.has(type) ? commentOf(record, style, ' ') : '';
  return `${head.join(' ')} (${IN_LINES}${lines}${comment === '' ? ' )' : `${IN_LINES})${comment}`}`;
}

/** Cut to whole fours, as base64 is. */
function pieces(text: string, { split, multiline }: DigStyle): readonly string[] {
  const wanted = split ?? (multiline ? PIECE_IN_LINES : USUAL_PIECE);
  const width = wanted === 0 ? text.length : Math.ceil(wanted / 4) * 4;
  return text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
}

const SOA_NUMBERS = ['serial', 'refresh', 'retry', 'expire', 'minimum'];

function soaInLines([primary, mailbox, ...numbers]: readonly string[], { recordComments }: DigStyle): string {
  const lines = numbers.map((number, index) => {
    if (!recordComments) return number;
    const period = index === 0 ? '' : ` (${digPeriod(Number(number), true)})`;
    return `${number.padEnd(10)} ; ${SOA_NUMBERS[index]}${period}`;
  });
  return `${primary} ${mailbox} (${IN_LINES}${lines.join(IN_LINES)}${recordComments ? IN_LINES : ''})`;
}

function nsec3InLines(words: readonly string[]): string {
  const [algorithm, flags, iterations, salt, hash, ...types] = words;
  const last = types.length > 0 ? `${IN_LINES}${types.join(' ')}` : '';
  return `${algorithm} ${flags} ${iterations} ${salt} (${IN_LINES}${hash}${last} )`;
}

function hipInLines([algorithm, tag, key, ...servers]: readonly string[]): string {
  return `( ${[`${algorithm} ${tag}`, key, ...servers].join(IN_LINES)} )`;
}

/** IANA, dns-sec-alg-numbers, by the names that BIND prints. */
const ALGORITHMS: Readonly<Record<number, string>> = {
  1: 'RSAMD5',
  3: 'DSA',
  5: 'RSASHA1',
  6: 'NSEC3DSA',
  7: 'NSEC3RSASHA1',
  8: 'RSASHA256',
  10: 'RSASHA512',
  12: 'ECCGOST',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
  16: 'ED448',
};

/** Secure entry point (RFC 4034, section 2.1.1), and revoked (RFC 5011, section 7). */
const SEP = 0x0001;
const REVOKED = 0x0080;

function commentOf({ type, rdata }: ResourceRecord, style: DigStyle, gap: string): string {
  if (!style.recordComments) return '';
  if (type === DHCID) return style.multiline ? dhcidComment(rdata, gap) : '';
  if (!KEYS.has(type)) return '';
  const flags = readUint16(rdata, 0);
  const kind = (flags & SEP) === 0 ? 'ZSK' : (flags & REVOKED) === 0 ? 'KSK' : 'revoked KSK';
  const algorithm = rdata[3] ?? 0;
  return `${gap}; ${kind}; alg = ${ALGORITHMS[algorithm] ?? algorithm} ; key id = ${keyTag(rdata)}`;
}

/** RFC 4701, section 3.3: identifier type, digest type, digest. */
function dhcidComment(rdata: Uint8Array, gap: string): string {
  return rdata.length < 3 ? '' : `${gap}; ${readUint16(rdata, 0)} ${rdata[2]} ${rdata.length - 3}`;
}

/** RFC 4034, appendix B; for RSAMD5, B.1. */
function keyTag(rdata: Uint8Array): number {
  if (rdata[3] === 1) return readUint16(rdata, rdata.length - 3);
  let sum = 0;
  for (const [index, octet] of rdata.entries()) sum += index % 2 === 0 ? octet << 8 : octet;
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

/** `TYPE1` where all is printed as of an unknown type. */
export function digType(type: number, { unknownFormat }: DigStyle): string {
  return unknownFormat ? `TYPE${type}` : typeName(type);
}
