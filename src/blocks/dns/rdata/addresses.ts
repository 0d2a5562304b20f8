/** Fields that are IP addresses, alone or as one of several kinds of gateway. */
import { formatIp, readIpv4, readIpv6 } from '../../../platform/ip-address.js';
import { Name } from '../name.js';
import { type OctetWriter, readUint16 } from '../wire/octets.js';
import { badRecord, type Field, malformed, need, type Words } from './field.js';
import { nameAt, nameEnd } from './name-field.js';
import { parseNumber } from './numbers.js';

export function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

export function ipv6Text(bytes: Uint8Array, offset: number): string {
  const parts = Array.from({ length: 8 }, (_, index) => readUint16(bytes, offset + index * 2));
  const isMapped = parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff;
  return isMapped ? `::ffff:${ipv4Text(bytes, offset + 12)}` : formatIp({ family: 6, parts });
}

/** Error: `dns.bad_record`. */
export function writeIpv4(text: string, out: OctetWriter): void {
  const octets = readIpv4(text);
  if (octets === undefined) throw badRecord(`"${text.slice(0, 60)}" is no IPv4 address`);
  for (const octet of octets) out.uint8(octet);
}

/** Error: `dns.bad_record`. */
export function writeIpv6(text: string, out: OctetWriter): void {
  const groups = readIpv6(text);
  if (groups === undefined) throw badRecord(`"${text.slice(0, 60)}" is no IPv6 address`);
  for (const group of groups) out.uint16(group);
}

export const ipv4: Field = {
  end: (_bytes, offset, end) => need(offset, 4, end, 'IPv4 address'),
  print: ipv4Text,
  parse: (words, out) => writeIpv4(words.next('IPv4 address').text, out),
};

export const ipv6: Field = {
  end: (_bytes, offset, end) => need(offset, 16, end, 'IPv6 address'),
  print: ipv6Text,
  parse: (words, out) => writeIpv6(words.next('IPv6 address').text, out),
};

/** Kinds of gateways, as IPSECKEY (RFC 4025, section 2.3) and AMTRELAY (RFC 8777, section 4.2.3) number them. */
const GatewayKind = { none: 0, ipv4: 1, ipv6: 2, name: 3 } as const;

function gatewayEnd(kind: number, bytes: Uint8Array, offset: number, end: number): number {
  switch (kind) {
    case GatewayKind.none:
      return offset;
    case GatewayKind.ipv4:
      return ipv4.end(bytes, offset, end);
    case GatewayKind.ipv6:
      return ipv6.end(bytes, offset, end);
    case GatewayKind.name:
      return nameEnd(bytes, offset, end);
    default:
      throw malformed(`gateway type ${kind} is unknown`);
  }
}

function gatewayText(kind: number, bytes: Uint8Array, offset: number, end: number): string {
  if (kind === GatewayKind.none) return '.';
  if (kind === GatewayKind.ipv4) return ipv4Text(bytes, offset);
  return kind === GatewayKind.ipv6 ? ipv6Text(bytes, offset) : nameAt(bytes, offset, end).toString();
}

function writeGateway(kind: number, words: Words, out: OctetWriter): void {
  const { text } = words.next('gateway');
  if (kind === GatewayKind.ipv4) writeIpv4(text, out);
  else if (kind === GatewayKind.ipv6) writeIpv6(text, out);
  else if (kind === GatewayKind.name) out.octets(Name.parse(text, words.origin).wire);
  else if (text !== '.') throw badRecord(`a gateway of type 0 is written ".", not "${text.slice(0, 60)}"`);
}

/** Precedence, gateway type, algorithm, gateway: the head of IPSECKEY (RFC 4025, section 2). */
export const ipsecGateway: Field = {
  end: (bytes, offset, end) => gatewayEnd(bytes[need(offset, 3, end, 'gateway') - 2] ?? 0, bytes, offset + 3, end),
  print(bytes, offset, end) {
    const kind = bytes[offset + 1] ?? 0;
    return `${bytes[offset]} ${kind} ${bytes[offset + 2]} ${gatewayText(kind, bytes, offset + 3, end)}`;
  },
  parse(words, out) {
    const [precedence, kind, algorithm] = ['precedence', 'gateway type', 'algorithm'].map((what, index) => {
      return parseNumber(words.next(what).text, index === 1 ? 3 : 255, what);
    });
    for (const value of [precedence, kind, algorithm]) out.uint8(value ?? 0);
    writeGateway(kind ?? 0, words, out);
  },
};

