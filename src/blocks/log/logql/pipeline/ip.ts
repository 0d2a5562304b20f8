/** Addresses: one, a range (`10.0.0.1-10.0.0.9`) or a network (`10.0.0.0/8`, `2001:db8::/32`), for `ip("…")`. */

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface IpRange {
  contains(address: string): boolean;
  /** Whether the text has an address of the range in it. */
  isIn(text: string): boolean;
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const V4_ANYWHERE = /\d{1,3}(?:\.\d{1,3}){3}/g;
const V6_CANDIDATE = /[0-9a-fA-F:]*:[0-9a-fA-F:]*(?:\.\d{1,3}){0,3}/g;
const MAX_V6_LENGTH = 45;

/** Throws an Error where the text is none. */
export function parseIpRange(text: string): IpRange {
  const [low, high] = boundsOf(text.trim());
  const has = (address: Address | undefined) =>
    address !== undefined && address.bits === low.bits && address.value >= low.value && address.value <= high.value;
  return {
    contains: (address) => has(parseAddress(address.trim())),
    isIn: (line) => anyAddress(line, low.bits, has),
  };
}

function boundsOf(text: string): [Address, Address] {
  const slash = text.indexOf('/');
  if (slash !== -1) return networkOf(text.slice(0, slash), text.slice(slash + 1), text);
  const dash = text.indexOf('-');
  const low = parseAddress(dash === -1 ? text : text.slice(0, dash).trim());
  const high = dash === -1 ? low : parseAddress(text.slice(dash + 1).trim());
  if (low === undefined || high === undefined || low.bits !== high.bits || low.value > high.value)
    throw notAnAddress(text);
  return [low, high];
}

function networkOf(address: string, prefix: string, text: string): [Address, Address] {
  const base = parseAddress(address);
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (base === undefined || !(length <= base.bits)) throw notAnAddress(text);
  const host = (1n << BigInt(base.bits - length)) - 1n;
  return [
    { bits: base.bits, value: base.value & ~host },
    { bits: base.bits, value: base.value | host },
  ];
}

function notAnAddress(text: string): Error {
  return new Error(`${JSON.stringify(text)} is no address, range (a-b) or network (a/n)`);
}

function anyAddress(line: string, bits: number, has: (address: Address | undefined) => boolean): boolean {
  const candidates = line.matchAll(bits === 32 ? V4_ANYWHERE : V6_CANDIDATE);
  for (const [candidate] of candidates) {
    if (candidate.length <= MAX_V6_LENGTH && has(parseAddress(candidate.replace(/(?<!:):$/, '')))) return true;
  }
  return false;
}

function parseAddress(text: string): Address | undefined {
  return parseV4(text) ?? parseV6(text);
}

function parseV4(text: string): Address | undefined {
  const match = V4.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const part of match.slice(1)) {
    if (Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { bits: 32, value };
}

function parseV6(text: string): Address | undefined {
  if (text.length > MAX_V6_LENGTH || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? addressOf(head) : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return addressOf([...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

function groupsOf(half: string): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  for (const group of half.split(':')) {
    const v4 = parseV4(group);
    if (v4 !== undefined) groups.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) groups.push(Number.parseInt(group, 16));
    else return undefined;
  }
  return groups;
}

function addressOf(groups: readonly number[]): Address {
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
}
