/**
 * Who the client of a request is, when it came through proxies:
 *
 *     X-Forwarded-For: spoofed, client, inner        peer
 *                                       ←  read from right to left, through trusted proxies only
 *
 * Every proxy appends whom it was asked by, so only what trusted ones appended can be believed: the client is the first
 * address from the right that is not a trusted proxy. What a client wrote itself lies further left and is never reached.
 *
 * One header is read, the one that the proxies are known to write. Reading either would let clients choose: most proxies
 * write one of them and hand the other through as it came.
 */

import { type IpAddress, type IpNetwork, isWithin, parseIp, parseNetwork } from '../../platform/ip-address.js';
import { limitErrors } from './errors.js';

export type ForwardingHeader = 'x-forwarded-for' | 'forwarded';

/** Proxies in a row that are followed; a longer chain ends here, at a trusted proxy. */
const MOST_PROXIES = 32;

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** Which peers may say whom they ask for. */
export class TrustedProxies {
  readonly #networks: readonly IpNetwork[];
  readonly #header: ForwardingHeader;

  constructor(networks: readonly IpNetwork[], header: ForwardingHeader) {
    this.#networks = networks;
    this.#header = header;
  }

  includes(address: IpAddress): boolean {
    return this.#networks.some((network) => isWithin(address, network));
  }

  /** Whether a peer's word on method, host and path is taken. */
  trusts(peer: string | undefined): boolean {
    const address = parseIp(peer ?? '');
    return address !== undefined && this.includes(address);
  }

  /**
   * The client's address; the last trusted proxy that is known where the chain is broken, hidden (`unknown`, `_secret`)
   * or all trusted. Undefined when the peer itself has none, as with a connection that is gone.
   */
  clientOf(peer: string | undefined, header: (name: string) => string | undefined): IpAddress | undefined {
    let client = parseIp(peer ?? '');
    if (client === undefined || !this.includes(client)) return client;
    const chain = readChain(this.#header, header(this.#header) ?? '');
    for (const text of chain.reverse().slice(0, MOST_PROXIES)) {
      const next = parseHop(text);
      if (next === undefined) return client;
      client = next;
      if (!this.includes(client)) return client;
    }
    return client;
  }
}

/** A comma list of networks; `fallback` where there is none. Error: `limit.bad_network`. */
export function readTrustedProxies(
  text: string | undefined,
  fallback: 'loopback' | 'none',
  header: ForwardingHeader,
): TrustedProxies {
  const words = text === undefined ? (fallback === 'loopback' ? LOOPBACK : []) : text.split(',');
  const networks = words.map((word) => {
    const network = parseNetwork(word);
    if (network !== undefined) return network;
    throw limitErrors.error(
      'limit.bad_network',
      `${JSON.stringify(word.slice(0, 64))} is not an address or a network`,
      {
        hint: '--trusted-proxies 10.0.0.0/8,2001:db8::/32',
      },
    );
  });
  return new TrustedProxies(networks, header);
}

/** The addresses, as they were appended. */
function readChain(header: ForwardingHeader, value: string): string[] {
  if (value.trim() === '') return [];
  const hops = header === 'forwarded' ? splitQuoted(value, ',') : value.split(',');
  return hops.map((hop) => (header === 'forwarded' ? forOf(hop) : hop).trim());
}

/** `for="[2001:db8::1]:4711";proto=https` → what is behind `for` (RFC 7239, section 4); '' where there is none. */
function forOf(element: string): string {
  for (const pair of splitQuoted(element, ';')) {
    const match = /^\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s]*))\s*$/i.exec(pair);
    if (match !== null) return (match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? '').trim();
  }
  return '';
}

/** An address, with a port or without: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`. */
function parseHop(text: string): IpAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(text);
  return parseIp(match?.[1] ?? match?.[2] ?? text);
}

/** At separators outside of quotes. An unfinished quote reaches to the end. */
function splitQuoted(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...pieces, text.slice(start)];
}