/** Precedence, discovery-optional bit and relay type, relay (RFC 8777, section 4.2). */
export const amtRelay: Field = {
  end: (bytes, offset, end) =>
    gatewayEnd((bytes[need(offset, 2, end, 'relay') - 1] ?? 0) & 0x7f, bytes, offset + 2, end),
  print(bytes, offset, end) {
    const second = bytes[offset + 1] ?? 0;
    return `${bytes[offset]} ${second >>> 7} ${second & 0x7f} ${gatewayText(second & 0x7f, bytes, offset + 2, end)}`;
  },
  parse(words, out) {
    out.uint8(parseNumber(words.next('precedence').text, 255, 'precedence'));
    const optional = parseNumber(words.next('discovery-optional').text, 1, 'discovery-optional');
    const kind = parseNumber(words.next('relay type').text, 3, 'relay type');
    out.uint8((optional << 7) | kind);
    writeGateway(kind, words, out);
  },
};

/** Address prefixes, `1:192.168.32.0/21 !1:192.168.38.0/28` (RFC 3123, section 4). */
export const addressPrefixes: Field = {
  takesRest: true,
  end(bytes, offset, end) {
    let at = offset;
    while (at < end) {
      const body = need(at, 4, end, 'address prefix');
      const length = (bytes[at + 3] ?? 0) & 0x7f;
      const family = readUint16(bytes, at);
      const bits = family === 1 ? 32 : family === 2 ? 128 : undefined;
      if (bits !== undefined && (length > bits / 8 || (bytes[at + 2] ?? 0) > bits))
        throw malformed('an address prefix is too long');
      if (bits === undefined) throw malformed(`address family ${family} of a prefix is unknown`);
      at = need(body, length, end, 'address prefix');
      // Trailing zero octets must be left out (RFC 3123, section 4.1).
      if (length > 0 && bytes[at - 1] === 0) throw malformed('an address prefix ends in a zero octet');
    }
    return at;
  },
  print(bytes, offset, end) {
    const items: string[] = [];
    for (let at = offset; at < end; ) {
      const family = readUint16(bytes, at);
      const length = (bytes[at + 3] ?? 0) & 0x7f;
      const address = new Uint8Array(16);
      address.set(bytes.subarray(at + 4, at + 4 + length));
      const negated = (bytes[at + 3] ?? 0) >= 0x80 ? '!' : '';
      const text = family === 1 ? ipv4Text(address, 0) : ipv6Text(address, 0);
      items.push(`${negated}${family}:${text}/${bytes[at + 2]}`);
      at += 4 + length;
    }
    return items.join(' ');
  },
  parse(words, out) {
    for (const { text } of words.rest()) writePrefix(text, out);
  },
};

function writePrefix(text: string, out: OctetWriter): void {
  const match = /^(!?)([12]):([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const family = Number(match?.[2]);
  const parts = (family === 1 ? readIpv4 : readIpv6)(match?.[3] ?? '');
  const prefix = Number(match?.[4]);
  if (parts === undefined || prefix > (family === 1 ? 32 : 128)) {
    throw badRecord(`"${text.slice(0, 60)}" is no address prefix such as 1:192.0.2.0/24`);
  }
  const octets = family === 1 ? parts : parts.flatMap((group) => [group >> 8, group & 0xff]);
  const kept = octets.findLastIndex((octet) => octet !== 0) + 1;
  out.uint16(family);
  out.uint8(prefix);
  out.uint8((match?.[1] === '!' ? 0x80 : 0) | kept);
  out.octets(Uint8Array.from(octets.slice(0, kept)));
}
