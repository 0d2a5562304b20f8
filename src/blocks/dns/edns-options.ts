/** What stands in EDNS options (RFC 6891, section 6.1.2), both ways. */
import { formatIp, type IpNetwork } from '../../platform/ip-address.js';
import { OctetWriter, readUint16 } from './wire/octets.js';
import { type EdnsOption, EdnsOptionCode } from './wire.js';

/**
 * EDNS client subnet (RFC 7871, section 6):
 *
 *     family, 2 octets │ source prefix │ scope prefix │ address, as many octets as the source prefix needs
 */
export interface ClientSubnet {
  /** 1 for IPv4, 2 for IPv6; 0 says that nothing is told of the client. */
  readonly family: number;
  readonly sourcePrefix: number;
  readonly scopePrefix: number;
  /** In the form of people: `192.0.2.0`. Hexadecimal for an unknown family. */
  readonly address: string;
}

/** A query's option: bits behind the prefix are zero, the scope is 0. */
export function clientSubnetOption({ address, prefix }: IpNetwork): EdnsOption {
  const out = new OctetWriter(20);
  out.uint16(address.family === 4 ? 1 : 2);
  out.uint8(prefix);
  out.uint8(0);
  const octets = address.family === 4 ? address.parts : address.parts.flatMap((group) => [group >> 8, group & 0xff]);
  for (let i = 0; i < Math.ceil(prefix / 8); i++) {
    const kept = Math.min(8, prefix - i * 8);
    out.uint8((octets[i] ?? 0) & (0xff << (8 - kept)));
  }
  return { code: EdnsOptionCode.CLIENT_SUBNET, data: out.take() };
}

/** Undefined when the option breaks its form. */
export function readClientSubnet(data: Uint8Array): ClientSubnet | undefined {
  const [family, sourcePrefix, scopePrefix] = [readUint16(data, 0), data[2] ?? 0, data[3] ?? 0];
  const octets = data.subarray(4);
  const bits = family === 1 ? 32 : family === 2 ? 128 : undefined;
  if (data.length < 4 || octets.length > 16) return undefined;
  if (bits === undefined) return { family, sourcePrefix, scopePrefix, address: hex(octets) };
  if (sourcePrefix > bits || scopePrefix > bits || octets.length !== Math.ceil(sourcePrefix / 8)) return undefined;
  const padded = new Uint8Array(16);
  padded.set(octets);
  const parts =
    family === 1 ? [...padded.subarray(0, 4)] : Array.from({ length: 8 }, (_, index) => readUint16(padded, index * 2));
  return { family, sourcePrefix, scopePrefix, address: formatIp({ family: family === 1 ? 4 : 6, parts }) };
}

/** An extended error (RFC 8914, section 2). */
export interface ExtendedError {
  readonly code: number;
  /** For people; where it came in a message, with whatever it holds. */
  readonly text: string;
}

/** IANA, extended-dns-error-codes: those that are given here. */
export const ExtendedErrorCode = {
  OTHER: 0,
  STALE_ANSWER: 3,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const;

export function extendedErrorOption({ code, text }: ExtendedError): EdnsOption {
  return {
    code: EdnsOptionCode.EXTENDED_ERROR,
    data: Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(text)]),
  };
}

export interface ExtendedErrorOption extends ExtendedError {
  /** As IANA names the code: `Stale Answer`; undefined for a code without a name. */
  readonly name: string | undefined;
}

/** Undefined when the option is cut short. */
export function readExtendedError(data: Uint8Array): ExtendedErrorOption | undefined {
  if (data.length < 2) return undefined;
  const code = readUint16(data, 0);
  // The text may end in NUL.
  const text = Buffer.from(data.subarray(2)).toString('utf8').replace(/\0$/, '');
  return { code, name: EXTENDED_ERRORS[code], text };
}

/** IANA, extended-dns-error-codes. */
const EXTENDED_ERRORS: readonly string[] = [
  'Other',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
  'Signature Expired before Valid',
  'Too Early',
  'Unsupported NSEC3 Iterations Value',
  'Unable to conform to policy',
  'Synthesized',
  'Invalid Query Type',
];

/** RFC 7828, section 3.1: tenths of seconds; undefined where the option has none, as in queries. */
export function readKeepalive(data: Uint8Array): number | undefined {
  return data.length === 2 ? readUint16(data, 0) : undefined;
}

/** Zeros (RFC 7830) that make a message of so many octets a whole number of blocks. */
export function paddingOption(octets: number, block: number): EdnsOption {
  const withHeader = octets + 4;
  return { code: EdnsOptionCode.PADDING, data: new Uint8Array((block - (withHeader % block)) % block) };
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}
