/** Addresses: one, a range (`10.0.0.1-10.0.0.9`) or a network (`10.0.0.0/8`, `2001:db8::/32`), for `ip("…")`. */

import { type IpAddress, isWithin, parseIp, parseNetwork } from '../../../../platform/ip-address.js';

export interface IpRange {
  contains(address: string): boolean;
  /** Whether the text has an address of the range in it. */
  isIn(text: string): boolean;
}

const V4_ANYWHERE = /\d{1,3}(?:\.\d{1,3}){3}/g;
const V6_CANDIDATE = /[0-9a-fA-F:]+(?:\.\d{1,3}){0,3}/g;
const MAX_V6_LENGTH = 45;

/** Throws an Error where the text is none. */
export function parseIpRange(text: string): IpRange {
  const { family, has } = testOf(text.trim());
  return {
    contains: (address) => hasAddress(address.trim(), has),
    isIn: (line) => anyAddress(line, family, has),
  };
}

interface AddressTest {
  readonly family: 4 | 6;
  readonly has: (address: IpAddress) => boolean;
}

function testOf(text: string): AddressTest {
  const dash = text.indexOf('-');
  if (dash !== -1) return rangeTest(parseIp(text.slice(0, dash).trim()), parseIp(text.slice(dash + 1).trim()), text);
  const network = parseNetwork(text);
  if (network === undefined) throw notAnAddress(text);
  return { family: network.address.family, has: (address) => isWithin(address, network) };
}

function rangeTest(low: IpAddress | undefined, high: IpAddress | undefined, text: string): AddressTest {
  if (low === undefined || high === undefined || low.family !== high.family || compare(low, high) > 0)
    throw notAnAddress(text);
  return {
    family: low.family,
    has: (address) => address.family === low.family && compare(low, address) <= 0 && compare(address, high) <= 0,
  };
}

function compare(left: IpAddress, right: IpAddress): number {
  for (const [index, part] of left.parts.entries()) {
    const difference = part - (right.parts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function notAnAddress(text: string): Error {
  return new Error(`${JSON.stringify(text)} is no address, range (a-b) or network (a/n)`);
}

function hasAddress(text: string, has: AddressTest['has']): boolean {
  const address = parseIp(text);
  return address !== undefined && has(address);
}

function anyAddress(line: string, family: 4 | 6, has: AddressTest['has']): boolean {
  for (const [candidate] of line.matchAll(family === 4 ? V4_ANYWHERE : V6_CANDIDATE)) {
    if (candidate.length <= MAX_V6_LENGTH && hasAddress(candidate.replace(/(?<!:):$/, ''), has)) return true;
  }
  return false;
}
