/** Names under which addresses are looked up (RFC 1035, section 3.5; RFC 3596, section 2.5). */
import { parseIp } from '../../../platform/ip-address.js';
import { badWord } from './keywords.js';

/**
 * `192.0.2.1` → `1.2.0.192.in-addr.arpa.`, `2001:db8::1` → 32 nibbles below `ip6.arpa.`; the beginning of an IPv4 address
 * names a network: `192.0.2`. Error: `dns.bad_word`.
 */
export function reverseName(text: string): string {
  const address = text.includes(':') ? parseIp(text) : undefined;
  if (address?.family === 6) {
    const nibbles = address.parts.map((group) => group.toString(16).padStart(4, '0')).join('');
    return `${[...nibbles].reverse().join('.')}.ip6.arpa.`;
  }
  const octets = (address?.parts.join('.') ?? text).replace(/\.$/, '').split('.');
  const isIpv4 = octets.length <= 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  if (isIpv4) return `${octets.map(Number).reverse().join('.')}.in-addr.arpa.`;
  throw badWord(`-x ${text.slice(0, 60)} is no address`, 'write -x 192.0.2.1 or -x 2001:db8::1');
}
