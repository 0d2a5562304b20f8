/**
 * IP addresses as numbers, so that one client has one name: IPv4-mapped IPv6 is IPv4, and the many spellings of an IPv6
 * address are one (RFC 5952). A zone (`fe80::1%eth0`) names an interface of ours, not the client, and is dropped.
 */

/** IPv4: 4 bytes; IPv6: 8 groups of 16 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly parts: readonly number[];
}

/** A network in CIDR notation. */
export interface IpNetwork {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** No text of an address with a zone is longer. */
const LONGEST_TEXT = 128;
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

export function parseIp(text: string): IpAddress | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  const bytes = readIpv4(text);
  if (bytes !== undefined) return { family: 4, parts: bytes };
  const zone = text.indexOf('%');
  const groups = zone === text.length - 1 ? undefined : readIpv6(zone === -1 ? text : text.slice(0, zone));
  return groups === undefined ? undefined : unmapped(groups);
}

/** `10.0.0.0/8`, `2001:db8::/32`, or an address alone. Bits behind the prefix are ignored. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim());
  const address = match === null ? undefined : parseIp(match[1] ?? '');
  if (match === null || address === undefined) return undefined;
  const bits = bitsOf(address);
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = address.family === 4 && (match[1] ?? '').includes(':');
  const prefix = match[2] === undefined ? bits : Number(match[2]) - (mapped ? 96 : 0);
  return prefix >= 0 && prefix <= bits ? { address, prefix } : undefined;
}

export function isWithin(address: IpAddress, network: IpNetwork): boolean {
  if (address.family !== network.address.family) return false;
  const masked = maskParts(address, network.prefix);
  const wanted = maskParts(network.address, network.prefix);
  return masked.every((part, index) => part === wanted[index]);
}

/** The network that the address lies in, `2001:db8:1:2::/64`; the address itself for a whole prefix. */
export function networkText(address: IpAddress, prefix: number): string {
  const bits = bitsOf(address);
  const text = formatIp({ family: address.family, parts: maskParts(address, prefix) });
  return prefix >= bits ? text : `${text}/${prefix}`;
}

/** As RFC 5952 has it: lower case, no leading zeros, the longest run of zeros shortened. */
export function formatIp({ family, parts }: IpAddress): string {
  if (family === 4) return parts.join('.');
  const { start, length } = longestZeros(parts);
  const hex = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(parts);
  return `${hex(parts.slice(0, start))}::${hex(parts.slice(start + length))}`;
}

const bitsOf = ({ family }: IpAddress) => (family === 4 ? 32 : 128);

function maskParts({ family, parts }: IpAddress, prefix: number): number[] {
  const width = family === 4 ? 8 : 16;
  return parts.map((part, index) => {
    const kept = Math.min(width, Math.max(0, prefix - index * width));
    return part & ~((1 << (width - kept)) - 1);
  });
}

/** Four decimal numbers. Leading zeros are refused: some read them as octal. */
export function readIpv4(text: string): number[] | undefined {
  if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const bytes = text.split('.');
  const valid = bytes.every((byte) => Number(byte) <= 255 && (byte === '0' || !byte.startsWith('0')));
  return valid ? bytes.map(Number) : undefined;
}

/** Eight groups of up to four hex digits; `::` for a run of zeros, once; the last two may be written as IPv4. */
export function readIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => readGroups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function readGroups(half: string, mayEndInIpv4: boolean): number[] | undefined {
  if (half === '') return [];
  const words = half.split(':');
  const ipv4 = mayEndInIpv4 ? readIpv4(words.at(-1) ?? '') : undefined;
  const hex = ipv4 === undefined ? words : words.slice(0, -1);
  if (!hex.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const groups = hex.map((word) => Number.parseInt(word, 16));
  if (ipv4 === undefined) return groups;
  const [a = 0, b = 0, c = 0, d = 0] = ipv4;
  return [...groups, a * 256 + b, c * 256 + d];
}

function unmapped(parts: number[]): IpAddress {
  if (!MAPPED.every((group, index) => parts[index] === group)) return { family: 6, parts };
  const [high = 0, low = 0] = parts.slice(6);
  return { family: 4, parts: [high >> 8, high & 0xff, low >> 8, low & 0xff] };
}

function longestZeros(parts: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < parts.length; start++) {
    let length = 0;
    while (parts[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
